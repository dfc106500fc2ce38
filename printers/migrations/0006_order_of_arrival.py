"""The function that takes a report, as printers/sql/ingest.sql has it now."""

from pathlib import Path

from django.db import migrations

INGEST = (Path(__file__).resolve().parent.parent / "sql" / "ingest.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [("printers", "0005_discontinued_skus")]

    operations = [migrations.RunSQL(INGEST, migrations.RunSQL.noop)]
