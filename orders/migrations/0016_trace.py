"""Orders keep the id of the report, or of the request, that made them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0015_at_wish")]

    operations = [
        migrations.AddField(
            model_name="order",
            name="trace",
            field=models.CharField(blank=True, db_default="", default="", editable=False, max_length=64),
        ),
    ]
