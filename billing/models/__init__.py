"""The rows of billing: cards, what is charged to them and given back, and Stripe's books beside ours."""

from billing.models.books import Difference, Reconciliation, StripeEvent
from billing.models.cards import Card, PlanCard, StripeCustomer
from billing.models.charges import Charge, Dispute, Dunning, Refund
from billing.models.requests import RefundRequest, RefundRequestLine

__all__ = [
    "Card",
    "Charge",
    "Difference",
    "Dispute",
    "Dunning",
    "PlanCard",
    "Reconciliation",
    "Refund",
    "RefundRequest",
    "RefundRequestLine",
    "StripeCustomer",
    "StripeEvent",
]
