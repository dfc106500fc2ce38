"""What the worker runs: read steps and decisions, look what time has made due, send the mails."""

import time

from celery import shared_task
from django.utils import timezone

from billing.models import Dispute, Reconciliation
from enrollment.models import Closure, PlanEvent
from notifications import books, disputes, farewell, outbox, reminders
from notifications.webhooks import deliveries
from orders.models import Decision, OrderEvent
from printers import facts


@shared_task
def sweep_order_events() -> int:
    """Keep the mails of what happened to orders since; how many steps were read."""
    return facts.sweep(OrderEvent, outbox.read_events)


@shared_task
def sweep_plan_events() -> int:
    """Keep the mails of what happened to plans since; how many steps were read."""
    return facts.sweep(PlanEvent, outbox.read_plan_events)


@shared_task
def sweep_closures() -> int:
    """Bring deleted accounts a step nearer to their end; how many were looked at."""
    return facts.sweep(Closure, farewell.see_off)


@shared_task
def sweep_reconciliations() -> int:
    """Tell staff where our books and Stripe's differ; how many comparisons were read."""
    return facts.sweep(Reconciliation, books.tell)


@shared_task
def sweep_disputes() -> int:
    """Tell staff of payments that are disputed, or are no more; how many disputes were read."""
    return facts.sweep(Dispute, disputes.tell)


@shared_task
def sweep_decisions() -> int:
    """Keep the mails of what was decided, or is asked again; how many decisions were read."""
    return facts.sweep(Decision, outbox.read_decisions)


@shared_task
def remind() -> int:
    """Keep the mails that time alone makes; how many were made."""
    return reminders.remind(timezone.now())


@shared_task
def sweep_messages() -> int:
    """Send mails, each claimed when its turn comes, until none is due or the time is up; how many were tried."""
    until, tried = time.monotonic() + facts.SWEEP_SECONDS, 0
    while time.monotonic() < until and outbox.send_next(timezone.now()):
        tried += 1
    return tried


@shared_task
def sweep_deliveries() -> int:
    """Send what partners are told, in the same manner; how many messages were tried."""
    until, tried = time.monotonic() + facts.SWEEP_SECONDS, 0
    while time.monotonic() < until and deliveries.send_next(timezone.now()):
        tried += 1
    return tried


@shared_task
def forget_deliveries() -> int:
    """Delete what partners were told 90 days ago; how many messages."""
    return deliveries.forget(timezone.now())
