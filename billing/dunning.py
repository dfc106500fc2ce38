"""The retry plan: when a card that was refused is asked again, when its owner is reminded, and when the order ends.

All of it follows from the charges of an order and the day its payment first failed, so that a worker who comes late
does what is due now, once, and nothing of it twice.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.db import transaction
from django.utils.translation import gettext_noop

from billing import lifecycle
from billing.models import Charge, Dunning
from enrollment import lifecycle as plans
from orders import lifecycle as orders
from orders import notes, unpaid
from orders.models import Order
from printers import facts

RETRY_AFTER = tuple(timedelta(days=days) for days in (1, 3, 5, 7))  # since the card was first refused
REMIND_AFTER = (timedelta(days=5), unpaid.SET_ASIDE - timedelta(days=1))  # since the payment first failed
REMINDERS = (notes.CARD_STILL_NEEDED, notes.LAST_DAY_TO_PAY)
ENDED = gettext_noop("No payment worked in time.")
Status = Order.Status


@dataclass(frozen=True)
class Step:
    """What is done next, and when."""

    at: datetime
    what: Literal["retry", "remind", "end"]


def take_up(now: datetime) -> int:
    """Begin, or go on with, the retry plans of orders that wait for a payment and have no step due; how many."""
    idle = Order.objects.filter(status=Status.PAYMENT_FAILED, dunning__due_at=None)  # or without a plan so far
    orders_found = idle.prefetch_related("events").order_by("pk")[: facts.BATCH]
    for order in orders_found:
        with transaction.atomic():
            began_at = unpaid.since(order) or now
            plan, new = Dunning.objects.get_or_create(order=order, defaults={"began_at": began_at, "due_at": now})
            if not new:
                again = {} if plan.began_at == began_at else {"began_at": began_at, "reminders": 0}
                Dunning.objects.filter(pk=plan.pk, due_at=None).update(due_at=now, **again)
    return len(orders_found)


def act(dunning_ids: Iterable[int], now: datetime) -> None:
    """The step of each plan that is due, in a transaction of its own."""
    for dunning_id in dunning_ids:
        with transaction.atomic():
            _act(Dunning.objects.select_for_update().get(pk=dunning_id), now)


def _act(dunning: Dunning, now: datetime) -> None:
    plans.lock_plan(dunning.order.plan_id)  # a card named at this moment comes before or after, never between
    order = Order.objects.select_for_update().get(pk=dunning.order_id)
    step = next_step(dunning, now) if order.status == Status.PAYMENT_FAILED else None
    if step is not None and step.at <= now:
        STEPS[step.what](dunning, order, now)
        order.refresh_from_db()
        step = next_step(dunning, now) if order.status == Status.PAYMENT_FAILED else None
    Dunning.objects.filter(pk=dunning.pk).update(due_at=step.at if step else None, reminders=dunning.reminders)


def next_step(dunning: Dunning, now: datetime) -> Step:
    """The earliest of what is still to be done. At the same moment the card is asked before its owner is told."""
    steps = [Step(dunning.began_at + unpaid.SET_ASIDE, "end")]
    if again_at := next_retry(dunning.order, now):
        steps.append(Step(again_at, "retry"))
    if dunning.reminders < len(REMIND_AFTER):
        steps.append(Step(dunning.began_at + REMIND_AFTER[dunning.reminders], "remind"))
    return min(steps, key=lambda step: (step.at, step.what != "retry"))


def next_retry(order: Order, now: datetime) -> datetime | None:
    """When the card that was refused last is asked by itself once more; None when it is not.

    Each date counts from the card's first refusal and is good for one try, made by us or by the card's owner.
    """
    charges = list(order.charges.order_by("attempt"))
    last = charges[-1] if charges else None
    if last is None or last.settled_at is None or not lifecycle.may_try_again(last, now):
        return None
    if lifecycle.usable_card(order.plan_id) != last.card:
        return None
    first = _first_with_its_card(charges)
    dates = (first.created_at + after for after in RETRY_AFTER)
    return next((date for date in dates if date > last.created_at), None)


def _first_with_its_card(charges: list[Charge]) -> Charge:
    """The first of the attempts, the last included, that were made one after another with the last one's card."""
    first = charges[-1]
    for charge in reversed(charges):
        if charge.card_id != first.card_id:
            break
        first = charge
    return first


def _retry(dunning: Dunning, order: Order, now: datetime) -> None:
    """The plan's card is asked; whatever comes of it, this date is used up."""
    lifecycle.retry(order.pk, now, by=lifecycle.BILLING)


def _remind(dunning: Dunning, order: Order, now: datetime) -> None:
    orders.note(order, REMINDERS[dunning.reminders], now, lifecycle.BILLING, tell=True)
    dunning.reminders += 1


def _end(dunning: Dunning, order: Order, now: datetime) -> None:
    """The ink is put back, and the card pays for nothing more until its owner names it, or another one, again."""
    orders.cancel(order, now, lifecycle.BILLING, ENDED, by_customer=False, until="paid")
    plans.set_payable(order.plan_id, None)


STEPS = {"retry": _retry, "remind": _remind, "end": _end}
