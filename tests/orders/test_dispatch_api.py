"""What a warehouse tells of orders: packed, delivered."""

from datetime import timedelta
from typing import Any

import pytest

from enrollment.models import ApiKey
from orders import lifecycle
from orders.models import Dispatch, Order
from tests.factories import NOW, OrderFactory, PartnerFactory
from tests.orders.world import World
from tests.partners import PartnerClient, refusal

PARCEL = {"dispatch_id": "D-1", "carrier": "UPS", "tracking_number": "1Z999"}


@pytest.fixture
def warehouse(db: None) -> PartnerClient:
    return PartnerClient(PartnerFactory.create())


def test_a_dispatch_packs_the_order_and_asks_for_its_charge(world: World) -> None:
    order = world.order()
    answer = PartnerClient(world.partner).tell(f"/orders/{order.display_number}/dispatch", PARCEL)
    body = answer.json()
    assert (answer.status_code, body["status"], body["tracking_number"]) == (202, "packed", "1Z999")
    assert Dispatch.objects.get().due_at == NOW


def test_the_same_dispatch_again_changes_nothing(world: World) -> None:
    order, warehouse = world.order(), PartnerClient(world.partner)
    first = warehouse.tell(f"/orders/{order.number}/dispatch", PARCEL)
    again = warehouse.tell(f"/orders/{order.number}/dispatch", {**PARCEL, "carrier": " UPS "})
    assert (again.status_code, again.json()) == (202, first.json())
    assert Dispatch.objects.count() == 1


@pytest.mark.parametrize("other", [{"tracking_number": "1Z000"}, {"revision": 1}, {"parcels": [PARCEL]}])
def test_a_dispatch_id_with_another_body_is_refused(world: World, other: dict[str, Any]) -> None:
    order, warehouse = world.order(), PartnerClient(world.partner)
    first = warehouse.tell(f"/orders/{order.number}/dispatch", PARCEL)
    answer = warehouse.tell(f"/orders/{order.number}/dispatch", PARCEL | other)
    assert refusal(answer) == (409, "id_reused", None)
    assert warehouse.read(f"/orders/{order.number}") == first.json()


def test_another_partner_may_use_the_same_dispatch_id(world: World) -> None:
    order, other = world.order(), OrderFactory.create(status="released")
    PartnerClient(world.partner).tell(f"/orders/{order.number}/dispatch", PARCEL)
    answer = PartnerClient(PartnerFactory.create()).tell(f"/orders/{other.number}/dispatch", PARCEL)
    assert (answer.status_code, Dispatch.objects.count()) == (202, 2)


def test_a_stale_revision_is_refused(world: World) -> None:
    order = world.order()
    Order.objects.update(revision=2)
    answer = PartnerClient(world.partner).tell(f"/orders/{order.number}/dispatch", {**PARCEL, "revision": 1})
    assert refusal(answer) == (409, "order_changed", None)
    assert (Order.objects.get().status, Dispatch.objects.exists()) == ("released", False)


@pytest.mark.parametrize("status", ["placed", "backordered", "cancelled"])
def test_an_order_that_is_not_released_cannot_be_dispatched(warehouse: PartnerClient, status: str) -> None:
    order = OrderFactory.create(status=status)
    answer = warehouse.tell(f"/orders/{order.number}/dispatch", PARCEL)
    assert (answer.status_code, answer.json()["type"]) == (409, "client_error")
    assert (Order.objects.get().status, Dispatch.objects.exists()) == (status, False)


