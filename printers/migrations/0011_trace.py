"""Signals keep the id of the report that made them.

The function takes it as one parameter more, and so stands beside the one without it: web processes of the version
before go on calling that one until the last of them is replaced, and the column's default in the database is for its
rows. A later migration drops it.
"""

from pathlib import Path

from django.db import migrations, models

INGEST = (Path(__file__).resolve().parent.parent / "sql" / "ingest.sql").read_text()
FORGET = "DROP FUNCTION IF EXISTS printers_ingest(bytea, timestamptz, timestamptz, jsonb, boolean, text);"


class Migration(migrations.Migration):
    dependencies = [("printers", "0010_picture")]

    operations = [
        migrations.AddField(
            model_name="lowsignal",
            name="trace",
            field=models.CharField(blank=True, db_default="", default="", editable=False, max_length=64),
        ),
        migrations.RunSQL(INGEST, FORGET),
    ]
