"""The only writer of a charge's status: it begins with a dispatch, is asked about until known, and settles once."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_noop

from billing import declines, receipts
from billing.gateway import Outcome
from billing.leases import BACKOFF, LEASE
from billing.models import Card, Charge, PlanCard, Refund
from billing.refunds import lifecycle as refunds
from enrollment import lifecycle as plans
from enrollment.models import Plan
from orders import lifecycle as orders
from orders import taxes
from orders.models import Dispatch, Order
from orders.money import display_amount
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
    with transaction.atomic():
        dispatch = Dispatch.objects.select_for_update().get(pk=dispatch_id)
        if dispatch.due_at is None:
            return None
        Dispatch.objects.filter(pk=dispatch_id).update(due_at=None)
        order = Order.objects.select_related("plan").get(pk=dispatch.order_id)
        if order.status != Order.Status.PACKED or Charge.objects.live().filter(order=order).exists():
            log.error("order %s is %s and cannot be charged for %s: see to it", order, order.status, dispatch)
            return None
        if reason := _why_free(order):
            return _waive(dispatch, order, reason, now)
        plans.lock_plan(order.plan_id)  # a card named at this moment comes before or after, never between
        card = usable_card(order.plan_id)
        return _charge_card(dispatch, order, card, now) if card else _without_card(dispatch, order, now)


def usable_card(plan_id: int) -> Card | None:
    """The card that pays for a plan, if there is one Stripe keeps for its owner."""
    usable = PlanCard.objects.filter(plan_id=plan_id, card__removed_at=None, card__user__stripe_customer__isnull=False)
    found = usable.select_related("card").first()
    return found.card if found else None


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
    return Charge(
        order=order,
        dispatch=dispatch,
        attempt=order.charges.count() + 1,
        amount_cents=order.total_cents,
        currency=order.currency,
        created_at=now,
    )


def _charge_card(dispatch: Dispatch, order: Order, card: Card, now: datetime) -> Charge:
    charge = new_attempt(dispatch, order, now)
    charge.card, charge.due_at = card, now
    charge.save(force_insert=True)
    _tell(charge)
    nudge("charge")
    return charge


def _waive(dispatch: Dispatch, order: Order, reason: tuple[str, str], now: datetime) -> Charge:
    taxes.drop(order)
    charge = new_attempt(dispatch, order, now)
    charge.status, charge.settled_at = Status.WAIVED, now
    charge.outcome, note = reason
    charge.save(force_insert=True)
    orders.ship(order.pk, now, by="billing", note=note)
    return charge


def _without_card(dispatch: Dispatch, order: Order, now: datetime) -> Charge:
    charge = new_attempt(dispatch, order, now)
    charge.status, charge.settled_at, charge.outcome = Status.DECLINED, now, "no_card"
    charge.save(force_insert=True)
    orders.hold(order.pk, now, by="billing", note=declines.NO_CARD)
    return charge


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
    return _charge_card(dispatch, order, card, now)


def renew(charge_id: int, now: datetime) -> None:
    """Keep a charge to its worker for one more call."""
    asked = Charge.objects.asked_about() | Charge.objects.to_call_off()
    asked.filter(pk=charge_id).update(due_at=now + LEASE)


def keep_intent(charge_id: int, payment_intent_id: str) -> bool:
    """Keep the id of the one PaymentIntent this charge will ever confirm. False: another was kept before."""
    unnamed = Charge.objects.filter(pk=charge_id, payment_intent_id=None)
    return unnamed.update(payment_intent_id=payment_intent_id) == 1


def postpone(charge: Charge, outcome: Outcome, now: datetime) -> None:
    """Nothing is known yet: ask again later, and later still. `outcome` shows staff what it waits for.

    Not when its owner has answered the bank since the charge was read: then it is due at once.
    """
    wait = BACKOFF[min(charge.tries, len(BACKOFF) - 1)]
    asked = Charge.objects.asked_about() | Charge.objects.to_call_off()
    asked.filter(pk=charge.pk, status=charge.status, answered_at=charge.answered_at).update(
        due_at=now + wait,
        tries=F("tries") + 1,
        spent_keys=F("spent_keys") + int(outcome.key_spent),
        **({"outcome": outcome.code} if charge.status == Status.PENDING else {}),
    )


def called_off(charge_id: int) -> None:
    """Nothing can come of a refused charge's intent any more."""
    Charge.objects.to_call_off().filter(pk=charge_id).update(due_at=None)


def settle(charge_id: int, outcome: Outcome, now: datetime) -> bool:
    """What Stripe said for good becomes the charge's and the order's state, in one transaction, once.

    Told by the direct answer and by webhooks, in any order and any number of times. False: nothing changed.
    """
    with transaction.atomic():
        charge = Charge.objects.select_for_update().get(pk=charge_id)
        if outcome.kind == "paid":
            return _paid(charge, outcome, now)
        return decides(charge, outcome) and charge.status == Status.PENDING and _not_paid(charge, outcome, now)


