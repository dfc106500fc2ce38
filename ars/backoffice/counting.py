"""Counts the queues and the hour's figures, so that the first page reads a few rows however much there is to count."""

from datetime import datetime

from ars.backoffice import figures, marks
from ars.backoffice.queues import QUEUES, Queue
from ars.models import QueueCount

OF_QUEUE = "queue-"  # before the slug: the name of the figure that keeps how full a queue was


def count(now: datetime) -> None:
    """Count everything that may have changed, and write it over what was counted before."""
    last = dict(QueueCount.objects.values_list("queue", "counted_at"))
    due = (queue for queue in QUEUES.values() if queue.slug not in last or last[queue.slug] + queue.recount <= now)
    counts = [_of(queue, now) for queue in due]
    fields = ["count", "late", "oldest", "counted_at"]
    QueueCount.objects.bulk_create(counts, update_conflicts=True, unique_fields=["queue"], update_fields=fields)
    hour = figures.hour_of(now)
    figures.keep((f"{OF_QUEUE}{each.queue}", hour, each.count) for each in counts)
    figures.count(now)
    marks.forget(now)


def _of(queue: Queue, now: datetime) -> QueueCount:
    rows = queue.rows(now)
    oldest = rows.values_list(queue.since, flat=True).first()
    count, late = (rows.count(), queue.late(now).count()) if oldest else (0, 0)
    return QueueCount(queue=queue.slug, count=count, late=late, oldest=oldest, counted_at=now)