@pytest.mark.parametrize(
    ("change", "attr"),
    [
        ({"dispatch_id": None}, "dispatch_id"),
        ({"dispatch_id": ""}, "dispatch_id"),
        ({"dispatch_id": "D" * 101}, "dispatch_id"),
        ({"dispatch_id": 7}, "dispatch_id"),
        ({"carrier": "  "}, "carrier"),
        ({"carrier": ["UPS"]}, "carrier"),
        ({"carrier": "U" * 41}, "carrier"),
        ({"tracking_number": "1Z\r\nBcc: x"}, "tracking_number"),
        ({"tracking_number": "1Z\x00"}, "tracking_number"),
        ({"parcels": []}, "parcels"),
        ({"parcels": "1Z"}, "parcels"),
        ({"parcels": [PARCEL] * 21}, "parcels"),
        ({"parcels": [PARCEL, {"carrier": "UPS"}]}, "parcels.1.tracking_number"),
        ({"parcels": [{**PARCEL, "carrier": "\ud800"}]}, "parcels.0.carrier"),
        ({"revision": 0}, "revision"),
        ({"revision": 2**31}, "revision"),
        ({"revision": 10**400}, "revision"),
        ({"revision": "1"}, "revision"),
        ({"revision": True}, "revision"),
        ({"revision": 1.5}, "revision"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_stored(world: World, change: dict[str, Any], attr: str) -> None:
    order = world.order()
    answer = PartnerClient(world.partner).tell(f"/orders/{order.number}/dispatch", PARCEL | change)
    assert (answer.status_code, answer.json()["type"]) == (400, "validation_error")
    assert [error["attr"] for error in answer.json()["errors"]] == [attr]
    assert (Order.objects.get().status, Dispatch.objects.exists()) == ("released", False)


def test_an_order_of_a_test_printer_is_unknown(warehouse: PartnerClient) -> None:
    order = OrderFactory.create(status="released", is_test=True)
    assert refusal(warehouse.tell(f"/orders/{order.number}/dispatch", PARCEL)) == (404, "not_found", None)
    assert (Order.objects.get().status, Dispatch.objects.exists()) == ("released", False)


def test_every_missing_field_is_named(warehouse: PartnerClient) -> None:
    answer = warehouse.tell(f"/orders/{OrderFactory.create().number}/dispatch", {})
    named = {error["attr"] for error in answer.json()["errors"]}
    assert (answer.status_code, named) == (400, {"dispatch_id", "carrier", "tracking_number"})


def shipped(world: World) -> Order:
    order = world.order()
    lifecycle.dispatch(order, world.partner, "D-1", PARCEL, NOW)
    lifecycle.ship(order.pk, NOW, "billing", "")
    return order


def test_a_delivery_is_taken_once_and_the_first_time_stays(world: World) -> None:
    order, warehouse = shipped(world), PartnerClient(world.partner)
    first = warehouse.tell(f"/orders/{order.number}/delivery", {"delivered_at": "2026-11-23T10:00:00Z"})
    again = warehouse.tell(f"/orders/{order.number}/delivery", {"delivered_at": "2026-11-23T10:01:00Z"})
    assert (first.status_code, first.json()["status"]) == (200, "delivered")
    assert (again.status_code, again.json()) == (200, first.json())
    order.refresh_from_db()
    assert order.delivered_at == NOW


def test_an_order_that_never_left_cannot_be_delivered(world: World) -> None:
    order = world.order()
    answer = PartnerClient(world.partner).tell(
        f"/orders/{order.number}/delivery", {"delivered_at": "2026-11-23T10:00:00Z"}
    )
    assert (answer.status_code, Order.objects.get().status) == (409, "released")


@pytest.mark.parametrize(
    "delivered_at",
    [
        None,
        1,
        "2026-11-23",
        "2026-11-23T10:00:00",
        "2026-11-23T10:05:01Z",  # the future, beyond what clocks may differ
        "2026-11-23T09:54:59Z",  # before it was shipped
        "2026-11-31T10:00:00Z",
        "9999-12-31T23:59:59-14:00",
    ],
)
def test_an_impossible_time_of_delivery_is_refused(world: World, delivered_at: object) -> None:
    order = shipped(world)
    answer = PartnerClient(world.partner).tell(f"/orders/{order.number}/delivery", {"delivered_at": delivered_at})
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "delivered_at")
    assert Order.objects.get().status == "shipped"


def test_times_are_read_in_any_zone_and_to_the_nanosecond(world: World) -> None:
    order = shipped(world)
    body = {"delivered_at": "2026-11-23t05:00:00.123456789-05:00"}
    assert PartnerClient(world.partner).tell(f"/orders/{order.number}/delivery", body).status_code == 200
    order.refresh_from_db()
    assert order.delivered_at == NOW + timedelta(microseconds=123456)


def test_a_store_key_does_not_open_the_warehouse(world: World) -> None:
    order = world.order()
    store = PartnerClient(world.partner, ApiKey.Scope.STORE)
    assert refusal(store.tell(f"/orders/{order.number}/dispatch", PARCEL)) == (403, "wrong_scope", None)
    assert Order.objects.get().status == "released"
