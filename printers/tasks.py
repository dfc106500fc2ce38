"""Upkeep of the history table."""

import time

from celery import shared_task
from django.db import connection, transaction
from django.utils import timezone

from printers import retention
from printers.facts import SWEEP_SECONDS

MONTHS_AHEAD = 6


@shared_task
def make_partitions() -> int:
    """Make the partitions of the coming months where they are missing; returns how many were made."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{retention.PATIENCE}'")
        cursor.execute("SELECT printers_make_partitions(%s, %s)", [timezone.now().date(), MONTHS_AHEAD + 1])
        return int(cursor.fetchone()[0])


@shared_task
def keep_history() -> int:
    """Drop and thin what is old, a bounded step after the other, until nothing is left or the time is up; how many."""
    started, steps, now = time.monotonic(), 0, timezone.now()
    while time.monotonic() - started < SWEEP_SECONDS and (retention.drop(now) or retention.thin(now)):
        steps += 1
    return steps
