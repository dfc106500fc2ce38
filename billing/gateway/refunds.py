"""Refunds at Stripe: made under a name, and found by it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import stripe

from billing.gateway.intents import unknown
from billing.gateway.wire import client, code_of, details

RefundKind = Literal["made", "failed", "unknown"]


@dataclass(frozen=True)
class RefundOutcome:
    """What Stripe says of one refund; `code` and `key_spent` as in `Outcome`."""

    kind: RefundKind
    refund_id: str | None = None
    code: str = ""
    key_spent: bool = False


def make_refund(payment_intent_id: str, *, amount_cents: int, name: str, key: str) -> RefundOutcome:
    """Give back part of what an intent took; `name` is written on it, to find it by."""
    try:
        made = client().v1.refunds.create(
            {"payment_intent": payment_intent_id, "amount": amount_cents, "metadata": {"refund": name}},
            {"idempotency_key": key},
        )
    except stripe.InvalidRequestError as error:  # refunded otherwise, or disputed: no later try can be taken
        return RefundOutcome("failed", code=code_of(details(error)) or "refused")
    except stripe.StripeError as error:
        left_open = unknown(error)
        return RefundOutcome("unknown", code=left_open.code, key_spent=left_open.key_spent)
    return read_refund(made.to_dict())


def find_refund(payment_intent_id: str, name: str) -> RefundOutcome | None:
    """The refund of an intent with this name on it; None when there is none."""
    try:
        made = client().v1.refunds.list({"payment_intent": payment_intent_id, "limit": 100}).to_dict()
    except stripe.StripeError as error:
        return RefundOutcome("unknown", code=unknown(error).code)
    named = (refund for refund in made["data"] if (refund.get("metadata") or {}).get("refund") == name)
    return next(map(read_refund, named), None)


def read_refund(refund: Mapping[str, Any]) -> RefundOutcome:
    """A refund as an outcome; one that is on its way to the bank is made."""
    if refund["status"] in ("failed", "canceled"):
        return RefundOutcome("failed", refund["id"], code=refund.get("failure_reason") or refund["status"])
    return RefundOutcome("made", refund["id"])
