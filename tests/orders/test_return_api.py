"""What a warehouse tells of parcels that came back."""

from typing import Any

import pytest

from enrollment import doubts
from orders.models import Order, ReturnReceipt
from tests.orders.parcels import delivered, shipped
from tests.orders.world import World
from tests.partners import PartnerClient, refusal


@pytest.fixture
def warehouse(world: World) -> PartnerClient:
    return PartnerClient(world.partner)


def body(world: World, **change: Any) -> dict[str, Any]:
    line = {"sku": world.sku().code, "quantity": 1, "accepted": True}
    return {"return_id": "B-1", "lines": [line | change.pop("line", {})], **change}


def test_a_return_is_booked_once(world: World, warehouse: PartnerClient) -> None:
    order = delivered(world)
    first = warehouse.tell(f"/orders/{order.display_number}/return", body(world))
    again = warehouse.tell(f"/orders/{order.display_number}/return", body(world))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert (first.json()["status"], ReturnReceipt.objects.count()) == ("returned", 1)


def test_a_parcel_nobody_took_in_comes_back_undelivered(world: World, warehouse: PartnerClient) -> None:
    order = shipped(world)
    assert warehouse.tell(f"/orders/{order.number}/return", body(world)).json()["status"] == "returned"


@pytest.mark.parametrize("undeliverable", [True, False])
def test_what_the_carrier_brought_back_puts_the_address_in_doubt(
    world: World, warehouse: PartnerClient, *, undeliverable: bool
) -> None:
    order = shipped(world)
    for _ in range(2):
        warehouse.tell(f"/orders/{order.number}/return", body(world, undeliverable=undeliverable))
    assert doubts.waiting().exists() is undeliverable
    assert ReturnReceipt.objects.count() == 1


def test_the_same_id_with_another_body_is_refused(world: World, warehouse: PartnerClient) -> None:
    order = delivered(world)
    warehouse.tell(f"/orders/{order.number}/return", body(world))
    answer = warehouse.tell(f"/orders/{order.number}/return", body(world, line={"accepted": False}))
    assert refusal(answer) == (409, "id_reused", None)


def test_more_than_was_shipped_is_refused(world: World, warehouse: PartnerClient) -> None:
    order = delivered(world)
    answer = warehouse.tell(f"/orders/{order.number}/return", body(world, line={"quantity": 2}))
    assert refusal(answer) == (409, "more_than_shipped", None)
    assert not ReturnReceipt.objects.exists()


def test_an_order_that_never_left_cannot_come_back(world: World, warehouse: PartnerClient) -> None:
    order = world.order()
    assert refusal(warehouse.tell(f"/orders/{order.number}/return", body(world))) == (409, "not_returned", None)


@pytest.mark.parametrize(
    ("line", "attr"),
    [
        ({"sku": "PGI-0"}, "lines"),
        ({"quantity": 0}, "lines.0.quantity"),
        ({"quantity": "1"}, "lines.0.quantity"),
        ({"accepted": "yes"}, "lines.0.accepted"),
        ({"accepted": None}, "lines.0.accepted"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_kept(
    world: World, warehouse: PartnerClient, line: dict[str, Any], attr: str
) -> None:
    order = delivered(world)
    answer = warehouse.tell(f"/orders/{order.number}/return", body(world, line=line))
    assert (answer.status_code, answer.json()["errors"][0]["attr"].partition(".0.0")[0]) == (400, attr)
    assert (ReturnReceipt.objects.count(), Order.objects.get().status) == (0, "delivered")


def test_no_line_is_no_return(world: World, warehouse: PartnerClient) -> None:
    order = delivered(world)
    assert warehouse.tell(f"/orders/{order.number}/return", body(world, lines=[])).status_code == 400
