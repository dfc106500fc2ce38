"""PaymentIntents: made, confirmed, asked about; whatever comes back is one of a closed set of outcomes."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import stripe

from billing.gateway.wire import PAGE, UnavailableError, advice_of, client, code_of, details, unavailable

log = logging.getLogger(__name__)

Kind = Literal["paid", "declined", "needs_authentication", "asking", "unknown", "unconfirmed"]


@dataclass(frozen=True)
class Outcome:
    """What Stripe says of one PaymentIntent. `unknown` decides nothing: ask again by its id.

    `asking`: the bank's question to the customer stands open. `needs_authentication`: it could not be put to them, or
    came to nothing.

    `code` and `advice` are Stripe's (decline or error code, `advice_code`). `canceled`: no money can come of it any
    more (of a declined one it may, by whoever has its secret). `key_spent`: this very answer is kept under the
    idempotency key and would be repeated for a day, so the next try needs a new one.
    """

    kind: Kind
    payment_intent_id: str | None = None
    code: str = ""
    advice: str = ""
    amount_cents: int | None = None
    currency: str = ""
    canceled: bool = False
    key_spent: bool = False


def create_intent(
    *,
    amount_cents: int,
    currency: str,
    customer_id: str,
    payment_method_id: str,
    metadata: dict[str, str],
    statement: str,
    key: str,
    for_page: bool = False,
) -> Outcome:
    """A PaymentIntent that takes nothing yet: `unconfirmed` when made. `for_page`: a person waits for it.

    `statement` is what the card's statement says after the account's own name: at most 10 Latin characters, one of
    them a letter, for 22 are all, of which the name, a star and a blank may take 12.
    (https://docs.stripe.com/get-started/account/statement-descriptors)
    """
    return _ask(
        lambda: client(PAGE if for_page else None).v1.payment_intents.create(
            {
                "amount": amount_cents,
                "currency": currency,
                "customer": customer_id,
                "payment_method": payment_method_id,
                "metadata": metadata,
                "statement_descriptor_suffix": statement,
                # Else Stripe wants an address to send the customer back to, and there is no customer here.
                "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            },
            {"idempotency_key": key},
        ),
        refusal_is_final=True,
    )


def confirm_intent(payment_intent_id: str, key: str) -> Outcome:
    """Take the money, without the customer present."""
    return _ask(
        lambda: client().v1.payment_intents.confirm(payment_intent_id, {"off_session": True}, {"idempotency_key": key})
    )


def retrieve_intent(payment_intent_id: str) -> Outcome:
    """How it stands with a PaymentIntent now."""
    return _ask(lambda: client().v1.payment_intents.retrieve(payment_intent_id))


def cancel_intent(payment_intent_id: str, key: str) -> Outcome:
    """Call a PaymentIntent off: nothing can come of it any more once it is `canceled`, unless it was paid meanwhile."""
    called_off = _ask(
        lambda: client().v1.payment_intents.cancel(
            payment_intent_id, {"cancellation_reason": "abandoned"}, {"idempotency_key": key}
        )
    )
    if called_off.kind != "unknown":
        return called_off
    return replace(retrieve_intent(payment_intent_id), key_spent=called_off.key_spent)


def secret_of(payment_intent_id: str) -> str:
    """The client secret under which the customer's browser may confirm a PaymentIntent. Raises UnavailableError."""
    try:
        found = client(PAGE).v1.payment_intents.retrieve(payment_intent_id)
    except stripe.StripeError as error:
        raise unavailable(error) from error
    if found.client_secret is None:
        raise UnavailableError("A PaymentIntent came without its secret.")
    return found.client_secret


# Without a card (requires_payment_method) nothing more can come of an intent of ours: its one attempt was declined, or
# the card was taken away. `processing` and whatever Stripe invents next stay unknown.
KINDS: dict[str, Kind] = {
    "succeeded": "paid",
    "requires_confirmation": "unconfirmed",
    "requires_action": "asking",
    "requires_payment_method": "declined",
    "canceled": "declined",
}

AUTHENTICATION = {"authentication_required", "payment_intent_authentication_failure"}


def read_intent(intent: Mapping[str, Any]) -> Outcome:
    """A PaymentIntent, from an answer or an event, as an outcome."""
    status = intent["status"]
    failure = intent.get("last_payment_error") or {}
    received = intent.get("amount_received") if status == "succeeded" else None
    kind, code, advice = KINDS.get(status, "unknown"), "", ""
    if kind == "declined":
        kind, code, advice = _refusal(failure), code_of(failure) or status, advice_of(failure)
    return Outcome(
        kind,
        payment_intent_id=intent["id"],
        code=code,
        advice=advice,
        amount_cents=intent["amount"] if received is None else received,
        currency=intent["currency"],
        canceled=status == "canceled",
    )


def _ask(call: Callable[[], stripe.PaymentIntent], *, refusal_is_final: bool = False) -> Outcome:
    """Any answer, or none, as an outcome. `refusal_is_final`: no intent exists that could take money after a 400."""
    try:
        return read_intent(call().to_dict())
    except stripe.CardError as error:
        failure = details(error)
        if intent := failure.get("payment_intent"):
            return read_intent({**intent, "last_payment_error": intent.get("last_payment_error") or failure})
        return Outcome(_refusal(failure), code=code_of(failure) or "card_declined", advice=advice_of(failure))
    except stripe.InvalidRequestError as error:
        if refusal_is_final and error.param in ("customer", "payment_method"):
            log.warning("Stripe does not know this card or customer: %s", error)
            return Outcome("declined", code="card_unusable")
        return unknown(error)
    except stripe.StripeError as error:
        return unknown(error)


def unknown(error: stripe.StripeError) -> Outcome:
    """No answer, a busy one (409, 429), or one that says nothing about the money."""
    status = error.http_status or 0
    log.log(logging.ERROR if 400 <= status < 409 else logging.WARNING, "Stripe left an outcome open: %s", error)
    spent = status >= 400 and status not in (401, 409, 429)  # these three are not kept under the key
    return Outcome("unknown", code=f"http_{status}" if status else "no_answer", key_spent=spent)


def _refusal(failure: Mapping[str, Any]) -> Kind:
    asked = AUTHENTICATION & {failure.get("code"), failure.get("decline_code")}
    return "needs_authentication" if asked else "declined"
