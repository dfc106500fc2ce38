"""`manage.py unused_indexes`: which indexes nobody has read since the statistics began, and what each takes up."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection

# An index of a partitioned table has one of its own in each partition: it is read when one of them is.
UNUSED = """
WITH RECURSIVE of_whole AS (
    SELECT i.indexrelid AS whole, i.indexrelid AS part FROM pg_index i
     WHERE NOT EXISTS (SELECT FROM pg_inherits h WHERE h.inhrelid = i.indexrelid)
    UNION ALL
    SELECT w.whole, h.inhrelid FROM of_whole w JOIN pg_inherits h ON h.inhparent = w.part
)
SELECT i.indrelid::regclass::text, i.indexrelid::regclass::text,
       sum(pg_relation_size(w.part)), pg_size_pretty(sum(pg_relation_size(w.part)))
  FROM of_whole w
  JOIN pg_index i ON i.indexrelid = w.whole
  JOIN pg_class t ON t.oid = i.indrelid
  JOIN pg_namespace n ON n.oid = t.relnamespace AND n.nspname = current_schema()
  LEFT JOIN pg_stat_user_indexes s ON s.indexrelid = w.part
 WHERE NOT i.indisunique
 GROUP BY i.indrelid, i.indexrelid
HAVING coalesce(sum(s.idx_scan), 0) = 0
 ORDER BY 3 DESC, 2
"""
SINCE = """
SELECT coalesce(stats_reset::text, 'the database was made') FROM pg_stat_database WHERE datname = current_database()
"""


class Command(BaseCommand):
    """Unique indexes earn their place by what they refuse, and are left out."""

    help = "List the indexes that were never read since the statistics began, the largest first."

    def handle(self, *args: Any, **options: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(SINCE)
            self.stdout.write(f"Never read since {cursor.fetchone()[0]}, unique ones aside:")
            cursor.execute(UNUSED)
            found = cursor.fetchall()
        for table, index, _, size in found:
            self.stdout.write(f"{size:>10}  {table:<32} {index}")
        self.stdout.write(f"{len(found)} indexes.")
