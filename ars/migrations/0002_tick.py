from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ars", "0001_back_office")]

    operations = [
        migrations.CreateModel(
            name="Tick",
            fields=[
                ("queue", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("sent_at", models.DateTimeField()),
                ("ran_at", models.DateTimeField()),
            ],
        ),
    ]
