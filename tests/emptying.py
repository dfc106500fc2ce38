"""Empties the database after a test that commits: rows are deleted, far quicker than each table is made anew.

Django truncates every table and then does what `migrate` does in the end. Here what `migrate` wrote is kept, unless
the test has changed it.
"""

from django.core.management.sql import emit_post_migrate_signal
from django.db import connection

MIGRATED = ("auth_group_permissions", "auth_group", "auth_permission", "django_content_type")
LARGE = 1_000_000  # bytes: from there on making every table anew is quicker than deleting
EMPTY = """
DO $$
DECLARE
    ours regclass[];
    one regclass;
BEGIN
    PERFORM set_config('session_replication_role', 'replica', true);  -- no trigger and no foreign key is asked
    SELECT array_agg(oid) INTO ours FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
        AND relname <> 'django_migrations' AND relname <> ALL ('{{{kept}}}');
    -- Waits, as TRUNCATE does, for a thread that still writes: nothing of it may come afterwards.
    EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', array_to_string(ours, ', '));
    IF (SELECT max(pg_relation_size(oid)) FROM pg_class WHERE relnamespace = 'public'::regnamespace) > {large} THEN
        EXECUTE 'TRUNCATE ' || array_to_string(ours, ', ');
    ELSE
        FOREACH one IN ARRAY ours LOOP
            EXECUTE format('DELETE FROM %s', one);
        END LOOP;
    END IF;
END $$
"""
# Else the database would plan the next test's questions for the pages that this one's rows have left.
WRITTEN = """
SELECT string_agg(oid::regclass::text, ', ') FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > 0
    AND relname <> 'django_migrations' AND relname <> ALL (%s)
"""
SUMS = " UNION ALL ".join(f"SELECT sum(hashtextextended(kept::text, 0)) FROM {table} kept" for table in MIGRATED)


class Emptying:
    """Of one database, which has just been migrated."""

    def __init__(self) -> None:
        self._migrated = self._sums()

    def __call__(self) -> None:
        """Leave what `migrate` leaves."""
        if self._sums() == self._migrated:
            self._delete(*MIGRATED)
        else:
            self._delete()
            emit_post_migrate_signal(verbosity=0, interactive=False, db=connection.alias)
            self._migrated = self._sums()

    def _sums(self) -> list[int]:
        """What tells whether a row of MIGRATED is another now."""
        with connection.cursor() as cursor:
            cursor.execute(SUMS)
            return [total for (total,) in cursor.fetchall()]

    def _delete(self, *kept: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(EMPTY.format(kept=",".join(kept), large=LARGE))
            cursor.execute(WRITTEN, [list(kept)])
            if tables := cursor.fetchone()[0]:
                cursor.execute(f"VACUUM {tables}")
