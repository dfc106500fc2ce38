"""Stripe's own books: every payment and refund of a span of time, page by page, as an accountant reads them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import stripe

from billing.gateway.refunds import RefundOutcome, read_refund
from billing.gateway.wire import client, unavailable

PAGE_SIZE = 100


@dataclass(frozen=True)
class Taken:
    """Money that Stripe took; no intent for what was charged by other means than ours."""

    charge_id: str
    payment_intent_id: str
    amount_cents: int
    currency: str


@dataclass(frozen=True)
class GivenBack:
    """Money that Stripe gave back, or failed to."""

    refund_id: str
    payment_intent_id: str
    amount_cents: int
    currency: str
    outcome: RefundOutcome


def payments(since: datetime, until: datetime) -> Iterator[Taken]:
    """Every payment that succeeded, made in [since, until). Raises UnavailableError."""
    try:
        made = client().v1.charges.list({"created": {"gte": _at(since), "lt": _at(until)}, "limit": PAGE_SIZE})
        for charge in made.auto_paging_iter():
            if charge.status == "succeeded" and charge.captured:
                yield Taken(charge.id, str(charge.payment_intent or ""), charge.amount_captured, charge.currency)
    except stripe.StripeError as error:
        raise unavailable(error) from error


def refunds(since: datetime, until: datetime) -> Iterator[GivenBack]:
    """Every refund made in [since, until), failed ones as well. Raises UnavailableError."""
    try:
        made = client().v1.refunds.list({"created": {"gte": _at(since), "lt": _at(until)}, "limit": PAGE_SIZE})
        for refund in made.auto_paging_iter():
            yield _given(refund)
    except stripe.StripeError as error:
        raise unavailable(error) from error


def refund(refund_id: str) -> GivenBack:
    """One refund as it stands now. Raises UnavailableError."""
    try:
        return _given(client().v1.refunds.retrieve(refund_id))
    except stripe.StripeError as error:
        raise unavailable(error) from error


def _given(refund: stripe.Refund) -> GivenBack:
    intent, outcome = str(refund.payment_intent or ""), read_refund(refund.to_dict())
    return GivenBack(refund.id, intent, refund.amount, refund.currency, outcome)


def _at(moment: datetime) -> int:
    return int(moment.timestamp())
