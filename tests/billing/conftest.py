"""The stand-in for Stripe as a process, empty before every test, and the SDK pointed at it without its waits."""

from collections.abc import Iterator

import pytest
import stripe
from pytest_django import Settings

from ars.standin.process import Handle, start
from tests.standin.shop import Shop


@pytest.fixture(scope="session")
def stripe_process() -> Iterator[Handle]:
    handle = start()
    yield handle
    handle.stop()


@pytest.fixture
def standin(stripe_process: Handle, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Handle]:
    stripe_process.flush()
    settings.STRIPE_API_BASE = stripe_process.url
    settings.STRIPE_REQUESTS_PER_SECOND = 1000
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0)
    monkeypatch.setattr(stripe.HTTPClient, "MAX_DELAY", 0)
    yield stripe_process
    stripe_process.flush()  # what it would still tell us is for no other test


@pytest.fixture
def shop(standin: Handle) -> Shop:
    """What Stripe itself knows, whatever our rows say."""
    return Shop(standin.url)
