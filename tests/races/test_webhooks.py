"""Sweeps at the same moment send a partner each message once; who resumes meanwhile leaves none behind."""

import threading
from datetime import datetime
from functools import partial

import pytest

from notifications.models import Delivery, Endpoint
from notifications.webhooks import deliveries, endpoints
from printers import facts
from tests.factories import NOW, DeliveryFactory, EndpointFactory
from tests.notifications.listener import Listener
from tests.races.threads import errors, race

pytestmark = pytest.mark.django_db(transaction=True)


def sweep() -> int:
    sent = 0
    while deliveries.send_next(NOW):
        sent += 1
    return sent


def test_two_sweeps_send_each_message_once(listener: Listener) -> None:
    DeliveryFactory.create_batch(10, endpoint=EndpointFactory.create(url=listener.url()))
    outcomes = race(sweep, sweep)
    assert errors(outcomes) == []
    assert sum(outcomes) == 10
    assert len({taken.id for taken in listener.taken}) == len(listener.taken) == 10


def test_without_a_claim_both_would_send_it(listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: whoever only reads what is due."""
    both = threading.Barrier(2)

    def read(*_: object, now: datetime, **__: object) -> list[int]:
        found = list(Delivery.objects.filter(due_at__lte=now).values_list("pk", flat=True))
        both.wait(timeout=60)
        return found

    monkeypatch.setattr(facts, "claim", read)
    DeliveryFactory.create(endpoint__url=listener.url())
    assert race(*[lambda: deliveries.send_next(NOW)] * 2) == [True, True]
    assert len(listener.taken) == 2


def paused(listener: Listener) -> Endpoint:
    """With a message that is due, and that nobody has looked at since the pause."""
    endpoint = EndpointFactory.create(url=listener.url(), paused_at=NOW, paused_cause="By boss.")
    DeliveryFactory.create(endpoint=endpoint)
    return endpoint


def test_who_resumes_while_a_sweep_looks_leaves_nothing_behind(listener: Listener) -> None:
    for _ in range(8):
        endpoint = paused(listener)
        outcomes = race(lambda: deliveries.send_next(NOW), partial(endpoints.resume, endpoint, NOW))
        assert errors(outcomes) == []
        sweep()
    assert Delivery.objects.filter(delivered_at=NOW).count() == 8


def test_without_the_endpoints_lock_it_would_be_left_behind(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: the sweep reads 'paused', and writes after it was resumed."""
    endpoint, looked, resumed = paused(listener), threading.Event(), threading.Event()

    def only_read(endpoint_id: int) -> Endpoint:
        found = Endpoint.objects.get(pk=endpoint_id)
        if not looked.is_set():  # the sweep, which is the first
            looked.set()
            resumed.wait(30)
        return found

    def resume() -> None:
        looked.wait(30)
        endpoints.resume(endpoint, NOW)
        resumed.set()

    monkeypatch.setattr(endpoints, "lock", only_read)
    assert errors(race(lambda: deliveries.send_next(NOW), resume)) == []
    assert not deliveries.send_next(NOW)
    assert Delivery.objects.get().delivered_at is None
