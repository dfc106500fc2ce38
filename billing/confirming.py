"""A payment that its owner confirms with their bank, on our page: an attempt and an intent of its own.

Our server makes the intent and keeps its id, and only then gives the secret to the owner's browser, which alone may
confirm it. The worker never does: it asks Stripe until it knows, and calls off what nobody answered. Whatever dies in
between, no intent is confirmed that its charge does not keep.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from billing import cards, gateway, intents, lifecycle
from billing.gateway import Outcome, UnavailableError
from billing.leases import LEASE
from billing.models import Charge
from billing.steps import Steps, conclude
from orders import lifecycle as orders
from orders.models import Order
from printers.facts import Refused, nudge

PATIENCE = timedelta(minutes=30)  # from the press of the button: to find the phone, and to answer
OVER = gettext_noop("This payment does not wait for you any more. Load the page again to see how it stands.")
Status = Charge.Status


@dataclass(frozen=True)
class Confirmation:
    """What the owner's browser needs to put the bank's question, and the attempt it is about."""

    client_secret: str
    payment_method: str
    attempt: int


def may_confirm(failed: Charge, now: datetime) -> bool:
    """Whether the owner of a refused charge's card may confirm it: the bank asks for that, and not too often."""
    usable = failed.card is not None and failed.card.removed_at is None
    lately = lifecycle.tried_lately(failed, now) if usable else 0
    return failed.status == Status.NEEDS_AUTHENTICATION and usable and lately < lifecycle.MOST_TRIES


def is_open(charge: Charge) -> bool:
    """Whether the bank's question may still be answered, as far as we know."""
    return charge.on_session and charge.status == Status.PENDING and charge.answered_at is None


def wanted(order_ids: Iterable[int]) -> set[int]:
    """Those of the orders whose latest charge waits for its owner's word."""
    of_orders = Charge.objects.filter(order__in=list(order_ids))
    latest = of_orders.order_by("order", "-attempt").distinct("order")
    return {each.order_id for each in latest if each.status == Status.NEEDS_AUTHENTICATION or is_open(each)}


def begin(order_id: int, now: datetime) -> Confirmation:
    """What to confirm: in two windows, or asked twice, the same. Raises Refused, having taken nothing."""
    charge = take_up(order_id, now)
    if charge is None or charge.card is None:
        raise Refused(gettext(OVER), "nothing_to_confirm")
    intent_id = charge.payment_intent_id or _make(charge)
    try:
        secret = gateway.secret_of(intent_id)
    except UnavailableError as error:
        raise Refused(gettext(cards.UNREACHABLE), "card_service_unavailable") from error
    return Confirmation(secret, charge.card.stripe_id, charge.attempt)


def take_up(order_id: int, now: datetime) -> Charge | None:
    """The attempt under way, or a new one where the bank asked for it; the caller, who makes its intent, leases it."""
    with transaction.atomic():
        order = Order.objects.select_for_update().get(pk=order_id)
        related = order.charges.select_related("order", "dispatch", "card__user__stripe_customer")
        last = related.order_by("attempt").last()
        if last is None or (last.on_session and last.status == Status.PENDING):
            return last
        if not may_confirm(last, now):
            return None
        if not orders.take_off_hold(
            order, now, by=lifecycle.CUSTOMER, note=f"Its owner confirms it, with {last.card}."
        ):
            return None
        charge = lifecycle.new_attempt(last.dispatch, order, now)
        charge.card, charge.on_session, charge.due_at = last.card, True, now + LEASE
        charge.save(force_insert=True)
        return charge


def _make(charge: Charge) -> str:
    """The id of the charge's intent, kept. Raises Refused where there is none, or its attempt is over."""
    made = intents.make(charge, for_page=True)
    if made.payment_intent_id is None:
        if made.kind == "unknown":
            lifecycle.postpone(charge, made, timezone.now())
            raise Refused(gettext(cards.UNREACHABLE), "card_service_unavailable")
        lifecycle.settle(charge.pk, made, timezone.now())
        raise Refused(gettext(OVER), "nothing_to_confirm")
    lifecycle.keep_intent(charge.pk, made.payment_intent_id)
    kept = (
        Charge.objects.filter(pk=charge.pk, status=Status.PENDING).values_list("payment_intent_id", flat=True).first()
    )
    if kept is None:  # given up while Stripe made it
        raise Refused(gettext(OVER), "nothing_to_confirm")
    return kept


def answered(order_id: int, attempt: int, now: datetime) -> bool:
    """The owner's browser is back from the bank's question: Stripe is asked at once. False: that was known, or over."""
    own = Charge.objects.asked_about().filter(order_id=order_id, attempt=attempt, on_session=True, answered_at=None)
    if not own.update(answered_at=now, due_at=now):
        return False
    nudge("charge")
    return True


def steps(charge: Charge, now: datetime) -> Steps:
    """Ask Stripe what became of it, and settle it or come back later. What nobody answers is called off in the end."""
    is_over = charge.answered_at is not None or now - charge.created_at >= PATIENCE
    if charge.payment_intent_id is None:
        if not (is_over and lifecycle.give_up(charge.pk, timezone.now())):
            lifecycle.postpone(charge, Outcome("unknown", code="not_asked"), timezone.now())
        return
    outcome = yield partial(gateway.retrieve_intent, charge.payment_intent_id)
    if is_over and outcome.kind in ("unconfirmed", "asking"):
        lifecycle.renew(charge.pk, timezone.now())
        outcome = yield partial(gateway.cancel_intent, charge.payment_intent_id, intents.key(charge, "cancel"))
    conclude(charge, outcome)
