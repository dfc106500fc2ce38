"""Of an order's money: each answer of the bank, and what went back."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from django.utils.translation import gettext, gettext_noop

from ars.timeline.entry import Entry, Kind, Place, detailed
from billing import lifecycle
from billing.models import Charge, Refund, RefundRequest
from orders import words_after
from orders.clock import Clock
from orders.models import Order
from orders.money import display_amount

Answer = Charge.Status
SEES = "billing.view_charge"
ANSWERS = {
    Answer.PAID: gettext_noop("Charged %(amount)s to %(card)s."),
    Answer.DECLINED: gettext_noop("The bank refused %(card)s. Nothing was charged."),
    Answer.NEEDS_AUTHENTICATION: gettext_noop("The bank of %(card)s wants your word first. Nothing was charged."),
}
REFUSED = {Answer.DECLINED, Answer.NEEDS_AUTHENTICATION}


def of(charges: Iterable[Charge], refunds: Iterable[Refund], clock: Clock) -> Iterator[Entry]:
    """Every try to charge, and every refund; what is still open is for staff alone."""
    for charge in charges:
        at = charge.settled_at or charge.created_at
        text = _answer(charge) if charge.settled_at else ""
        yield Entry(
            at=at,
            place=Place.CHARGED,
            kind=Kind.CHARGE,
            when=clock.moment(at),
            text=text,
            ref=f"charge {charge.pk}",
            permission=SEES,
            details=detailed({name: getattr(charge, name) for name in OF_CHARGE}),
        )
    for refund in refunds:
        at = refund.sent_back_at or refund.settled_at or refund.created_at
        yield Entry(
            at=at,
            place=Place.MOVED,
            kind=Kind.CHARGE,
            when=clock.moment(at),
            text=refunded(refund, clock) if refund.settled_at and refund.status == Refund.Status.MADE else "",
            ref=f"refund {refund.pk}",
            permission=SEES,
            details=detailed({name: getattr(refund, name) for name in OF_REFUND}),
        )


OF_CHARGE = (
    *("attempt", "status", "amount_cents", "receipt_number", "outcome", "advice", "payment_intent_id", "on_session"),
    "tries",
    *("created_at", "settled_at"),
)
OF_REFUND = (
    *("status", "amount_cents", "reason", "by", "note", "outcome", "stripe_id"),
    *("created_at", "settled_at", "sent_back_at"),
)
OF_REQUEST = ("amount_cents", "why", "note", "asked_by", "needs_second", "state")


def requests(orders: Iterable[Order], clock: Clock) -> Iterator[Entry]:
    """What staff asked to give back, and what a second person said: for staff alone."""
    asked = RefundRequest.objects.filter(charge__order__in=list(orders))
    for each in asked.select_related("asked_by", "decided_by", "refund").order_by("pk"):
        known = {name: getattr(each, name) for name in OF_REQUEST}
        yield _silent(each.asked_at, f"refund request {each.pk}", known, clock)
        if each.needs_second and each.decided_at is not None:
            decided = {"decision": each.state, "decided_by": each.decided_by, "note": each.decision_note}
            yield _silent(each.decided_at, f"refund request {each.pk} decided", decided, clock)


def _silent(at: datetime, ref: str, known: Mapping[str, object], clock: Clock) -> Entry:
    sees = "billing.view_refundrequest"
    return Entry(at, Place.CHARGED, Kind.CHARGE, clock.moment(at), "", ref, sees, detailed(known))


def _answer(charge: Charge) -> str:
    if charge.status == Answer.WAIVED:
        return why_free(charge)
    facts = {"amount": display_amount(charge.amount_cents, charge.currency), "card": card_of(charge)}
    return gettext(ANSWERS[Answer(charge.status)]) % facts


def why_free(charge: Charge) -> str:
    """What is too little for a card is on us; else there was nothing to pay."""
    return gettext(lifecycle.TOO_LITTLE) if charge.outcome == "below_minimum" else gettext("Nothing to pay.")


def card_of(charge: Charge) -> str:
    """'Visa 4242'."""
    return str(charge.card) if charge.card else gettext("your card")


def refunded(refund: Refund, clock: Clock) -> str:
    """What goes back, or went back and when."""
    amount, card = display_amount(refund.amount_cents, refund.charge.currency), card_of(refund.charge)
    if refund.settled_at is None:
        return gettext("%(amount)s goes back to %(card)s.") % {"amount": amount, "card": card}
    went = words_after.went_back(amount, card, clock.day(refund.settled_at))
    return f"{went} {gettext(words_after.REFUND_TAKES)}"
