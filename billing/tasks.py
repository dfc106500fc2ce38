"""Celery's entry points: begin the charges of new parcels, and ask Stripe for the outcomes of those begun."""

import logging
import time
from collections.abc import Callable
from datetime import datetime

from celery import shared_task
from django.utils import timezone

from billing import charging, closing, dunning, expiry, lifecycle, webhooks
from billing.leases import LEASE
from billing.models import Card, Charge, Dunning, Refund
from billing.reconciliation import running
from billing.refunds import asking
from billing.refunds import lifecycle as refunds
from orders.models import Dispatch, ReturnReceipt
from printers.facts import SWEEP_SECONDS, Fact, claim, sweep

log = logging.getLogger(__name__)


@shared_task
def sweep_dispatches() -> int:
    """Begin the charges of new parcels."""
    return sweep(Dispatch, lifecycle.begin_all)


@shared_task
def sweep_charges() -> int:
    """Ask Stripe for outcomes, a few at a time; how many charges were looked at."""
    until, asked = time.monotonic() + SWEEP_SECONDS, 0

    def take(limit: int) -> list[int]:
        nonlocal asked
        in_time = time.monotonic() < until
        taken = claim(Charge, now=timezone.now(), lease=LEASE, limit=limit) if in_time else []
        asked += len(taken)
        return taken

    charging.advance_all(take)
    return asked


@shared_task
def sweep_dunning() -> int:
    """Take the steps of retry plans that are due, and begin those of orders whose payment failed."""
    dunning.take_up(timezone.now())
    return sweep(Dunning, dunning.act)


@shared_task
def reconcile() -> int:
    """Compare the books of the last days with Stripe's; how many differences are new."""
    now = timezone.now()
    return running.reconcile(now - running.NIGHTLY, now, now).differences.count()


@shared_task
def forget_events() -> int:
    """Delete Stripe's raw events after their time."""
    return webhooks.forget(timezone.now())


@shared_task
def sweep_returns() -> int:
    """Begin the refunds of what came back."""
    return sweep(ReturnReceipt, begin_refunds)


@shared_task
def sweep_refunds() -> int:
    """Ask Stripe for refunds, one at a time: none waits under a lease behind another whose answer is slow."""
    return _one_by_one(Refund, asking.advance)


def _one_by_one(facts: type[Fact], advance: Callable[[int, datetime], None]) -> int:
    """Claim and bring forward one fact after another, until none is due or the time is up; how many."""
    until, asked = time.monotonic() + SWEEP_SECONDS, 0
    while time.monotonic() < until and (taken := claim(facts, now=timezone.now(), lease=LEASE, limit=1)):
        try:
            advance(taken[0], timezone.now())
        except Exception:
            name = facts._meta.verbose_name
            log.exception("%s %s could not be brought forward; it is tried again after its lease", name, taken[0])
        asked += 1
    return asked


@shared_task
def stop_expired_cards() -> int:
    """What is ordered from now on waits for a card, where the one there is has expired; how many plans that are."""
    return expiry.stop(timezone.now())


@shared_task
def sweep_cards() -> int:
    """Take away the cards of deleted accounts, one at a time; how many were looked at."""
    until, asked = time.monotonic() + SWEEP_SECONDS, 0
    while time.monotonic() < until and (taken := claim(Card, now=timezone.now(), lease=LEASE, limit=1)):
        closing.take_away(taken[0], timezone.now())
        asked += 1
    return asked


def begin_refunds(receipt_ids: list[int], now: datetime) -> None:
    """Each in a transaction of its own."""
    for receipt_id in receipt_ids:
        refunds.begin(receipt_id, now)
