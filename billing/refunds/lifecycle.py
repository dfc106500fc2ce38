"""The only writer of a refund's status: owed for a reason, asked of Stripe, settled once, undone by the bank's no."""

import logging
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from billing.gateway import RefundOutcome
from billing.leases import BACKOFF, LEASE
from billing.models import Charge, Dispute, Refund
from billing.refunds import pieces
from orders import lifecycle as orders
from orders import notes, returns
from orders.models import ReturnReceipt
from printers.facts import nudge

log = logging.getLogger(__name__)
Status = Refund.Status
Reason = Refund.Reason
FROZEN = "disputed"  # the `outcome` of one that waits for the end of a dispute


def begin(receipt_id: int, now: datetime) -> Refund | None:
    """Owe what was accepted of a parcel that came back. None: that was done before, or nothing was paid for it.

    Never more than is left of the charge, nor a piece that staff gave back already.
    """
    with transaction.atomic():
        receipt = ReturnReceipt.objects.select_for_update(no_key=True).get(pk=receipt_id)
        if receipt.due_at is None:
            return None
        returns.told(receipt_id)
        paid = Charge.objects.filter(order=receipt.order_id, status=Charge.Status.PAID)
        charge = paid.select_for_update(no_key=True).first()  # staff give back nothing of it meanwhile
        return owe(charge, pieces.owed(charge, receipt), Reason.RETURN, now, receipt=receipt) if charge else None


def owe(
    charge: Charge,
    amount_cents: int,
    reason: Refund.Reason,
    now: datetime,
    *,
    receipt: ReturnReceipt | None = None,
    by: str = "",
    note: str = "",
) -> Refund | None:
    """Give back so much of a charge, or what is left of it; None when nothing is. It counts as refunded at once.

    While the charge is disputed the refund waits.
    """
    with transaction.atomic():
        locked = Charge.objects.select_for_update(no_key=True).get(pk=charge.pk)
        amount = min(amount_cents, locked.amount_cents - locked.refunded_cents)
        if amount <= 0:
            return None
        _count(locked, amount)
        frozen = locked.disputes.filter(status=Dispute.Status.OPEN).exists()
        refund = Refund.objects.create(
            charge=locked,
            receipt=receipt,
            amount_cents=amount,
            reason=reason,
            by=by,
            note=note,
            created_at=now,
            due_at=None if frozen else now,
            outcome=FROZEN if frozen else "",
        )
        nudge("refund")
    return refund


def freeze(charge: Charge) -> None:
    """Its payment is disputed: what was not asked of Stripe yet waits, or the money would be given back twice."""
    waiting = Refund.objects.filter(charge=charge, status=Status.PENDING, tries=0, stripe_id=None)
    waiting.update(due_at=None, outcome=FROZEN)


def thaw(charge: Charge, now: datetime, *, lost: bool) -> None:
    """The dispute is over: what waited is made, unless the bank has given the money back already."""
    for refund in Refund.objects.filter(charge=charge, status=Status.PENDING, outcome=FROZEN):
        if lost:
            settle(refund.pk, RefundOutcome("failed", code="dispute_lost"), now)
        else:
            Refund.objects.filter(pk=refund.pk).update(due_at=now, outcome="")
            nudge("refund")


def renew(refund_id: int, now: datetime) -> None:
    """Keep a refund to its worker for one more call."""
    Refund.objects.filter(pk=refund_id, status=Status.PENDING, due_at__isnull=False).update(due_at=now + LEASE)


def postpone(refund: Refund, outcome: RefundOutcome, now: datetime) -> None:
    """Nothing is known yet: ask again later, and later still."""
    wait = BACKOFF[min(refund.tries, len(BACKOFF) - 1)]
    Refund.objects.filter(pk=refund.pk, status=Status.PENDING, due_at__isnull=False).update(
        due_at=now + wait,
        tries=F("tries") + 1,
        spent_keys=F("spent_keys") + int(outcome.key_spent),
        outcome=outcome.code[:60],
    )


def settle(refund_id: int, outcome: RefundOutcome, now: datetime) -> bool:
    """What Stripe said for good, once: the customer is told that it was made, or staff that it was not.

    One that was made may still fail, when the bank sends it back days later; nothing else changes after the end.
    """
    with transaction.atomic():
        refund = _lock(refund_id)
        made = outcome.kind == "made"
        if refund.status == Status.FAILED or (refund.status == Status.MADE and made):
            return False
        if refund.status == Status.MADE:
            refund.sent_back_at = now
        else:
            refund.settled_at = now
        refund.status, refund.due_at = Status.MADE if made else Status.FAILED, None
        refund.stripe_id, refund.outcome = outcome.refund_id or refund.stripe_id, outcome.code[:60]
        refund.save(update_fields=["status", "settled_at", "sent_back_at", "due_at", "stripe_id", "outcome"])
        if made:
            orders.note(refund.charge.order, notes.REFUNDED, now, "Stripe", tell=True)
        else:
            _count(refund.charge, -refund.amount_cents)
            log.error("refund %s of order %s failed (%s): see to it", refund.pk, refund.charge.order, outcome.code)
    return True


def made_after_all(refund_id: int, stripe_id: str, now: datetime) -> bool:
    """One we gave up stands at Stripe as made, says a person who compared the books. False if it is made here.

    It counts in the books from now on.
    """
    with transaction.atomic():
        refund = _lock(refund_id)
        given_up = Refund.objects.filter(pk=refund_id, status=Status.FAILED)
        made: dict[str, Any] = {"settled_at": now, "sent_back_at": None, "stripe_id": stripe_id, "outcome": ""}
        if not given_up.update(status=Status.MADE, **made):
            return False
        _count(refund.charge, refund.amount_cents)
        orders.note(refund.charge.order, notes.REFUNDED, now, "Stripe", tell=True)
    return True


def keep_foreign(charge: Charge, refund_id: str, amount_cents: int, now: datetime) -> Refund | None:
    """A refund that somebody made in Stripe's dashboard; None when it is kept already.

    More than is left of the charge is kept as what is left, and said: our rows never claim more than was taken.
    """
    with transaction.atomic():
        locked = Charge.objects.select_for_update(no_key=True).get(pk=charge.pk)
        amount = min(amount_cents, locked.amount_cents - locked.refunded_cents)
        if Refund.objects.filter(stripe_id=refund_id).exists() or amount <= 0:
            return None
        if amount < amount_cents:
            log.error("refund %s of order %s is %s cents: %s were left", refund_id, charge.order, amount_cents, amount)
        _count(locked, amount)
        refund = Refund.objects.create(
            charge=locked, amount_cents=amount, reason=Reason.DASHBOARD, stripe_id=refund_id, created_at=now, due_at=now
        )
        settle(refund.pk, RefundOutcome("made", refund_id), now)
    return refund


def _lock(refund_id: int) -> Refund:
    """Its charge first, as whoever hears of a dispute does: the two may settle the same refund at the same moment."""
    charge = Charge.objects.select_for_update(of=["self"], no_key=True).get(refunds=refund_id)
    refund = Refund.objects.select_for_update(no_key=True).get(pk=refund_id)
    refund.charge = charge
    return refund


def _count(charge: Charge, cents: int) -> None:
    """So much more, or less, of a charge counts as refunded."""
    Charge.objects.filter(pk=charge.pk).update(refunded_cents=F("refunded_cents") + cents)
