"""What printers are found by: how their serial number begins."""

import django.db.models.functions.comparison
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("printers", "0007_low_signal_received"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="printer",
            index=models.Index(
                django.db.models.functions.comparison.Collate(
                    django.db.models.functions.text.Upper("serial_number"), "C"
                ),
                condition=models.Q(("serial_number", ""), _negated=True),
                name="printer_serial_as_typed",
            ),
        ),
    ]
