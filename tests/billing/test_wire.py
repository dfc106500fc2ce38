"""What every call to Stripe has in common: the version, how long it waits, how often it is repeated, and one place."""

from typing import Any

import pytest
import requests
import stripe
from pytest_django import Settings

from billing import leases
from billing.gateway import API_VERSION, wire
from billing.gateway.wire import PAGE, WORKER, Patience
from tests.test_architecture import LINE, ROOT

Sent = list[tuple[dict[str, str], tuple[float, float]]]


@pytest.fixture
def sent(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Sent:
    """Headers and time-outs of every request; none gets an answer."""
    log: Sent = []

    def send(session: requests.Session, method: str, url: str, **how: Any) -> None:
        log.append((how["headers"], how["timeout"]))
        raise requests.ConnectionError

    settings.STRIPE_REQUESTS_PER_SECOND = 1000
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0)
    monkeypatch.setattr(stripe.HTTPClient, "MAX_DELAY", 0)
    monkeypatch.setattr(requests.Session, "request", send)
    return log


@pytest.mark.parametrize("patience", [WORKER, PAGE])
def test_each_request_names_its_version_and_has_its_patience(sent: Sent, patience: Patience) -> None:
    with pytest.raises(stripe.APIConnectionError):
        wire.client(patience).v1.payment_intents.create({"amount": 100, "currency": "usd"})
    assert [timeout for _, timeout in sent] == [(patience.connect, patience.read)] * (1 + patience.retries)
    assert {headers["Stripe-Version"] for headers, _ in sent} == {API_VERSION}
    assert len({headers["Idempotency-Key"] for headers, _ in sent}) == 1


def test_the_version_is_the_one_the_sdk_was_made_for() -> None:
    assert stripe.api_version == API_VERSION


def test_nobody_else_connects_to_stripe() -> None:
    files = [file for app in LINE for file in (ROOT / app).rglob("*.py")]
    connecting = [file.relative_to(ROOT).as_posix() for file in files if "StripeClient" in file.read_text()]
    assert connecting == ["billing/gateway/wire.py"]


def test_a_lease_outlasts_the_longest_call() -> None:
    delays = sum(
        min(stripe.HTTPClient.INITIAL_DELAY * 2**n, stripe.HTTPClient.MAX_DELAY) for n in range(WORKER.retries)
    )
    worst = (1 + WORKER.retries) * (WORKER.slot + WORKER.connect + WORKER.read) + delays
    assert worst < leases.LEASE.total_seconds()
