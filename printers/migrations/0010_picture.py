"""A drawing for a model's public page."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("printers", "0009_usual_reports"),
    ]

    operations = [
        migrations.AddField(
            model_name="printermodel",
            name="picture",
            field=models.CharField(
                blank=True,
                choices=[
                    ("inkjet", "Inkjet printer that copies and scans"),
                    ("photo", "Photo printer"),
                    ("portable", "Portable printer"),
                    ("laser", "Laser printer"),
                    ("laser_all", "Laser printer that copies and scans"),
                ],
                help_text="A drawing of its kind on its public page; empty: none.",
                max_length=9,
            ),
        ),
    ]
