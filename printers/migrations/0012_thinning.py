"""How far history is thinned, and a function that drops a month of it: one who may not alter tables may call it."""

from django.db import migrations, models

DROP_MONTH = r"""
CREATE FUNCTION printers_drop_month(oldest date, patience text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    month record;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('printers_drop_month'));
    SELECT m.relname, m.relispartition INTO month FROM pg_class m JOIN pg_class h ON h.relnamespace = m.relnamespace
     WHERE h.oid = 'printers_reading'::regclass AND m.relkind = 'r' AND m.relname ~ '^printers_reading_\d{4}_\d\d$'
       AND m.relname < 'printers_reading_' || to_char(oldest, 'YYYY_MM')
     ORDER BY m.relname LIMIT 1;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM set_config('lock_timeout', patience, true);
    -- Detached first: that is over at once. To remove a big file takes longer, and then holds up nobody.
    IF month.relispartition THEN
        EXECUTE format('ALTER TABLE printers_reading DETACH PARTITION %I', month.relname);
    ELSE
        EXECUTE format('DROP TABLE %I', month.relname);
    END IF;
    RETURN true;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("printers", "0011_trace")]

    operations = [
        migrations.CreateModel(
            name="Thinning",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField()),
                ("printer_id", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.RunSQL(DROP_MONTH, "DROP FUNCTION printers_drop_month(date, text);"),
    ]
