"""How a charge begins: with a packed parcel, or once more after one was refused."""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.utils.translation import gettext_noop

from billing import declines
from billing.models import Card, Charge, PlanCard
from billing.models.charges import LIVE
from enrollment import lifecycle as plans
from enrollment.models import Plan
from orders import lifecycle as orders
from orders import taxes
from orders.models import Dispatch, Order
from printers import tracing
from printers.facts import nudge

log = logging.getLogger(__name__)

BILLING = "billing"
CUSTOMER = "customer"  # waits before the page for the bank's answer
MOST_TRIES = 15  # of an amount with a card in 30 days: Visa's limit (https://support.stripe.com), the lowest there is
TRIES_COUNT_FOR = timedelta(days=30)
TOO_LITTLE = gettext_noop("The amount is too small to charge, so it is on us.")
STRIPE_MINIMUM_CENTS = 50  # in US dollars: https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts

Status = Charge.Status


def begin(dispatch_id: int, now: datetime) -> Charge | None:
    """Start the charge of a packed parcel, or settle at once that there is none. None: that was done before."""
    return next(iter(begin_all([dispatch_id], now)), None)


def begin_all(dispatch_ids: Collection[int], now: datetime) -> list[Charge]:
    """The same for many, all of them or none: a parcel whose card is to be charged costs no query of its own."""
    with transaction.atomic():
        due = Dispatch.objects.filter(pk__in=dispatch_ids, due_at__isnull=False).select_related("order")
        dispatches = list(due.select_for_update(of=["self"], no_key=True).order_by("pk"))
        Dispatch.objects.filter(pk__in=[each.pk for each in dispatches]).update(due_at=None)
        plan_ids = {each.order.plan_id for each in dispatches if not _why_free(each.order)}
        plans.lock_plans(plan_ids)  # a card named at this moment comes before or after, never between
        cards, earlier = usable_cards(plan_ids), _charges_of(dispatches)
        begun = []
        for dispatch in dispatches:
            if _may_begin(dispatch, earlier[dispatch.order_id]):
                attempt = len(earlier[dispatch.order_id]) + 1
                begun.append(_begun(dispatch, attempt, cards.get(dispatch.order.plan_id), now))
                earlier[dispatch.order_id].append(begun[-1])
        pending = Charge.objects.bulk_create(charge for charge in begun if charge.status == Status.PENDING)
        for charge in pending:
            tell(charge)
        if pending:
            nudge("charge")
    return begun


def tell(charge: Charge) -> None:
    """Log how a charge stands now, once that is committed."""
    transaction.on_commit(partial(_log, charge, charge.status), robust=True)


def _log(charge: Charge, status: str) -> None:
    with tracing.under(charge.order.trace):
        log.info("order %s: charge %s, attempt %s: %s", charge.order, charge.pk, charge.attempt, status)


def _charges_of(dispatches: Iterable[Dispatch]) -> defaultdict[int, list[Charge]]:
    """The charges there are, by order."""
    found: defaultdict[int, list[Charge]] = defaultdict(list)
    for charge in Charge.objects.filter(order__in=[each.order_id for each in dispatches]):
        found[charge.order_id].append(charge)
    return found


def _may_begin(dispatch: Dispatch, earlier: Iterable[Charge]) -> bool:
    order = dispatch.order
    if order.status == Order.Status.PACKED and all(charge.status not in LIVE for charge in earlier):
        return True
    log.error("order %s is %s and cannot be charged for %s: see to it", order, order.status, dispatch)
    return False


def _begun(dispatch: Dispatch, attempt: int, card: Card | None, now: datetime) -> Charge:
    """The charge of a parcel: settled where Stripe is not to be asked, else due and not saved yet."""
    charge = _attempt(dispatch, dispatch.order, attempt, now)
    if reason := _why_free(dispatch.order):
        _waive(charge, reason, now)
    elif card is None:
        _without_card(charge, now)
    else:
        charge.card, charge.due_at = card, now
    return charge


def usable_card(plan_id: int) -> Card | None:
    """The card that pays for a plan, if there is one Stripe keeps for its owner."""
    return usable_cards([plan_id]).get(plan_id)


