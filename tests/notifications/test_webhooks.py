"""What partners are told: which steps, of what, once each, and sent until it is taken."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from pytest_django.fixtures import Settings
from standardwebhooks.webhooks import WebhookVerificationError

from enrollment import keys
from enrollment import lifecycle as plans
from enrollment.models import ApiKey, PlanEvent, Purchase
from notifications import outbox, tasks
from notifications.models import Delivery, Endpoint, Message
from notifications.webhooks import addresses, deliveries, endpoints, wire
from orders import lifecycle
from orders.models import Order, OrderEvent
from tests.factories import NOW, DeliveryFactory, EndpointFactory
from tests.notifications import shop
from tests.notifications.listener import Listener, Taken, answer
from tests.notifications.test_outbox import kill_at
from tests.orders.world import World

LEASE_OVER = NOW + deliveries.SENDING


@pytest.fixture
def endpoint(world: World) -> Endpoint:
    """The warehouse's, which holds a key."""
    keys.issue(world.partner, ApiKey.Scope.WAREHOUSE)
    return EndpointFactory.create(partner=world.partner)


@pytest.fixture
def delivery(db: None, listener: Listener) -> Delivery:
    """A message that waits for the listener."""
    return DeliveryFactory.create(endpoint__url=listener.url())


def told() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("type", flat=True))


def test_a_warehouse_hears_each_step_of_an_order_as_its_api_shows_it(world: World, endpoint: Endpoint) -> None:
    order = world.order("PGBK")
    shop.ship(world, order)
    order.refresh_from_db()
    lifecycle.deliver(order, NOW, NOW, "UPS")
    shop.read_steps()
    assert told() == ["order.placed", "order.released", "order.shipped", "order.delivered"]
    sku = world.sku("PGBK").code
    assert json.loads(Delivery.objects.get(type="order.shipped").body) == {
        "type": "order.shipped",
        "timestamp": "2026-11-23T10:00:00Z",
        "data": {
            "number": order.display_number,
            "status": "shipped",
            "revision": 1,
            "lines": [{"sku": sku, "quantity": 1, "unit_price_cents": 2499}],
            "discount_cents": 0,
            "tax_cents": 0,
            "shipping_cents": 0,
            "total_cents": 2499,
            "currency": "usd",
            "carrier": "UPS",
            "tracking_number": "1Z999AA10123456784",
            "parcels": [shop.PARCEL | {"tracking_url": "https://www.ups.com/track?tracknum=1Z999AA10123456784"}],
        },
    }


def test_no_message_names_the_customer(world: World, endpoint: Endpoint) -> None:
    order = world.order("C")
    lifecycle.cancel(order, NOW, "staff", "Not made any more.", by_customer=False)
    shop.read_steps()
    assert told() == ["order.placed", "order.backordered", "order.cancelled"]
    for private in ("Ana", "Elm Street", "97201", "ana@example.com", "Not made"):
        assert not Delivery.objects.filter(body__contains=private).exists()


def test_only_who_holds_a_live_warehouse_key_and_wants_it_hears_of_orders(world: World, endpoint: Endpoint) -> None:
    store, former = EndpointFactory.create(), EndpointFactory.create()
    keys.issue(store.partner, ApiKey.Scope.STORE)
    keys.issue(former.partner, ApiKey.Scope.WAREHOUSE)
    keys.revoke(former.partner.keys.get(), NOW)
    picky = EndpointFactory.create(partner=world.partner, types=["order.released"])
    world.order("PGBK")
    shop.read_steps()
    heard = Delivery.objects.order_by("endpoint", "pk").values_list("endpoint", "type")
    placed, released = "order.placed", "order.released"
    assert list(heard) == [(endpoint.pk, placed), (endpoint.pk, released), (picky.pk, released)]


def test_a_test_printers_order_is_nobodys_business(world: World, endpoint: Endpoint) -> None:
    Order.objects.filter(pk=world.order("PGBK").pk).update(is_test=True)
    shop.read_steps()
    assert told() == []


