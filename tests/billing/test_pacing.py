"""No second holds more requests to an endpoint than allowed, whoever sends them; and no cache stops a payment."""

import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise

import pytest
import stripe
from django.core.cache import cache
from pytest_django import Settings

from ars.standin.process import ROOT, Handle
from billing import charging, gateway
from billing.gateway import pacing, wire
from tests.billing.parcels import begun, end_of
from tests.factories import NOW
from tests.standin.shop import CREATE, Shop

SECOND = pacing.MICROSECONDS
THINGS = "POST /v1/things"
AGES = 20.0  # seconds: longer than what these tests ask for lasts
OTHER_PROCESS = f"""
from django.conf import settings
from billing.gateway import pacing
settings.CACHES["default"]["OPTIONS"]["socket_timeout"] = {AGES}
print(*(pacing.take("{THINGS}", {AGES}).at for _ in range(120)))
"""


@pytest.fixture
def busy(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """An endpoint whose slots are gone for the next fifty seconds, longer than any test lasts."""

    def take_all(endpoint: str = THINGS) -> None:
        settings.STRIPE_REQUESTS_PER_SECOND = 1
        monkeypatch.setattr(pacing, "FURTHEST_SECONDS", 100)
        for _ in range(50):
            assert pacing.take(endpoint, 100)

    return take_all


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long each request would have waited; none does."""
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    return waits


def away(settings: Settings, location: str = "redis://127.0.0.1:1/0") -> None:
    settings.CACHES = {"default": {"BACKEND": "ars.cache.Cache", "LOCATION": location}}


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message.partition(":")[0] for record in caplog.records if record.name == pacing.log.name]


def taken(count: int) -> list[int]:
    slots = [pacing.take(THINGS, AGES) for _ in range(count)]
    return [slot.at for slot in slots if slot]


def wait_of(endpoint: str) -> float:
    slot = pacing.take(endpoint, AGES)
    assert slot is not None
    return slot.wait


def most_in_a_second(moments: list[int]) -> int:
    """Over every span of a second that begins with one of them."""
    return max(sum(begin <= other < begin + SECOND for other in moments) for begin in moments)


def test_the_judge_counts_every_span_of_a_second() -> None:
    assert most_in_a_second([0, SECOND // 2, SECOND - 1, SECOND, SECOND + 1]) == 4


def test_threads_and_processes_together_keep_to_the_rate(settings: Settings) -> None:
    command = [sys.executable, "-c", OTHER_PROCESS]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as other:
        with ThreadPoolExecutor(8) as threads:
            moments = [at for part in threads.map(taken, [15] * 8) for at in part]
        moments += map(int, other.communicate(timeout=100)[0].split())
    assert len(set(moments)) == 240
    assert most_in_a_second(moments) <= settings.STRIPE_REQUESTS_PER_SECOND


@pytest.mark.parametrize("allowed", [1, 3, 7, 25, 1000])
def test_no_second_holds_more_than_allowed(settings: Settings, allowed: int) -> None:
    settings.STRIPE_REQUESTS_PER_SECOND = allowed
    moments = taken(15)
    assert most_in_a_second(moments) <= allowed
    assert all(later - sooner >= SECOND / allowed for sooner, later in pairwise(moments))


def test_each_endpoint_has_slots_of_its_own(busy: Callable[..., None]) -> None:
    busy()
    assert wait_of("GET /v1/things") == 0


def test_who_cannot_wait_is_turned_away_and_takes_no_slot(busy: Callable[..., None], slept: list[float]) -> None:
    busy()
    before = pacing._script().registered_client.get(f"stripe:{THINGS}")
    with pytest.raises(stripe.RateLimitError):
        pacing.wait(THINGS, 0.5)
    assert slept == []
    assert pacing._script().registered_client.get(f"stripe:{THINGS}") == before


def test_who_can_wait_does(busy: Callable[..., None], slept: list[float]) -> None:
    busy()
    pacing.wait(THINGS, 100)
    assert 0 < slept[0] <= 50


def test_a_clock_that_was_set_back_stops_nobody() -> None:
    far = (time.time() + 3600) * SECOND
    pacing._script().registered_client.set(f"stripe:{THINGS}", f"{far:.0f}")
    assert (wait_of(THINGS), wait_of(THINGS) <= 0.04) == (0, True)


@pytest.mark.parametrize("location", ["redis://127.0.0.1:1/0", "/some/folder"])
def test_without_redis_requests_go_on_and_it_is_said_once(
    settings: Settings, slept: list[float], caplog: pytest.LogCaptureFixture, location: str
) -> None:
    pacing._outage.clear()
    away(settings, location)
    for _ in range(60):
        pacing.wait(THINGS, 0)
    assert slept == []
    assert said(caplog) == ["Redis is away, so requests to Stripe are not paced"]


def test_an_outage_after_it_was_over_is_said_again(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    pacing._outage.clear()
    there = settings.CACHES
    for _ in range(2):
        away(settings)
        pacing.wait(THINGS, 0)
        settings.CACHES = there
        pacing.wait(THINGS, 1)
    assert len(said(caplog)) == 2


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://api.stripe.com/v1/payment_intents", "POST /v1/payment_intents"),
        ("https://api.stripe.com/v1/payment_intents/pi_1", "POST /v1/payment_intents/*"),
        ("https://api.stripe.com/v1/payment_intents/pi_2/confirm", "POST /v1/payment_intents/*/confirm"),
        ("http://127.0.0.1:1/v1/charges?created[gte]=1&limit=100", "POST /v1/charges"),
    ],
)
def test_an_endpoint_is_a_method_and_an_address_without_ids(url: str, name: str) -> None:
    assert wire.endpoint("post", url) == name


@pytest.mark.django_db
def test_a_charge_without_a_slot_comes_back_later_and_is_made_once(
    standin: Handle, shop: Shop, busy: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    charge = begun()
    monkeypatch.setattr(wire, "WORKER", replace(wire.WORKER, slot=0))
    busy(CREATE)
    before = len(standin.requests(everything=True))
    charging.advance(charge.pk, NOW)
    charge.refresh_from_db()
    assert (charge.status, charge.outcome, charge.tries, charge.spent_keys) == ("pending", "http_429", 1, 0)
    assert len(standin.requests(everything=True)) == before
    cache.clear()
    charging.advance(charge.pk, NOW)
    assert end_of(charge) == ("paid", "shipped", 1)
    assert len(shop.paid()) == 1


def test_customers_and_cards_without_a_slot_are_unavailable(
    busy: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "PAGE", replace(wire.PAGE, slot=0))
    busy("POST /v1/customers")
    with pytest.raises(gateway.UnavailableError):
        gateway.create_customer("ana@example.com", "k")


def test_the_sdks_repeats_and_every_page_of_a_list_wait_for_slots_too(
    standin: Handle, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(pacing, "wait", lambda endpoint, patience: asked.append(endpoint))
    standin.fault("GET /v1/refunds", "503", times=2)
    list(gateway.refunds(NOW, NOW))
    assert asked == ["GET /v1/refunds"] * 3
