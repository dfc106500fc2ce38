"""Customers and cards at Stripe: made, saved by a browser, kept, forgotten."""

import logging
from dataclasses import dataclass

import stripe

from billing.gateway.wire import PAGE, UnavailableError, advice_of, client, code_of, details, unavailable

log = logging.getLogger(__name__)

BUSY = 409  # the same key is at work in another request


@dataclass(frozen=True)
class SavedCard:
    """A card attached to a customer, as people are shown it."""

    payment_method_id: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int


class CardRefusedError(Exception):
    """The bank or Stripe says no to keeping this card; `code` is Stripe's, `advice` its `advice_code`."""

    def __init__(self, code: str, advice: str = "") -> None:
        super().__init__(code)
        self.code, self.advice = code, advice


def create_customer(email: str, key: str) -> str:
    """A new customer's id; the same for the same key, as long as no two ask at once. Raises UnavailableError.

    Who comes while the key is at work gets one of their own, so that nobody waits for somebody else's answer: a
    customer without a card, whom the caller does not keep, costs nothing.
    """
    customers = client(PAGE).v1.customers
    try:
        try:
            return customers.create({"email": email}, {"idempotency_key": key}).id
        except stripe.StripeError as error:
            if error.http_status != BUSY:
                raise
            return customers.create({"email": email}).id
    except stripe.StripeError as error:
        raise unavailable(error) from error


def delete_customer(customer_id: str) -> None:
    """Have Stripe forget a customer and their cards; one it does not know is as good. Raises UnavailableError."""
    try:
        client().v1.customers.delete(customer_id)
    except stripe.InvalidRequestError as gone:
        log.info("customer %s is not kept at Stripe: %s", customer_id, gone)
    except stripe.StripeError as error:
        raise unavailable(error) from error


def begin_setup(customer_id: str) -> str:
    """The client secret under which a browser may save one card for later charges. Raises UnavailableError."""
    try:
        begun = client(PAGE).v1.setup_intents.create(
            {
                "customer": customer_id,
                "usage": "off_session",
                "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            }
        )
    except stripe.StripeError as error:
        raise unavailable(error) from error
    if begun.client_secret is None:
        raise UnavailableError("A SetupIntent came without its secret.")
    return begun.client_secret


def confirmed_card(setup_intent_id: str, customer_id: str) -> str:
    """The payment method this customer has confirmed in a browser. Raises CardRefusedError or UnavailableError."""
    try:
        setup = client(PAGE).v1.setup_intents.retrieve(setup_intent_id)
    except stripe.InvalidRequestError as error:
        raise CardRefusedError("card_unusable") from error
    except stripe.StripeError as error:
        raise unavailable(error) from error
    if setup.status != "succeeded" or setup.customer != customer_id or not isinstance(setup.payment_method, str):
        raise CardRefusedError("card_unusable")
    return setup.payment_method


def attach_card(payment_method_id: str, customer_id: str) -> SavedCard:
    """Keep a card for a customer; one that is kept already is as good. Raises CardRefusedError or UnavailableError."""
    try:
        method = _attached(payment_method_id, customer_id)
    except (stripe.CardError, stripe.InvalidRequestError) as error:
        failure = details(error)
        raise CardRefusedError(code_of(failure) or "card_unusable", advice_of(failure)) from error
    except stripe.StripeError as error:
        raise unavailable(error) from error
    if method.customer != customer_id or method.card is None:
        raise CardRefusedError("card_unusable")
    card = method.card
    return SavedCard(method.id, card.brand, card.last4, card.exp_month, card.exp_year)


def _attached(payment_method_id: str, customer_id: str) -> stripe.PaymentMethod:
    methods = client(PAGE).v1.payment_methods
    try:
        return methods.attach(payment_method_id, {"customer": customer_id})
    except stripe.InvalidRequestError:  # unknown, or attached already: if to this customer, it is as wanted
        return methods.retrieve(payment_method_id)


def detach_card(payment_method_id: str) -> None:
    """Have Stripe forget a card; one it does not keep (any more) is as good. Raises UnavailableError."""
    try:
        client().v1.payment_methods.detach(payment_method_id)
    except stripe.InvalidRequestError as gone:
        log.info("card %s is not kept at Stripe: %s", payment_method_id, gone)
    except stripe.StripeError as error:
        raise unavailable(error) from error
