"""Refunds by staff: asked for once a page, given at once within a limit, else when a second person agrees.

Whoever decides holds the charge's lock: what is left, what is disputed and what was given stand still meanwhile.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction

from billing.models import Charge, Dispute, Refund, RefundRequest, RefundRequestLine
from billing.refunds import lifecycle, limits, pieces
from enrollment.models import User
from orders.money import display_amount
from printers.facts import Refused

NOTE_LENGTH = 200


@dataclass(frozen=True)
class Wanted:
    """What one of the staff saw on the page and wants: cents, why, and the pieces (line id to count) it pays back."""

    amount_cents: int
    why: RefundRequest.Why
    note: str
    key: UUID
    pieces: Mapping[int, int] = field(default_factory=dict)


def check(charge: Charge, amount_cents: int) -> None:
    """Refused with a sentence where so much of a charge cannot be given back."""
    if not Charge.objects.took_money().filter(pk=charge.pk).exists():
        raise Refused("Nothing was paid by this charge, so there is nothing to give back.", "nothing_paid")
    if charge.disputes.filter(status=Dispute.Status.OPEN).exists():
        raise Refused(
            "The customer's bank disputes this payment: nothing is given back until that is over.", "disputed"
        )
    if charge.disputes.filter(status=Dispute.Status.LOST).exists():
        raise Refused("The bank gave this payment back to the customer already: the dispute was lost.", "disputed")
    left = charge.amount_cents - charge.refunded_cents
    if left == 0:
        raise Refused("All of this charge was given back already.", "more_than_left")
    if amount_cents > left:
        amount, rest = (display_amount(cents, charge.currency) for cents in (amount_cents, left))
        raise Refused(f"{amount} is more than is left of this charge: {rest}.", "more_than_left")
    if amount_cents <= 0:
        raise Refused("Say how much.", "nothing_wanted")


def ask(charge: Charge, wanted: Wanted, staff: User, now: datetime) -> tuple[RefundRequest, bool]:
    """Give so much back, or keep the request for a second person; the request, and whether it is new.

    The same key again is the same request. Refused as `check`, or `not_allowed`, `changed`, `id_reused`.
    """
    with transaction.atomic():
        locked = _lock(charge.pk)
        known = RefundRequest.objects.filter(key=wanted.key).first()
        if known is not None:
            if (known.charge_id, known.amount_cents) != (charge.pk, wanted.amount_cents):
                raise Refused("This page was sent before, with another amount. Open it anew.", "id_reused")
            return known, False
        if not limits.may_ask(staff):
            raise Refused("Your role may not give money back.", "not_allowed")
        check(locked, wanted.amount_cents)
        lines = _amounts(locked, wanted.pieces, wanted.amount_cents)
        request = RefundRequest.objects.create(
            charge=locked,
            amount_cents=wanted.amount_cents,
            why=wanted.why,
            note=wanted.note,
            key=wanted.key,
            asked_at=now,
            asked_by=staff,
            **_decided(locked, wanted, staff, now),
        )
        RefundRequestLine.objects.bulk_create(
            RefundRequestLine(request=request, line_id=line_id, quantity=wanted.pieces[line_id], amount_cents=cents)
            for line_id, cents in lines.items()
        )
    return request, True


def decide(request_id: int, staff: User, note: str, now: datetime, *, agreed: bool) -> tuple[RefundRequest, bool]:
    """A second person agrees, and it is given, or declines; the request, and whether this decided it.

    Refused `not_second` for who asked and for whose limit does not cover it; agreed to, also as `check` and `changed`.
    """
    with transaction.atomic():
        _lock(RefundRequest.objects.values_list("charge_id", flat=True).get(pk=request_id))
        request = RefundRequest.objects.select_related("charge__order").get(pk=request_id)
        if request.decided_at is not None:
            return request, False
        if objection := why_not_by(request, staff):
            raise Refused(objection, "not_second")
        if agreed:
            check(request.charge, request.amount_cents)
            _amounts(request.charge, dict(request.lines.values_list("line_id", "quantity")), request.amount_cents)
            wanted = Wanted(request.amount_cents, RefundRequest.Why(request.why), request.note, request.key)
            request.refund = _owe(request.charge, wanted, staff, now)
        request.decided_at, request.decided_by, request.decision_note = now, staff, note
        request.save(update_fields=["decided_at", "decided_by", "decision_note", "refund"])
    return request, True


def why_not_by(request: RefundRequest, staff: User) -> str:
    """Why they are not the second person; empty when they may be."""
    if request.asked_by_id == staff.pk:
        return "You asked for this yourself: another person decides."
    if not limits.covers(staff, request.charge, request.amount_cents):
        return "This is above your limit too: somebody with a higher one decides."
    return ""


def _lock(charge_id: int) -> Charge:
    return Charge.objects.select_for_update(no_key=True, of=["self"]).select_related("order").get(pk=charge_id)


def _amounts(charge: Charge, wanted: Mapping[int, int], amount_cents: int) -> dict[int, int]:
    """What each line's pieces come to. Refused when that is not the amount on the page any more."""
    lines = pieces.amounts(charge, wanted)
    if wanted and (lines.keys() != wanted.keys() or sum(lines.values()) != amount_cents):
        raise Refused("Some of this was given back meanwhile. Look at what is left, and begin again.", "changed")
    return lines


def _decided(charge: Charge, wanted: Wanted, staff: User, now: datetime) -> dict[str, object]:
    """Given at once where the limit of who asks covers it."""
    if not limits.covers(staff, charge, wanted.amount_cents):
        return {"needs_second": True}
    refund = _owe(charge, wanted, staff, now)
    return {"needs_second": False, "decided_at": now, "decided_by": staff, "refund": refund}


def _owe(charge: Charge, wanted: Wanted, staff: User, now: datetime) -> Refund:
    note = f"{wanted.why.label}: {wanted.note}"[:NOTE_LENGTH]
    by = staff.get_username()[:80]
    refund = lifecycle.owe(charge, wanted.amount_cents, lifecycle.Reason.STAFF, now, by=by, note=note)
    assert refund is not None, "the charge is locked, and so much of it was left"
    return refund