def usable_cards(plan_ids: Collection[int]) -> dict[int, Card]:
    """The same of several, by plan."""
    usable = PlanCard.objects.filter(card__removed_at=None, card__user__stripe_customer__isnull=False)
    return {found.plan_id: found.card for found in usable.filter(plan__in=plan_ids).select_related("card")}


def _why_free(order: Order) -> tuple[str, str] | None:
    """The code kept on a charge that is waived, and its sentence; None when the order is to be charged."""
    if order.is_test:
        return "test_printer", gettext_noop("A test printer's order: nothing charged.")
    if order.kind == Order.Kind.REPLACEMENT:
        return "replacement", gettext_noop("It replaces one you had, free of charge.")
    if order.total_cents == 0:
        return "nothing_to_pay", gettext_noop("Nothing to pay.")
    if order.total_cents < STRIPE_MINIMUM_CENTS:
        return "below_minimum", TOO_LITTLE
    return None


def new_attempt(dispatch: Dispatch, order: Order, now: datetime) -> Charge:
    """The next attempt to charge a parcel. Not saved."""
    return _attempt(dispatch, order, order.charges.count() + 1, now)


def _attempt(dispatch: Dispatch, order: Order, attempt: int, now: datetime) -> Charge:
    return Charge(
        order=order,
        dispatch=dispatch,
        attempt=attempt,
        amount_cents=order.total_cents,
        currency=order.currency,
        created_at=now,
    )


def _waive(charge: Charge, reason: tuple[str, str], now: datetime) -> None:
    taxes.drop(charge.order)
    charge.amount_cents = charge.order.total_cents
    charge.status, charge.settled_at = Status.WAIVED, now
    charge.outcome, note = reason
    charge.save(force_insert=True)
    orders.ship(charge.order_id, now, by="billing", note=note)


def _without_card(charge: Charge, now: datetime) -> None:
    charge.status, charge.settled_at, charge.outcome = Status.DECLINED, now, "no_card"
    charge.save(force_insert=True)
    orders.hold(charge.order_id, now, by="billing", note=declines.NO_CARD)


def retry_all(plan: Plan, now: datetime) -> None:
    """The plan's card is another one: charge it for whatever waits packed. The caller holds the plan's lock."""
    waiting = Order.objects.filter(plan=plan, status=Order.Status.PAYMENT_FAILED).order_by("pk")
    for order_id in list(waiting.values_list("pk", flat=True)):
        retry(order_id, now, by=BILLING)


def try_again(order_id: int, attempt: int, now: datetime, by: str = CUSTOMER) -> bool:
    """Charge the same card once more, at its owner's wish, after this attempt has failed. False if it may not be.

    Asked twice it is done once, since the second still speaks of the attempt before. `by`: who pressed the button.
    """
    with transaction.atomic():
        order = Order.objects.select_for_update().get(pk=order_id)
        failed = order.charges.order_by("attempt").last()
        if failed is None or failed.attempt != attempt or not may_try_again(failed, now):
            return False
        return retry(order_id, now, by=by) is not None


def may_try_again(failed: Charge, now: datetime) -> bool:
    """Whether the card of a refused charge may be asked once more: by its bank's answer, and how often it was asked."""
    if failed.status != Status.DECLINED or failed.card is None or failed.card.removed_at:
        return False
    return declines.may_try_again(failed.outcome, failed.advice) and tried_lately(failed, now) < MOST_TRIES


def tried_lately(failed: Charge, now: datetime) -> int:
    """How often the card of a refused charge was asked for its amount, as the networks count."""
    same = Charge.objects.filter(card=failed.card, amount_cents=failed.amount_cents, currency=failed.currency)
    return same.filter(created_at__gt=now - TRIES_COUNT_FOR).count()


def retry(order_id: int, now: datetime, by: str) -> Charge | None:
    """A new attempt on the parcel that waits, with the plan's card. None when it does not wait, or there is no card."""
    order = Order.objects.select_for_update().get(pk=order_id)
    dispatch = order.dispatches.order_by("at", "pk").last()
    card = usable_card(order.plan_id)
    if dispatch is None or card is None or Charge.objects.live().filter(order=order).exists():
        return None
    if not orders.take_off_hold(order, now, by=by, note=f"Charged once more, to {card}."):
        return None
    charge = new_attempt(dispatch, order, now)
    charge.card, charge.due_at = card, now
    charge.save(force_insert=True)
    tell(charge)
    nudge("charge")
    return charge
