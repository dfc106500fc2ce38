"""The history table: partitioned by month, so that retention is a DROP and each month's index stays small."""

from django.db import migrations

TABLE = """
CREATE TABLE printers_reading (
    printer_id bigint NOT NULL,
    slot_id bigint NOT NULL,
    observed_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    level smallint,
    low boolean NOT NULL,
    genuine boolean,
    serial varchar(64) NOT NULL,
    replaced boolean NOT NULL,
    CONSTRAINT reading_level_in_percent CHECK (level BETWEEN 0 AND 100),
    PRIMARY KEY (printer_id, slot_id, observed_at)
) PARTITION BY RANGE (observed_at);
CREATE TABLE printers_reading_default PARTITION OF printers_reading DEFAULT;
-- The row of a printer is rewritten by every report: room on its page keeps those writes off the indexes (HOT).
ALTER TABLE printers_printer SET (fillfactor = 70);
"""

# Months are made by name and only where none stands: the sweep and several workers may call it at once.
MAKE_PARTITIONS = """
CREATE FUNCTION printers_make_partitions(first_month date, months integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    month date;
    made integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('printers_make_partitions'));
    FOR i IN 0 .. months - 1 LOOP
        month := date_trunc('month', first_month) + make_interval(months => i);
        IF to_regclass('printers_reading_' || to_char(month, 'YYYY_MM')) IS NULL THEN
            EXECUTE format(
                'CREATE TABLE %I PARTITION OF printers_reading FOR VALUES FROM (%L) TO (%L)',
                'printers_reading_' || to_char(month, 'YYYY_MM'),
                to_char(month, 'YYYY-MM-DD') || ' 00:00:00+00',
                to_char(month + interval '1 month', 'YYYY-MM-DD') || ' 00:00:00+00'
            );
            made := made + 1;
        END IF;
    END LOOP;
    RETURN made;
END $$;
"""
# Two years back for late and imported history, half a year ahead.
FIRST = "SELECT printers_make_partitions((now() - interval '24 months')::date, 31);"


class Migration(migrations.Migration):
    dependencies = [("printers", "0001_initial")]

    operations = [
        migrations.RunSQL(TABLE, "DROP TABLE printers_reading;"),
        migrations.RunSQL(MAKE_PARTITIONS, "DROP FUNCTION printers_make_partitions(date, integer);"),
        migrations.RunSQL(FIRST, migrations.RunSQL.noop),
    ]
