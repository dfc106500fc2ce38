"""What the back office has done for it: counting."""

from celery import shared_task
from django.utils import timezone

from ars.backoffice import counting


@shared_task
def count() -> None:
    """Count the queues and the hour's figures."""
    counting.count(timezone.now())
