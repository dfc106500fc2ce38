"""Whatever the gateway sends is of the types that the SDK gives for it, key by key; and Stripe's stand-in takes it."""

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from types import FunctionType
from typing import Any

import pytest

from ars.standin.params import mistakes
from ars.standin.process import Handle
from billing import gateway
from billing.gateway import wire
from tests.factories import NOW
from tests.standin.shop import Shop

READ_ONLY = {"read_intent", "read_refund", "verified_event"}  # they ask nobody
SERVICES = ("charges", "customers", "payment_intents", "payment_methods", "refunds", "setup_intents")
METHODS = ("attach", "cancel", "confirm", "create", "delete", "detach", "list", "retrieve")


@dataclass
class Sent:
    """Every call of the SDK by its type's name, and what was wrong with it."""

    types: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def watch(self, method: FunctionType) -> Callable[..., Any]:
        annotation = str(inspect.signature(method).parameters["params"].annotation)
        [name] = re.findall(r"\w+Params", annotation)

        def watched(service: Any, *given: Any) -> Any:
            named = inspect.signature(method).bind(service, *given).arguments
            self.types.append(name)
            self.wrong += [f"{name}: {mistake}" for mistake in mistakes(name, named.get("params") or {})]
            self.wrong += sorted(named.get("options", {}).keys() - {"idempotency_key"})
            return method(service, *given)

        return watched


@pytest.fixture
def sent(standin: Handle, monkeypatch: pytest.MonkeyPatch) -> Sent:
    log, v1 = Sent(), wire.client().v1
    for service in (type(getattr(v1, name)) for name in SERVICES):
        for method in METHODS:
            if hasattr(service, method):
                monkeypatch.setattr(service, method, log.watch(getattr(service, method)))
    return log


@dataclass
class Till:
    """A customer with a card and one payment of each kind that the calls below are about."""

    shop: Shop

    def __post_init__(self) -> None:
        self.customer = gateway.create_customer("ana@example.com", "customer")
        self.card = gateway.attach_card("pm_card_visa", self.customer).payment_method_id
        self.paid, self.open = self.intent("paid"), self.intent("open")
        gateway.confirm_intent(self.paid, "paid-confirm")
        self.refund = gateway.make_refund(self.paid, amount_cents=1, name="1", key="refund").refund_id or ""

    def intent(self, key: str) -> str:
        made = gateway.create_intent(
            amount_cents=2676,
            currency="usd",
            customer_id=self.customer,
            payment_method_id=self.card,
            metadata={"order": "482719365", "attempt": "1"},
            statement="N482719365",
            key=key,
        )
        return made.payment_intent_id or ""

    def setup(self) -> str:
        name = gateway.begin_setup(self.customer).partition("_secret_")[0]
        return self.shop.sdk.setup_intents.confirm(name, {"payment_method": "pm_card_visa"}).id


CALLS: dict[str, Callable[[Till], object]] = {
    "ask": lambda _: gateway.ask(),
    "attach_card": lambda till: gateway.attach_card(till.card, till.customer),
    "begin_setup": lambda till: gateway.begin_setup(till.customer),
    "cancel_intent": lambda till: gateway.cancel_intent(till.open, "cancel"),
    "confirm_intent": lambda till: gateway.confirm_intent(till.open, "confirm"),
    "confirmed_card": lambda till: gateway.confirmed_card(till.setup(), till.customer),
    "create_customer": lambda till: gateway.create_customer("ben@example.com", "ben"),
    "create_intent": lambda till: till.intent("another"),
    "delete_customer": lambda till: gateway.delete_customer(till.customer),
    "detach_card": lambda till: gateway.detach_card(till.card),
    "find_refund": lambda till: gateway.find_refund(till.paid, "1"),
    "make_refund": lambda till: gateway.make_refund(till.paid, amount_cents=2, name="2", key="refund-2"),
    "payments": lambda till: list(gateway.payments(NOW, NOW + timedelta(days=1))),
    "refund": lambda till: gateway.refund(till.refund),
    "refunds": lambda till: list(gateway.refunds(NOW, NOW + timedelta(days=1))),
    "retrieve_intent": lambda till: gateway.retrieve_intent(till.open),
    "secret_of": lambda till: gateway.secret_of(till.open),
}


@pytest.mark.parametrize("name", CALLS)
def test_what_is_sent_is_of_the_sdks_types(sent: Sent, shop: Shop, standin: Handle, name: str) -> None:
    till = Till(shop)
    before = len(sent.types)
    CALLS[name](till)
    assert len(sent.types) > before
    assert sent.wrong == []
    assert [entry for entry in standin.requests(everything=True) if entry["status"] == 400] == []


def test_no_call_of_the_gateways_is_left_out() -> None:
    functions = {name for name in gateway.__all__ if inspect.isfunction(getattr(gateway, name))}
    assert CALLS.keys() == functions - READ_ONLY


GOOD = {"amount": 1999, "currency": "usd", "metadata": {"order": "1"}, "automatic_payment_methods": {"enabled": True}}


@pytest.mark.parametrize(
    "bad",
    [
        {"amount": "1999"},
        {"amount": 19.99},
        {"metadata": {"order": 1}},
        {"metadata": None},
        {"automatic_payment_methods": {"enabled": "true"}},
        {"automatic_payment_methods": {"enabled": True, "redirects": "never"}},
        {"automatic_payment_methods": {}},
        {"payment_method_types": ["card"]},
        {"off_sesion": True},
        {"idempotency_key": "k"},
    ],
)
def test_the_types_bite(bad: dict[str, Any]) -> None:
    assert mistakes("PaymentIntentCreateParams", GOOD) == []
    assert mistakes("PaymentIntentCreateParams", GOOD | bad) != []


def test_the_watch_bites(sent: Sent) -> None:
    wrong: Any = {"email": 5}
    wire.client().v1.customers.create(wrong, {"idempotency_key": "k", "api_key": "sk_test_other"})
    assert [text.partition(":")[0] for text in sent.wrong] == ["CustomerCreateParams", "api_key"]
