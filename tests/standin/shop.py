"""A shop that charges at shipment through Stripe's own SDK: what the tests of the stand-in speak with."""

import json
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from stripe import Charge, PaymentIntent, RequestsClient, StripeClient, StripeError
from stripe.params import PaymentIntentConfirmParams, PaymentIntentCreateParams

from ars.standin.process import Handle

CONFIRM = "POST /v1/payment_intents/*/confirm"
CREATE = "POST /v1/payment_intents"


class Shop:
    def __init__(self, url: str, retries: int = 2, seconds: float = 20) -> None:
        self.url = url
        client = StripeClient(
            "sk_test_shop",
            base_addresses={"api": url},
            max_network_retries=retries,
            http_client=RequestsClient(timeout=seconds),
        )
        self.sdk = client.v1
        self._customer: str | None = None

    @property
    def customer(self) -> str:
        self._customer = self._customer or self.sdk.customers.create({"email": "ada@example.com"}).id
        return self._customer

    def card(self, name: str = "pm_card_visa") -> str:
        return self.sdk.payment_methods.attach(name, {"customer": self.customer}).id

    def order(self, card: str | None = None, key: str | None = None, amount: int = 1999) -> PaymentIntent:
        """An unconfirmed payment intent, metadata and all, under this idempotency key."""
        params: PaymentIntentCreateParams = {
            "amount": amount,
            "currency": "usd",
            "customer": self.customer,
            "payment_method": card or self.card(),
            "allowed_payment_method_types": ["card"],
            "metadata": {"order": "A-1"},
        }
        return self.sdk.payment_intents.create(params, {"idempotency_key": key} if key else None)

    def ship(self, intent: str, card: str | None = None, key: str | None = None) -> PaymentIntent:
        """Confirms off session."""
        params: PaymentIntentConfirmParams = {"off_session": True}
        if card:
            params["payment_method"] = card
        return self.sdk.payment_intents.confirm(intent, params, {"idempotency_key": key} if key else None)

    def answer(self, secret: str, *, yes: bool = True) -> dict[str, Any]:
        """What the script in the customer's browser reports of the bank's page, under the intent's client secret."""
        name, told = secret.partition("_secret_")[0], json.dumps({"key": "pk_test_shop", "client_secret": secret})
        address = f"{self.url}/v1/payment_intents/{name}/_authenticate?success={str(yes).lower()}"
        with urllib.request.urlopen(urllib.request.Request(address, told.encode()), timeout=60) as answer:
            document: dict[str, Any] = json.load(answer)
            return document

    def paid(self) -> list[Charge]:
        return [charge for charge in self.sdk.charges.list({"limit": 100}).data if charge.paid]


def refusal(call: Callable[[], object]) -> dict[str, Any]:
    """The error object of the refusal that this call must meet, with the HTTP status added."""
    with pytest.raises(StripeError) as refused:
        call()
    body = refused.value.json_body
    assert isinstance(body, dict)
    return {"http": refused.value.http_status, **body["error"]}


def executed(standin: Handle, ending: str) -> int:
    """How many requests to an address with this ending were executed."""
    return sum(entry["path"].endswith(ending) for entry in standin.requests())


def arrived(standin: Handle, ending: str) -> int:
    """How many came in, replays, refusals and lost ones included."""
    return sum(entry["path"].endswith(ending) for entry in standin.requests(everything=True))
