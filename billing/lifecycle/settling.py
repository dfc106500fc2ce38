"""What a charge waits for and what becomes of it: it is asked about until known, and settles once."""

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import Case, F, When

from billing import declines, receipts
from billing.gateway import Outcome
from billing.leases import BACKOFF, LEASE
from billing.lifecycle.beginning import BILLING, retry, tell, usable_card
from billing.models import Charge, Refund
from billing.refunds import lifecycle as refunds
from enrollment import lifecycle as plans
from orders import lifecycle as orders
from orders.models import Order
from orders.money import display_amount

log = logging.getLogger(__name__)

Status = Charge.Status


def renew(charge_id: int, now: datetime) -> None:
    """Keep a charge to its worker for one more call."""
    asked = Charge.objects.asked_about() | Charge.objects.to_call_off()
    asked.filter(pk=charge_id).update(due_at=now + LEASE)


def keep_intent(charge_id: int, payment_intent_id: str, leased_until: datetime | None = None) -> bool:
    """Keep the id of the one PaymentIntent this charge will ever confirm, and the charge to its worker for one more
    call. False: another was kept before.
    """
    unnamed = Charge.objects.filter(pk=charge_id, payment_intent_id=None)
    lease = {"due_at": Case(When(due_at__isnull=False, then=leased_until))} if leased_until else {}
    return unnamed.update(payment_intent_id=payment_intent_id, **lease) == 1


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
        charge = Charge.objects.select_related("card").select_for_update(of=["self"]).get(pk=charge_id)
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
    tell(charge)