def decides(charge: Charge, outcome: Outcome) -> bool:
    """Whether an outcome is one for good. A bank's open question is, where its customer is not there to answer it."""
    if outcome.kind == "asking":
        return not charge.on_session
    return outcome.kind not in ("unknown", "unconfirmed")


def give_up(charge_id: int, now: datetime) -> bool:
    """End an attempt for which no browser was given an intent to confirm. False: one was, or it has ended."""
    with transaction.atomic():
        charge = Charge.objects.select_for_update().get(pk=charge_id)
        if charge.status != Status.PENDING or charge.payment_intent_id is not None:
            return False
        return _not_paid(charge, Outcome("declined", code="canceled"), now)


def _paid(charge: Charge, outcome: Outcome, now: datetime) -> bool:
    if charge.status in (Status.PAID, Status.WAIVED):
        return False
    if (outcome.amount_cents, outcome.currency) != (charge.amount_cents, charge.currency):
        return _wrong_amount(charge, outcome)
    order = Order.objects.select_for_update().get(pk=charge.order_id)
    if charge.status != Status.PENDING and not _still_waits(order, charge):
        return _too_late(charge, order, now)
    charge.receipt_number = receipts.number(now)
    _close(charge, Status.PAID, outcome, now)
    if order.status == Order.Status.PAYMENT_FAILED:
        orders.move(order, Order.Status.PACKED, now=now, by="Stripe", note="The payment went through after all.")
    note = f"Charged {display_amount(charge.amount_cents, charge.currency)} to {charge.card}."
    if not orders.ship(order.pk, now, by="Stripe", note=note):
        log.error("order %s is paid, but %s cannot ship: see to it", order, order.status)
    return True


def _still_waits(order: Order, charge: Charge) -> bool:
    """The order may still be paid by this late success: it has not ended, no other charge of it is under way.

    And this is what it comes to: in another state, to which it was sent meanwhile, its tax may be another.
    """
    other = Charge.objects.live().filter(order=order).exclude(pk=charge.pk).exists()
    waits = order.status in (Order.Status.PACKED, Order.Status.PAYMENT_FAILED)
    return waits and charge.amount_cents == order.total_cents and not other


def _too_late(charge: Charge, order: Order, now: datetime) -> bool:
    """Money came for an order that has ended or is paid otherwise: it goes back at once."""
    late = Charge.objects.filter(pk=charge.pk).exclude(outcome=Charge.PAID_TOO_LATE)
    if not late.update(outcome=Charge.PAID_TOO_LATE, taken_late_at=now, receipt_number=receipts.number(now)):
        return False
    log.warning("order %s (%s): attempt %s was paid after all, and is refunded", order, order.status, charge.attempt)
    refunds.owe(charge, charge.amount_cents, Refund.Reason.TOO_LATE, now)
    return True


def _wrong_amount(charge: Charge, outcome: Outcome) -> bool:
    """Stripe took something else than we asked: nothing ships, and the charge stays open for a person to look at."""
    log.error(
        "order %s: Stripe took %s %s for attempt %s, not %s %s: a person must look",
        *(charge.order, outcome.amount_cents, outcome.currency, charge.attempt, charge.amount_cents, charge.currency),
    )
    Charge.objects.filter(pk=charge.pk).update(due_at=None, outcome="wrong_amount")
    return False


def _not_paid(charge: Charge, outcome: Outcome, now: datetime) -> bool:
    """The parcel waits; where the plan has been given another card meanwhile, that one is charged at once."""
    plan = plans.lock_plan(charge.order.plan_id)
    called_off = charge.on_session and outcome.code == "canceled"
    asked = outcome.kind in ("needs_authentication", "asking") or called_off
    stands = charge.payment_intent_id is not None and outcome.code != "canceled"
    _close(
        charge, Status.NEEDS_AUTHENTICATION if asked else Status.DECLINED, outcome, now, due_at=now if stands else None
    )
    why = declines.question(outcome.code) if asked else declines.sentence(outcome.code, outcome.advice)
    if not orders.hold(charge.order_id, now, by="Stripe", note=f"{charge.card} was not charged. {why}"):
        log.error("order %s: attempt %s failed, but it cannot be held: see to it", charge.order, charge.attempt)
    card = usable_card(plan.pk)
    if card is not None and card.pk != charge.card_id:
        retry(charge.order_id, now, by=BILLING)
    return True


def _close(
    charge: Charge, status: Charge.Status, outcome: Outcome, now: datetime, *, due_at: datetime | None = None
) -> None:
    charge.status, charge.settled_at, charge.due_at = status, now, due_at
    charge.outcome, charge.advice = outcome.code[:60], outcome.advice[:40]
    charge.save(update_fields=["status", "settled_at", "due_at", "outcome", "advice", "receipt_number"])
    _tell(charge)


def _tell(charge: Charge) -> None:
    """Log how a charge stands now, once that is committed."""
    transaction.on_commit(lambda: _log(charge, charge.status), robust=True)


def _log(charge: Charge, status: str) -> None:
    with tracing.under(charge.order.trace):
        log.info("order %s: charge %s, attempt %s: %s", charge.order, charge.pk, charge.attempt, status)
