"""Receipts: a number for each payment that was taken, higher than those before it, and what a receipt says of money.

A sequence gives the numbers, so no payment waits for another, and a settle that is rolled back leaves a gap.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection
from django.utils.translation import gettext

from billing.models import Charge, Refund
from orders import words_after
from orders.clock import Clock
from orders.money import display_amount

PAID = Charge.Status.PAID


def number(now: datetime) -> str:
    """The next one: R-2026-000123. To be kept in the transaction that keeps the payment."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('billing_receipt')")
        (count,) = cursor.fetchone()
    return f"R-{now.astimezone(UTC).year}-{count:06}"


@dataclass(frozen=True)
class Receipt:
    """What was paid for an order and what went back, in sentences with whole dates: for paper and mails that are kept.

    `number` is that of the payment it shipped for; of one that came too late where there is no other.
    """

    number: str
    payments: list[str]
    refunds: list[str]


def of(charges: Iterable[Charge], refunds: Iterable[Refund], clock: Clock) -> Receipt:
    """The receipt of an order with these charges, and these refunds that have not failed."""
    taken = sorted((each for each in charges if _is_taken(each)), key=lambda each: (each.status != PAID, each.attempt))
    number = taken[0].receipt_number if taken else None
    return Receipt(number or "", [_paid(each, clock) for each in taken], [_back(each, clock) for each in refunds])


def _is_taken(charge: Charge) -> bool:
    return charge.status == PAID or charge.outcome == Charge.PAID_TOO_LATE


def _paid(charge: Charge, clock: Clock) -> str:
    facts = _about(charge, charge.amount_cents)
    if charge.status != PAID:
        text = gettext("%(amount)s was taken from %(card)s too late for this order, and goes back: receipt %(number)s.")
        return text % {**facts, "number": charge.receipt_number}
    assert charge.settled_at is not None  # by constraint
    return gettext("Charged %(amount)s to %(card)s on %(day)s.") % {**facts, "day": clock.dated(charge.settled_at)}


def _back(refund: Refund, clock: Clock) -> str:
    facts = _about(refund.charge, refund.amount_cents)
    if refund.settled_at is None:
        return gettext("%(amount)s goes back to %(card)s.") % facts
    return words_after.went_back(facts["amount"], facts["card"], clock.dated(refund.settled_at))


def _about(charge: Charge, cents: int) -> dict[str, str]:
    card = str(charge.card) if charge.card else gettext("your card")
    return {"amount": display_amount(cents, charge.currency), "card": card}
