"""`manage.py stripe_smoke`, over real sockets: an honest list of steps, and no money where there is real money."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from ars.standin.process import Handle
from ars.stripe_keys import DEVELOPMENT
from billing.management.commands import stripe_smoke
from billing.models import StripeEvent
from tests.standin.shop import CONFIRM, Shop

STEPS = [
    "make a customer",
    "let a browser save a card",
    "save pm_card_visa",
    "make a payment to take",
    "make it once, when asked twice",
    "take the money",
    "say later that it was taken",
    "save pm_card_chargeCustomerFail",
    "make a payment to decline",
    "decline it",
    "cancel what was declined",
    "make a payment to cancel",
    "cancel it",
    "give the money back",
    "find the refund by its name",
    "list the payment",
    "list the refund",
    "forget the customer",
]


def tried(*options: str) -> tuple[list[tuple[str, str]], str, str]:
    """Each step's end and name, the last line, and what the command died of."""
    output, died = StringIO(), ""
    try:
        call_command("stripe_smoke", *options, stdout=output)
    except CommandError as error:
        died = str(error)
    lines = output.getvalue().splitlines()
    steps = [(line.split()[0], line.partition(" s  ")[2]) for line in lines if line.startswith(("ok", "FAILED"))]
    return steps, lines[-1] if lines else "", died


def test_a_sandbox_that_works_passes_every_step_and_is_left_as_it_was(standin: Handle, shop: Shop) -> None:
    steps, last, died = tried()
    assert steps == [("ok", name) for name in STEPS]
    assert last.startswith(f"All {len(STEPS)} steps went as they should. Whether Stripe's events arrive was not tried")
    assert died == ""
    [paid] = shop.paid()
    assert (paid.amount, paid.amount_refunded, paid.refunded) == (100, 100, True)
    assert shop.sdk.customers.list().data == []
    assert {intent.status for intent in shop.sdk.payment_intents.list().data} == {"succeeded", "canceled"}


def test_it_may_be_run_again(standin: Handle, shop: Shop) -> None:
    assert [tried()[2], tried()[2]] == ["", ""]
    assert len(shop.paid()) == 2


@pytest.mark.parametrize(
    ("match", "kind", "after", "step"),
    [
        (CONFIRM, "500_before", 5, "take the money: it is unknown (http_500)"),
        ("POST /v1/payment_methods/*/attach", "503", 2, "save pm_card_visa: "),
        ("POST /v1/refunds", "429", 13, "give the money back: it is unknown (http_429)"),
        ("GET /v1/refunds", "reset", 14, "find the refund by its name: it is unknown (no_answer)"),
    ],
)
def test_a_step_that_fails_is_named_and_the_customer_forgotten(
    standin: Handle, shop: Shop, match: str, kind: str, after: int, step: str
) -> None:
    standin.fault(match, kind, times=None)
    steps, _, died = tried()
    assert died.startswith(f"After {after} steps that went well, Stripe did not {step}")
    assert [end for end, _ in steps] == ["ok"] * after + ["FAILED", "ok"]
    assert shop.sdk.customers.list().data == []


def test_a_customer_who_could_not_be_forgotten_is_named(standin: Handle, shop: Shop) -> None:
    standin.fault("DELETE /v1/customers/*", "500_before", times=None)
    steps, last, died = tried()
    [customer] = shop.sdk.customers.list().data
    assert steps[-1] == ("FAILED", "forget the customer")
    assert last.strip() == f"delete {customer.id} in Stripe's dashboard"
    assert died == f"All went as it should, but customer {customer.id} is still at Stripe."


def test_the_failure_before_is_not_hidden_by_one_to_clean_up(standin: Handle) -> None:
    standin.fault(CONFIRM, "500_before", times=None)
    standin.fault("DELETE /v1/customers/*", "500_before", times=None)
    steps, _, died = tried()
    assert [name for end, name in steps if end == "FAILED"] == ["take the money", "forget the customer"]
    assert "take the money" in died


def test_a_webhook_secret_that_is_none_is_told_at_once(standin: Handle, settings: Settings) -> None:
    settings.STRIPE_WEBHOOK_SECRET = "we_123"
    assert tried() == (
        [],
        "",
        "STRIPE_WEBHOOK_SECRET is not one of Stripe's (whsec_...). Stripe was asked for nothing.",
    )


@pytest.mark.django_db(transaction=True)
def test_the_event_is_waited_for(standin: Handle, live_server: LiveServer, settings: Settings) -> None:
    standin.webhooks(url=f"{live_server.url}/webhooks/stripe", secret=settings.STRIPE_WEBHOOK_SECRET)
    steps, _, died = tried("--webhook")
    assert (steps[-2], died) == (("ok", "send the event of the payment to our webhook"), "")
    assert StripeEvent.objects.filter(type="payment_intent.succeeded").count() == 1


@pytest.mark.django_db
def test_an_event_that_does_not_come_is_told(standin: Handle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stripe_smoke, "EVENT_SECONDS", 0)
    assert "Stripe did not send the event of the payment to our webhook" in tried("--webhook")[2]


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("sk_live_1secret", "STRIPE_SECRET_KEY is a live key"),
        ("rk_live_1secret", "STRIPE_SECRET_KEY is a live key"),
        ("", "STRIPE_SECRET_KEY is not set to a sandbox's key"),
        ("pk_test_1secret", "STRIPE_SECRET_KEY is not set to a sandbox's key"),
        (DEVELOPMENT["secret"], "STRIPE_SECRET_KEY is not set to a sandbox's key"),
    ],
)
def test_it_asks_nothing_of_real_money_or_without_a_key(
    standin: Handle, settings: Settings, key: str, sentence: str
) -> None:
    settings.STRIPE_SECRET_KEY = key
    if key == DEVELOPMENT["secret"]:
        settings.STRIPE_API_BASE = ""
    steps, last, died = tried()
    assert died.startswith(sentence)
    assert "1secret" not in died
    assert (steps, last, standin.requests(everything=True)) == ([], "", [])
