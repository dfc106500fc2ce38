"""The record of changes, and the functions that write and keep it; their text is in enrollment/sql/changes.sql."""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SQL = (Path(__file__).resolve().parent.parent / "sql" / "changes.sql").read_text()
DROP = "DROP FUNCTION enrollment_note_change() CASCADE; DROP FUNCTION enrollment_keep_changes() CASCADE;"


class Migration(migrations.Migration):
    dependencies = [
        ("enrollment", "0006_claims"),
    ]

    operations = [
        migrations.CreateModel(
            name="Change",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(db_index=True, verbose_name="when")),
                (
                    "request_id",
                    models.UUIDField(
                        db_index=True, help_text="The same for all that one click changed.", verbose_name="request"
                    ),
                ),
                ("who", models.CharField(db_index=True, max_length=254)),
                ("from_address", models.GenericIPAddressField(null=True, verbose_name="from")),
                ("request", models.CharField(help_text="Method and address.", max_length=300)),
                ("action", models.CharField(blank=True, help_text="The action chosen in a list.", max_length=60)),
                ("model", models.CharField(max_length=80)),
                ("object_id", models.CharField(max_length=64, verbose_name="number")),
                ("object_text", models.CharField(blank=True, max_length=120, verbose_name="name")),
                (
                    "verb",
                    models.CharField(
                        choices=[("added", "added"), ("changed", "changed"), ("removed", "removed")], max_length=8
                    ),
                ),
                ("before", models.JSONField(null=True)),
                ("after", models.JSONField(null=True)),
                (
                    "about",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="customer",
                    ),
                ),
                (
                    "key",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="enrollment.apikey",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["model", "object_id"], name="change_of_object")],
            },
        ),
        migrations.RunSQL(SQL, DROP),
    ]
