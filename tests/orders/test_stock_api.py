"""What a warehouse reads and tells of its shelf."""

from typing import Any

import pytest

from orders.api.pagination import KeysetPagination
from orders.models import Order, Receipt, StockItem
from tests.factories import OrderLineFactory, PartnerFactory, SkuFactory, StockItemFactory
from tests.orders.world import World
from tests.partners import PartnerClient, refusal


@pytest.fixture
def warehouse(db: None) -> PartnerClient:
    return PartnerClient(PartnerFactory.create())


def receipt(**change: Any) -> dict[str, Any]:
    return {"receipt_id": "R-1", "sku": "PGI-280-PGBK", "quantity": 40, **change}


def test_the_shelf_tells_what_is_there_promised_and_waited_for(warehouse: PartnerClient) -> None:
    StockItemFactory.create(sku__code="B", on_hand=7, reserved=3, expected_on="2026-12-12")
    cyan = SkuFactory.create(code="A")
    OrderLineFactory.create(sku=cyan, quantity=2, order__status="backordered")
    OrderLineFactory.create(sku=cyan, order__status="backordered")
    OrderLineFactory.create(sku=cyan, order__status="released")
    OrderLineFactory.create(sku=cyan, order__status="backordered", order__is_test=True)
    assert warehouse.read("/stock") == {
        "results": [
            {"sku": "A", "on_hand": 0, "reserved": 0, "backordered": 3, "expected_on": None},
            {"sku": "B", "on_hand": 7, "reserved": 3, "backordered": 0, "expected_on": "2026-12-12"},
        ],
        "next": None,
    }


def test_the_shelf_is_read_in_pages(warehouse: PartnerClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(KeysetPagination, "page_size", 2)
    for code in "CAB":
        SkuFactory.create(code=code)
    first = warehouse.read("/stock")
    second = warehouse.read(first["next"])
    assert [row["sku"] for row in first["results"] + second["results"]] == ["A", "B", "C"]
    assert second["next"] is None


def test_a_receipt_is_booked_once(warehouse: PartnerClient) -> None:
    SkuFactory.create(code="PGI-280-PGBK")
    first = warehouse.tell("/stock/receipts", receipt())
    again = warehouse.tell("/stock/receipts", receipt())
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json() == receipt()
    assert StockItem.objects.get().on_hand == 40


def test_a_receipt_id_with_another_body_is_refused(warehouse: PartnerClient) -> None:
    SkuFactory.create(code="PGI-280-PGBK")
    warehouse.tell("/stock/receipts", receipt())
    answer = warehouse.tell("/stock/receipts", receipt(quantity=41))
    assert refusal(answer) == (409, "id_reused", None)
    assert StockItem.objects.get().on_hand == 40


def test_another_partner_may_use_the_same_receipt_id(warehouse: PartnerClient) -> None:
    SkuFactory.create(code="PGI-280-PGBK")
    warehouse.tell("/stock/receipts", receipt())
    answer = PartnerClient(PartnerFactory.create()).tell("/stock/receipts", receipt())
    assert (answer.status_code, StockItem.objects.get().on_hand) == (201, 80)


def test_an_unknown_sku_is_404(warehouse: PartnerClient) -> None:
    assert refusal(warehouse.tell("/stock/receipts", receipt())) == (404, "not_found", None)
    assert not Receipt.objects.exists()


def test_a_receipt_releases_what_waits(world: World) -> None:
    order, warehouse = world.order("C"), PartnerClient(world.partner)
    warehouse.tell("/stock/receipts", receipt(sku=world.sku("C").code))
    assert (order.status, Order.objects.get().status) == ("backordered", "released")


@pytest.mark.parametrize(
    ("change", "attr"),
    [
        ({"quantity": 0}, "quantity"),
        ({"quantity": -1}, "quantity"),
        ({"quantity": 100_001}, "quantity"),
        ({"quantity": 2.5}, "quantity"),
        ({"quantity": "5"}, "quantity"),
        ({"quantity": None}, "quantity"),
        ({"receipt_id": ""}, "receipt_id"),
        ({"receipt_id": "R" * 101}, "receipt_id"),
        ({"receipt_id": "R\x001"}, "receipt_id"),
        ({"sku": 280}, "sku"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_stored(warehouse: PartnerClient, change: dict[str, Any], attr: str) -> None:
    SkuFactory.create(code="PGI-280-PGBK")
    answer = warehouse.tell("/stock/receipts", receipt(**change))
    assert (answer.status_code, [error["attr"] for error in answer.json()["errors"]]) == (400, [attr])
    assert not Receipt.objects.exists()


@pytest.mark.parametrize("quantity", [1, 100_000, 40.0])
def test_quantities_within_bounds_are_taken(warehouse: PartnerClient, quantity: float) -> None:
    SkuFactory.create(code="PGI-280-PGBK")
    assert warehouse.tell("/stock/receipts", receipt(quantity=quantity)).status_code == 201
    assert StockItem.objects.get().on_hand == quantity


def expected(**change: Any) -> dict[str, Any]:
    return {"sku": "PGI-280-PGBK", "expected_on": "2026-12-12", **change}


def test_a_warehouse_says_when_more_comes_and_that_nobody_knows(world: World) -> None:
    warehouse, code = PartnerClient(world.partner), world.sku().code
    for day in ("2026-12-12", "2026-12-12", None):
        answer = warehouse.tell("/stock/expected", expected(sku=code, expected_on=day))
        assert (answer.status_code, answer.json()) == (200, {"sku": code, "expected_on": day})
    assert StockItem.objects.get(sku=world.sku()).expected_on is None


@pytest.mark.parametrize("day", ["2026-11-22", "2030-01-01", "9999-12-31", "12 Dec", 5, "", True])
def test_a_day_that_cannot_be_is_refused(world: World, day: object) -> None:
    answer = PartnerClient(world.partner).tell("/stock/expected", expected(sku=world.sku().code, expected_on=day))
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "expected_on")


def test_of_an_unknown_sku_nothing_is_expected(world: World) -> None:
    assert refusal(PartnerClient(world.partner).tell("/stock/expected", expected(sku="XX"))) == (404, "not_found", None)
