"""Upkeep of the history table."""

from celery import shared_task
from django.db import connection
from django.utils import timezone

MONTHS_AHEAD = 6


@shared_task
def make_partitions() -> int:
    """Make the partitions of the coming months where they are missing; returns how many were made."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT printers_make_partitions(%s, %s)", [timezone.now().date(), MONTHS_AHEAD + 1])
        return int(cursor.fetchone()[0])
