"""The only room that speaks to Stripe: a few calls out, a closed set of outcomes back, no exception of the SDK's.

Nothing here may be called while a transaction is open.
"""

from billing.gateway.books import GivenBack, Taken, payments, refund, refunds
from billing.gateway.cards import (
    CardRefusedError,
    SavedCard,
    attach_card,
    begin_setup,
    confirmed_card,
    create_customer,
    delete_customer,
    detach_card,
)
from billing.gateway.events import ForgedError, verified_event
from billing.gateway.intents import (
    Outcome,
    cancel_intent,
    confirm_intent,
    create_intent,
    read_intent,
    retrieve_intent,
    secret_of,
)
from billing.gateway.refunds import RefundOutcome, find_refund, make_refund, read_refund
from billing.gateway.trial import WrongKeyError, ask
from billing.gateway.wire import API_VERSION, UnavailableError

__all__ = [
    "API_VERSION",
    "CardRefusedError",
    "ForgedError",
    "GivenBack",
    "Outcome",
    "RefundOutcome",
    "SavedCard",
    "Taken",
    "UnavailableError",
    "WrongKeyError",
    "ask",
    "attach_card",
    "begin_setup",
    "cancel_intent",
    "confirm_intent",
    "confirmed_card",
    "create_customer",
    "create_intent",
    "delete_customer",
    "detach_card",
    "find_refund",
    "make_refund",
    "payments",
    "read_intent",
    "read_refund",
    "refund",
    "refunds",
    "retrieve_intent",
    "secret_of",
    "verified_event",
]
