"""An endpoint is paused when it is gone or only fails, keeps what happens meanwhile, and goes on when it is resumed."""

from datetime import timedelta

import pytest

from notifications.models import Delivery, Endpoint
from notifications.webhooks import deliveries, endpoints
from tests.factories import NOW, DeliveryFactory, EndpointFactory
from tests.notifications.listener import Listener, answer

HOUR = timedelta(hours=1)


@pytest.fixture
def endpoint(db: None, listener: Listener) -> Endpoint:
    return EndpointFactory.create(url=listener.url())


def test_who_answers_410_is_sent_nothing_more(endpoint: Endpoint, listener: Listener) -> None:
    DeliveryFactory.create_batch(2, endpoint=endpoint)
    listener.script = [answer(410)]
    while deliveries.send_next(NOW):
        pass
    endpoint.refresh_from_db()
    assert (endpoint.paused_at, endpoint.paused_cause) == (NOW, endpoints.GONE)
    assert len(listener.taken) == 1
    assert {each.state for each in Delivery.objects.select_related("endpoint")} == {"waits until resumed"}


def test_who_only_fails_for_a_day_is_paused_and_a_message_taken_begins_anew(
    endpoint: Endpoint, listener: Listener
) -> None:
    def attempt(at: timedelta, status: int) -> None:
        listener.script = [answer(status)]
        DeliveryFactory.create(endpoint=endpoint, due_at=NOW + at)
        Delivery.objects.exclude(due_at=NOW + at).update(due_at=None)
        assert deliveries.send_next(NOW + at)
        endpoint.refresh_from_db()

    for hours, status in ((0, 500), (23, 500), (24, 204), (25, 500), (48, 500)):
        attempt(hours * HOUR, status)
        assert endpoint.paused_at is None
    attempt(49 * HOUR, 500)
    assert endpoint.paused_at == NOW + 49 * HOUR
    assert endpoint.paused_cause.endswith("24 hours. Latest: 500: Internal Server Error")


def test_what_happens_while_it_is_paused_is_sent_after_it_oldest_first(endpoint: Endpoint, listener: Listener) -> None:
    listener.script = [answer(500)]
    waiting = [DeliveryFactory.create(endpoint=endpoint, created_at=NOW - n * HOUR) for n in (3, 2)]
    assert deliveries.send_next(NOW)
    assert endpoints.pause(endpoint, "By boss.", NOW)
    assert not endpoints.pause(endpoint, "By another.", NOW)
    waiting.append(DeliveryFactory.create(endpoint=endpoint, created_at=NOW - HOUR))
    later = DeliveryFactory.create(endpoint=endpoint, due_at=NOW + HOUR)
    while deliveries.send_next(NOW):
        pass
    assert len(listener.taken) == 1
    assert endpoints.resume(endpoint, NOW)
    assert not endpoints.resume(endpoint, NOW)
    while deliveries.send_next(NOW):
        pass
    assert [taken.id for taken in listener.taken[1:]] == [each.webhook_id for each in waiting]
    later.refresh_from_db()
    assert (later.due_at, later.state) == (NOW + HOUR, "to be sent")


def test_a_replay_sends_again_under_the_same_id(endpoint: Endpoint, listener: Listener) -> None:
    done = DeliveryFactory.create(endpoint=endpoint, due_at=None, delivered_at=NOW, attempts=1)
    lost = DeliveryFactory.create(endpoint=endpoint, due_at=None, given_up_at=NOW, attempts=13)
    DeliveryFactory.create(endpoint=endpoint, due_at=NOW + HOUR)  # its first try is still to come
    assert deliveries.replay(Delivery.objects.all(), NOW) == 2
    while deliveries.send_next(NOW):
        pass
    assert [taken.id for taken in listener.taken] == [done.webhook_id, lost.webhook_id]
    assert Delivery.objects.filter(delivered_at=NOW, given_up_at=None, attempts=1).count() == 2


def test_a_trial_message_is_tried_once_though_the_endpoint_is_paused(endpoint: Endpoint, listener: Listener) -> None:
    endpoints.pause(endpoint, "By boss.", NOW)
    listener.script = [answer(500)]
    for state in ("given up", "delivered"):
        message = deliveries.ping(endpoint, NOW)
        assert deliveries.send_next(NOW)
        message.refresh_from_db()
        assert message.state == state
    assert listener.taken[1].verified(endpoint.secret) == {
        "type": "ping",
        "timestamp": "2026-11-23T10:00:00Z",
        "data": {},
    }
    endpoint.refresh_from_db()
    assert (endpoint.paused_at, endpoint.failing_since) == (NOW, None)