def test_a_note_is_no_step(world: World, endpoint: Endpoint) -> None:
    order = world.order("C")
    lifecycle.note(order, "Somebody wrote something.", NOW, "system", tell=True)
    shop.read_steps()
    assert told() == ["order.placed", "order.backordered"]


def test_an_order_in_its_grace_period_is_told_when_it_is_over(
    world: World, endpoint: Endpoint, settings: Settings
) -> None:
    settings.ORDER_GRACE_HOURS = 2
    order = world.order("PGBK")
    shop.read_steps()
    assert set(Delivery.objects.values_list("due_at", flat=True)) == {order.listed_at}
    lifecycle.cancel(order, NOW, "customer", "", by_customer=True)
    shop.read_steps()
    assert list(Delivery.objects.values_list("type", "due_at")) == [("order.cancelled", NOW)]


def test_a_store_hears_what_became_of_its_own_purchase(world: World) -> None:
    mine, other = EndpointFactory.create(), EndpointFactory.create()
    for each in (mine, other):
        keys.issue(each.partner, ApiKey.Scope.STORE)
    bought = {"purchase_id": "P-1", "body": {}, "at": NOW}
    Purchase.objects.create(partner=mine.partner, plan=world.plan, **bought)
    PlanEvent.objects.create(plan=world.plan, status="active", at=NOW, by="customer", due_at=NOW)
    plans.cancel(world.plan, "I moved.", NOW, "customer")
    steps = list(PlanEvent.objects.values_list("pk", flat=True))
    for _ in range(2):  # a step whose mail must wait is read again
        outbox.read_plan_events(steps, NOW)
    model = str(world.plan.model)
    assert [(each.endpoint, json.loads(each.body)["data"]) for each in Delivery.objects.order_by("pk")] == [
        (mine, {"purchase_id": "P-1", "model": model, "status": "active"}),
        (mine, {"purchase_id": "P-1", "model": model, "status": "cancelled"}),
    ]


