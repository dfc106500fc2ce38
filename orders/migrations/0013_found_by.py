"""What orders are found by: six digits of their number in a row, how a tracking number begins."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.functions.comparison
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("enrollment", "0009_notes_and_callers"),
        ("orders", "0012_pack_station"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="order",
            index=django.contrib.postgres.indexes.GinIndex(
                models.Func(
                    django.db.models.functions.text.Substr("number", 1, 6),
                    django.db.models.functions.text.Substr("number", 2, 6),
                    django.db.models.functions.text.Substr("number", 3, 6),
                    django.db.models.functions.text.Substr("number", 4, 6),
                    output_field=django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None),
                    template="ARRAY[%(expressions)s]",
                ),
                name="order_runs_of_number",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                django.db.models.functions.comparison.Collate(
                    django.db.models.functions.text.Upper("tracking_number"), "C"
                ),
                condition=models.Q(("tracking_number", ""), _negated=True),
                name="order_tracking_as_typed",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["parcels"], name="order_parcels", opclasses=["jsonb_path_ops"]
            ),
        ),
    ]
