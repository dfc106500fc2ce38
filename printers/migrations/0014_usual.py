"""The function that takes a report is told how the printer's row looks if the report is like nearly all.

As in 0011 it takes that as one parameter more, and stands beside the one that web processes of the version before call;
a later migration drops that. The one before both is called by nobody any more.
"""

from pathlib import Path

from django.db import migrations

INGEST = (Path(__file__).resolve().parent.parent / "sql" / "ingest.sql").read_text()
FORGET = "DROP FUNCTION printers_ingest(bytea, timestamptz, timestamptz, text, boolean, text, jsonb);"
DROP = "DROP FUNCTION IF EXISTS printers_ingest(bytea, timestamptz, timestamptz, jsonb, boolean);"


class Migration(migrations.Migration):
    dependencies = [("printers", "0013_what_grows")]

    operations = [migrations.RunSQL(INGEST, FORGET), migrations.RunSQL(DROP, migrations.RunSQL.noop)]