def test_a_reader_that_dies_has_kept_neither_mail_nor_message(
    world: World, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.order("PGBK")
    steps = list(OrderEvent.objects.values_list("pk", flat=True))
    kill_at(lifecycle, "told", monkeypatch, lambda: outbox.read_events(steps, NOW))
    assert (Delivery.objects.count(), Message.objects.count()) == (0, 0)
    for _ in range(2):
        outbox.read_events(steps, NOW)
    assert (told(), Message.objects.count()) == (["order.placed", "order.released"], 1)


# Sending


def send(now: datetime = NOW) -> bool:
    return deliveries.send_next(now)


def test_the_worker_sends_and_the_reference_library_verifies(
    world: World, endpoint: Endpoint, listener: Listener
) -> None:
    Endpoint.objects.update(url=listener.url())
    world.order("C")
    with time_machine.travel(NOW, tick=False):
        assert (tasks.sweep_order_events(), tasks.sweep_deliveries()) == (2, 2)
    placed, _ = listener.taken
    assert placed.verified(endpoint.secret)["type"] == "order.placed"
    assert (placed.headers["path"], placed.headers["Content-Type"]) == ("/hooks?from=ars", "application/json")
    assert list(Delivery.objects.values_list("delivered_at", "due_at", "attempts")) == [(NOW, None, 1)] * 2
    forged = Taken(placed.headers, placed.body.replace(b"placed", b"shipped"))
    with pytest.raises(WebhookVerificationError):
        forged.verified(endpoint.secret)


def test_after_a_rotation_both_secrets_verify_for_a_day(delivery: Delivery, listener: Listener) -> None:
    old = delivery.endpoint.secret
    new = endpoints.rotate(delivery.endpoint, NOW)
    send()
    (taken,) = listener.taken
    assert taken.verified(old) == taken.verified(new) == {"type": "order.shipped"}
    delivery.endpoint.refresh_from_db()
    assert delivery.endpoint.secrets(NOW + timedelta(days=1)) == [new]
    deliveries.forget(NOW + timedelta(days=1))
    delivery.endpoint.refresh_from_db()
    assert (delivery.endpoint.secret, delivery.endpoint.old_secret) == (new, "")


def test_what_is_refused_is_sent_again_under_its_id_for_three_days_and_given_up(
    delivery: Delivery, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoints, "PAUSED_AFTER", timedelta(days=9))
    listener.script = [answer(500, body=b"out of \x00 paper")] * 20
    waits, now = [], NOW
    while send(now):
        delivery.refresh_from_db()
        waits.append((delivery.due_at or now) - now)
        now = delivery.due_at or now
    for wait, pause in zip(waits, (*deliveries.PAUSES, timedelta(0)), strict=True):
        assert abs(wait - pause) <= pause * deliveries.JITTER
    assert timedelta(hours=66) < now - NOW < timedelta(hours=78)
    assert {taken.id for taken in listener.taken} == {delivery.webhook_id}
    assert (delivery.given_up_at, delivery.state, delivery.last_status) == (now, "given up", 500)
    assert delivery.last_error == "500: Internal Server Error out of paper"


def test_a_sender_that_dies_after_sending_sends_again_under_the_same_id(
    delivery: Delivery, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    kill_at(deliveries, "_taken", monkeypatch, send)
    assert not send(LEASE_OVER - timedelta(seconds=1))
    assert send(LEASE_OVER)
    assert not send(LEASE_OVER + timedelta(days=1))
    assert [taken.id for taken in listener.taken] == [delivery.webhook_id] * 2


def test_nothing_is_open_in_the_database_while_a_partner_is_waited_for(
    transactional_db: None, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    DeliveryFactory.create(endpoint__url=listener.url())
    look_up, open_blocks = addresses.look_up, []

    def look(target: addresses.Target) -> Any:
        open_blocks.append(connection.in_atomic_block)
        return look_up(target)

    monkeypatch.setattr(addresses, "look_up", look)
    assert send()
    assert (open_blocks, len(listener.taken)) == ([False], 1)


def test_a_lease_outlasts_the_longest_try() -> None:
    assert timedelta(seconds=wire.SECONDS + 60) < deliveries.SENDING


@pytest.mark.parametrize(
    ("asked", "wait"),
    [
        ("90", timedelta(seconds=90)),
        ("Mon, 23 Nov 2026 10:30:00 GMT", timedelta(minutes=30)),
        ("999999999", timedelta(hours=24)),
    ],
)
def test_a_busy_server_is_left_alone_as_long_as_it_asks(
    delivery: Delivery, listener: Listener, asked: str, wait: timedelta
) -> None:
    other = DeliveryFactory.create(endpoint=delivery.endpoint)
    listener.script = [answer(429, {"Retry-After": asked})]
    assert send()
    for each in (delivery, other):
        each.refresh_from_db()
    assert (delivery.due_at, other.due_at) == (NOW + wait, NOW + wait)


def test_one_refused_message_holds_up_no_other(delivery: Delivery, listener: Listener) -> None:
    other = DeliveryFactory.create(endpoint=delivery.endpoint)
    listener.script = [answer(400)]
    assert [send(), send(), send()] == [True, True, False]
    assert [taken.id for taken in listener.taken] == [delivery.webhook_id, other.webhook_id]


def test_messages_are_kept_for_ninety_days(db: None) -> None:
    old = DeliveryFactory.create(created_at=datetime(2026, 8, 25, 9, 59, tzinfo=UTC), due_at=None)
    kept = DeliveryFactory.create(created_at=datetime(2026, 8, 25, 10, 0, tzinfo=UTC), due_at=None)
    with time_machine.travel(NOW, tick=False):
        assert tasks.forget_deliveries() == 1
    assert list(Delivery.objects.all()) == [kept]
    assert old != kept
