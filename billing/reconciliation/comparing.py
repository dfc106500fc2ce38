"""Compares two books, both ways. Pure: rows of ours and of Stripe's in, differences out.

What is under way on either side is none: a charge or refund we still ask Stripe about settles by itself.
"""

from collections.abc import Collection, Iterator

from billing.gateway import GivenBack, Taken
from billing.models import Charge, Difference, Refund

Kind = Difference.Kind


def payments(
    ours: Collection[Charge], unsettled: Collection[Charge], expected: Collection[Charge], theirs: Collection[Taken]
) -> Iterator[Difference]:
    """`ours` are the charges behind `theirs` by their intents, `expected` those that must be among `theirs`.

    `unsettled` are those of `ours` that took no money as far as we know, and that nobody asks about any more.
    """
    known = {charge.payment_intent_id: charge for charge in ours}
    for taken in theirs:
        yield from _payment(known.get(taken.payment_intent_id), unsettled, taken)
    seen = {taken.payment_intent_id for taken in theirs}
    for charge in expected:
        if charge.payment_intent_id not in seen:
            yield Difference(
                kind=Kind.PAYMENT_MISSING_THERE,
                charge=charge,
                stripe_id=charge.payment_intent_id or "",
                ours=amount(charge.amount_cents, charge.currency),
            )


def _payment(charge: Charge | None, unsettled: Collection[Charge], taken: Taken) -> Iterator[Difference]:
    theirs = amount(taken.amount_cents, taken.currency)
    if charge is None:
        yield Difference(kind=Kind.PAYMENT_MISSING_HERE, stripe_id=taken.charge_id, theirs=theirs)
    elif (charge.amount_cents, charge.currency) != (taken.amount_cents, taken.currency):
        ours = amount(charge.amount_cents, charge.currency)
        yield Difference(kind=Kind.PAYMENT_AMOUNT, charge=charge, stripe_id=taken.charge_id, ours=ours, theirs=theirs)
    elif charge in unsettled:
        ours = charge.get_status_display()
        yield Difference(
            kind=Kind.PAYMENT_UNSETTLED, charge=charge, stripe_id=taken.charge_id, ours=ours, theirs=theirs
        )


def refunds(
    ours: Collection[Refund], expected: Collection[Refund], theirs: Collection[GivenBack]
) -> Iterator[Difference]:
    """The same of refunds, by their ids. One that failed at Stripe and is not known here took nothing from anybody."""
    known = {refund.stripe_id: refund for refund in ours}
    for given in theirs:
        yield from _refund(known.get(given.refund_id), given)
    seen = {given.refund_id for given in theirs}
    for refund in expected:
        if refund.stripe_id not in seen:
            ours_is = amount(refund.amount_cents, refund.charge.currency)
            stripe_id = refund.stripe_id or ""
            yield Difference(kind=Kind.REFUND_MISSING_THERE, refund=refund, stripe_id=stripe_id, ours=ours_is)


def _refund(refund: Refund | None, given: GivenBack) -> Iterator[Difference]:
    theirs, made = amount(given.amount_cents, given.currency), given.outcome.kind == "made"
    if refund is None:
        if made:
            yield Difference(kind=Kind.REFUND_MISSING_HERE, stripe_id=given.refund_id, theirs=theirs)
    elif (refund.status == Refund.Status.MADE) != made and refund.status != Refund.Status.PENDING:
        ours, said = refund.get_status_display(), "made" if made else given.outcome.code
        yield Difference(kind=Kind.REFUND_STATE, refund=refund, stripe_id=given.refund_id, ours=ours, theirs=said)
    elif made and (refund.amount_cents, refund.charge.currency) != (given.amount_cents, given.currency):
        ours = amount(refund.amount_cents, refund.charge.currency)
        yield Difference(kind=Kind.REFUND_AMOUNT, refund=refund, stripe_id=given.refund_id, ours=ours, theirs=theirs)


def amount(cents: int, currency: str) -> str:
    """'2676 usd cents': as both books have it."""
    return f"{cents} {currency} cents"
