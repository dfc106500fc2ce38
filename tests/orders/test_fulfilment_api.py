"""What a warehouse reads of orders."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries

from orders.api.pagination import KeysetPagination
from tests.factories import NOW, OrderEventFactory, OrderFactory, OrderLineFactory, PartnerFactory
from tests.partners import PartnerClient, refusal


@pytest.fixture
def warehouse(db: None) -> Iterator[PartnerClient]:
    with time_machine.travel(NOW, tick=False):
        yield PartnerClient(PartnerFactory.create(name="Warehouse"))


def numbers(page: dict[str, Any]) -> list[str]:
    return [order["number"] for order in page["results"]]


def make_orders(count: int) -> list[str]:
    """Numbers of released orders, a minute apart, oldest first."""
    times = [NOW - timedelta(minutes=count - place) for place in range(count)]
    return [OrderFactory.create(status="released", placed_at=time).display_number for time in times]


def test_an_order_reads_as_agreed(warehouse: PartnerClient) -> None:
    order = OrderFactory.create(number="482719368", status="released", tax_cents=12, discount_cents=100)
    line = OrderLineFactory.create(order=order, quantity=2)
    OrderEventFactory.create(order=order, status="placed", at=NOW - timedelta(hours=1))
    OrderEventFactory.create(order=order, status="released", note="There is a card again.")
    assert warehouse.read("/orders/482719368") == {
        "number": "4827-1936-8",
        "status": "released",
        "revision": 1,
        "ship_to": order.ship_to,
        "lines": [{"sku": line.sku.code, "quantity": 2, "unit_price_cents": 2499}],
        "discount_cents": 100,
        "tax_cents": 12,
        "shipping_cents": 0,
        "total_cents": 2499,
        "currency": "usd",
        "carrier": "",
        "tracking_number": "",
        "parcels": [],
        "history": [
            {"status": "placed", "at": "2026-11-23T09:00:00Z", "note": ""},
            {"status": "released", "at": "2026-11-23T10:00:00Z", "note": "There is a card again."},
        ],
    }


@pytest.mark.parametrize("typed", ["482719368", "4827-1936-8", "ARS-4827-1936-8", "4827 1936 8"])
def test_a_number_is_read_however_it_is_typed(warehouse: PartnerClient, typed: str) -> None:
    OrderFactory.create(number="482719368")
    assert warehouse.read(f"/orders/{typed}")["number"] == "4827-1936-8"


@pytest.mark.parametrize("number", ["482719365", "100000006", "x", "%00", "9" * 5000, "%ff%fe"])
def test_an_unknown_number_is_404(warehouse: PartnerClient, number: str) -> None:
    OrderFactory.create(number="482719368")
    assert refusal(warehouse.get(f"/api/v1/fulfilment/orders/{number}")) == (404, "not_found", None)


def test_the_list_has_the_same_orders_oldest_first(warehouse: PartnerClient) -> None:
    made = make_orders(3)
    page = warehouse.read("/orders")
    assert (numbers(page), page["next"]) == (made, None)
    assert page["results"][0] == warehouse.read(f"/orders/{made[0]}")


def test_the_list_is_narrowed_by_status(warehouse: PartnerClient) -> None:
    make_orders(1)
    waiting = OrderFactory.create(status="backordered")
    assert numbers(warehouse.read("/orders", status="backordered")) == [waiting.display_number]


def test_the_list_is_narrowed_by_the_time_of_change(warehouse: PartnerClient) -> None:
    OrderFactory.create(updated_at=NOW - timedelta(microseconds=1))
    changed = OrderFactory.create(updated_at=NOW)
    page = warehouse.read("/orders", updated_since="2026-11-23T05:00:00-05:00")
    assert numbers(page) == [changed.display_number]


def test_parameters_left_empty_narrow_nothing(warehouse: PartnerClient) -> None:
    made = make_orders(1)
    assert numbers(warehouse.read("/orders", status="", updated_since="", cursor="")) == made


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("status", "posted"),
        ("status", "\x00"),
        ("updated_since", "yesterday"),
        ("updated_since", "2026-11-23"),
        ("updated_since", "2026-11-23T10:00:00"),
        ("updated_since", "2026-02-30T10:00:00Z"),
        ("updated_since", "0001-01-01T00:00:00+14:00"),
        ("cursor", "x"),
        ("cursor", "eyJhIjoxfQ:1abc:\x00"),
    ],
)
def test_a_bad_parameter_is_named(warehouse: PartnerClient, parameter: str, value: str) -> None:
    answer = warehouse.get("/api/v1/fulfilment/orders", {parameter: value})
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, parameter)


def test_pages_hold_each_order_once_whatever_is_placed_meanwhile(
    warehouse: PartnerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KeysetPagination, "page_size", 2)
    made = make_orders(5)
    first = warehouse.read("/orders", status="released")
    OrderFactory.create(status="released", placed_at=NOW - timedelta(days=1))
    second = warehouse.read(first["next"])
    third = warehouse.read(second["next"])
    assert [*numbers(first), *numbers(second), *numbers(third)] == made
    assert third["next"] is None


def test_orders_of_the_same_moment_are_paged_by_their_key(
    warehouse: PartnerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KeysetPagination, "page_size", 1)
    made = [OrderFactory.create(placed_at=NOW).display_number for _ in range(3)]
    first = warehouse.read("/orders")
    second = warehouse.read(first["next"])
    assert [*numbers(first), *numbers(second), *numbers(warehouse.read(second["next"]))] == made


def test_the_next_page_keeps_what_was_asked_for(warehouse: PartnerClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(KeysetPagination, "page_size", 1)
    OrderFactory.create(status="backordered", placed_at=NOW - timedelta(minutes=10))
    OrderFactory.create(status="placed", placed_at=NOW - timedelta(minutes=5))
    last = OrderFactory.create(status="backordered")
    page = warehouse.read("/orders", status="backordered", updated_since="2026-11-01T00:00:00Z")
    assert page["next"].startswith("http://testserver/api/v1/fulfilment/orders?")
    assert numbers(warehouse.read(page["next"])) == [last.display_number]


def test_one_list_refuses_the_cursor_of_another(warehouse: PartnerClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(KeysetPagination, "page_size", 1)
    make_orders(2)
    cursor = warehouse.read("/orders")["next"].partition("cursor=")[2]
    answer = warehouse.get(f"/api/v1/fulfilment/stock?cursor={cursor}")
    assert refusal(answer) == (400, "invalid", "cursor")


def test_a_released_order_appears_when_it_is_listed(warehouse: PartnerClient) -> None:
    order = OrderFactory.create(status="released", listed_at=NOW + timedelta(hours=24))
    address = f"/api/v1/fulfilment/orders/{order.number}"
    assert (warehouse.read("/orders")["results"], warehouse.get(address).status_code) == ([], 404)
    with time_machine.travel(NOW + timedelta(hours=24), tick=False):
        assert numbers(warehouse.read("/orders")) == [order.display_number]


def test_an_order_of_a_test_printer_never_appears(warehouse: PartnerClient) -> None:
    order = OrderFactory.create(status="released", is_test=True)
    assert warehouse.read("/orders")["results"] == []
    assert warehouse.get(f"/api/v1/fulfilment/orders/{order.number}").status_code == 404


def test_a_longer_list_takes_no_more_queries(
    warehouse: PartnerClient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(5):
        line = OrderLineFactory.create(order__status="released")
        OrderEventFactory.create(order=line.order)
    with django_assert_num_queries(5):  # the key and its use, the orders, their lines, their events
        assert len(warehouse.read("/orders")["results"]) == 5
