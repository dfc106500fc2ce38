"""Each payment taken has a receipt number; those taken before get theirs in the order in which they settled."""

from typing import Any

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.models import Q

TAKEN = Q(status="paid") | Q(outcome="paid_too_late")


def number_what_was_taken(apps: Apps, schema_editor: Any) -> None:
    charges = apps.get_model("billing", "Charge").objects.using(schema_editor.connection.alias)
    taken = charges.filter(TAKEN).order_by("settled_at", "pk").values_list("pk", "settled_at")
    with schema_editor.connection.cursor() as cursor:
        for pk, settled_at in list(taken):
            cursor.execute("SELECT nextval('billing_receipt')")
            (count,) = cursor.fetchone()
            assert settled_at is not None  # by constraint
            charges.filter(pk=pk).update(receipt_number=f"R-{settled_at.year}-{count:06}")


class Migration(migrations.Migration):
    dependencies = [("billing", "0005_money")]

    operations = [
        migrations.RunSQL("CREATE SEQUENCE billing_receipt", "DROP SEQUENCE billing_receipt"),
        migrations.AddField(
            model_name="charge",
            name="receipt_number",
            field=models.CharField(blank=True, max_length=20, null=True, unique=True),
        ),
        migrations.RunPython(number_what_was_taken, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="charge",
            constraint=models.CheckConstraint(
                condition=Q(receipt_number=None) | TAKEN, name="receipt_is_of_money_taken"
            ),
        ),
    ]
