"""The function that takes a report; its text is in printers/sql/ingest.sql."""

from pathlib import Path

from django.db import migrations

INGEST = (Path(__file__).resolve().parent.parent / "sql" / "ingest.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [("printers", "0002_readings")]

    operations = [migrations.RunSQL(INGEST, "DROP FUNCTION printers_ingest;")]
