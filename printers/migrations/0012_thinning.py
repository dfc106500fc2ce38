"""How far history is thinned."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("printers", "0011_trace")]

    operations = [
        migrations.CreateModel(
            name="Thinning",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField()),
                ("printer_id", models.BigIntegerField(default=0)),
            ],
        ),
    ]
