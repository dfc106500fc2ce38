"""What is done for those who run the service: counting for the back office, and a sign of life for operators."""

from datetime import UTC, datetime

from celery import Task, shared_task
from django.utils import timezone

from ars.backoffice import counting
from ars.models import Tick


@shared_task
def count() -> None:
    """Count the queues and the hour's figures."""
    counting.count(timezone.now())


@shared_task(bind=True)
def tick(self: Task[[str], None], queue: str) -> None:
    """Note that beat sent this, and that a worker of `queue` took it."""
    now = timezone.now()
    sent = getattr(self.request, "sent_at", None)  # ars.celery writes it on every message, in seconds
    times = {"sent_at": datetime.fromtimestamp(sent, UTC) if sent else now, "ran_at": now}
    Tick.objects.update_or_create(queue=queue, defaults=times)
