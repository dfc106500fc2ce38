"""Not on the shelf: what a warehouse tells, and what becomes of the order."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from orders import lifecycle, tasks
from orders.models import Order, Short, StockItem, StockMovement
from tests.factories import NOW, PartnerFactory, PlanFactory
from tests.orders.parcels import PARCEL
from tests.orders.world import World
from tests.partners import PartnerClient, refusal


def body(world: World, **change: Any) -> dict[str, Any]:
    return {"short_id": "S-1", "lines": [{"sku": world.sku().code, "quantity": 1}], **change}


def another(world: World) -> World:
    return World(PlanFactory.create(model=world.plan.model), world.partner)


def status(order: Order) -> str:
    return Order.objects.get(pk=order.pk).status


def test_what_is_short_waits_and_is_not_there(world: World) -> None:
    order, warehouse = world.order(), PartnerClient(world.partner)
    first = warehouse.tell(f"/orders/{order.number}/short", body(world))
    again = warehouse.tell(f"/orders/{order.number}/short", body(world))
    assert (first.status_code, again.status_code, first.json()) == (200, 200, again.json())
    assert first.json()["status"] == "backordered"
    assert world.on_hand() == (9, 0)
    assert StockMovement.objects.latest("pk").reason == f"Not found for order {order.display_number}"
    assert [event.due_at for event in order.events.filter(status="backordered")] == [NOW]


def test_nobody_overtakes_what_was_short(world: World) -> None:
    order, warehouse = world.order(), PartnerClient(world.partner)
    warehouse.tell(f"/orders/{order.number}/short", body(world))
    younger = another(world).order()
    assert (status(order), status(younger)) == ("backordered", "backordered")
    world.stock("PGBK", 1)
    assert (status(order), status(younger), world.on_hand()) == ("released", "released", (10, 2))


def test_what_was_not_found_is_looked_for_a_day_later(world: World) -> None:
    order, warehouse = world.order(), PartnerClient(world.partner)
    warehouse.tell(f"/orders/{order.number}/short", body(world))
    tasks.sweep_stock()
    assert status(order) == "backordered"
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        tasks.sweep_stock()
    assert (status(order), StockItem.objects.get(sku=world.sku()).missed_at) == ("released", None)


def test_a_short_id_with_another_body_is_refused(world: World) -> None:
    order, other, warehouse = world.order(), another(world).order(), PartnerClient(world.partner)
    warehouse.tell(f"/orders/{order.number}/short", body(world))
    twice = body(world, lines=body(world)["lines"] * 2)
    assert refusal(warehouse.tell(f"/orders/{other.number}/short", body(world))) == (409, "id_reused", None)
    assert refusal(warehouse.tell(f"/orders/{order.number}/short", twice)) == (400, "invalid", "lines")
    third = PartnerClient(PartnerFactory.create()).tell(f"/orders/{other.number}/short", body(world))
    assert (third.status_code, Short.objects.count()) == (200, 2)


@pytest.mark.parametrize(
    ("lines", "attr"),
    [
        ([], "lines"),
        ([{"sku": "XX", "quantity": 1}], "lines"),
        ([{"sku": "PGBK", "quantity": 2}], "lines"),
        ([{"sku": "PGBK", "quantity": 0}], "lines.0.quantity"),
        ([{"sku": "PGBK", "quantity": 10**9}], "lines.0.quantity"),
        ([{"sku": "PGBK"}], "lines.0.quantity"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_changes(world: World, lines: list[dict[str, Any]], attr: str) -> None:
    order, code = world.order(), world.sku().code
    sent = [{**line, "sku": code if line["sku"] == "PGBK" else line["sku"]} for line in lines]
    answer = PartnerClient(world.partner).tell(f"/orders/{order.number}/short", body(world, lines=sent))
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, attr)
    assert (status(order), world.on_hand(), Short.objects.exists()) == ("released", (10, 1), False)


def test_only_what_is_to_be_packed_can_be_short(world: World) -> None:
    order, warehouse = world.order(), PartnerClient(world.partner)
    lifecycle.dispatch(order, world.partner, "D-1", PARCEL, NOW)
    answer = warehouse.tell(f"/orders/{order.number}/short", body(world))
    assert refusal(answer) == (409, "not_released", None)
    assert (status(order), world.on_hand(), Short.objects.exists()) == ("packed", (10, 1), False)


def test_what_waits_cannot_be_packed(world: World) -> None:
    order, warehouse = world.order(), PartnerClient(world.partner)
    warehouse.tell(f"/orders/{order.number}/short", body(world))
    answer = warehouse.tell(f"/orders/{order.number}/dispatch", {"dispatch_id": "D-1", **PARCEL})
    assert refusal(answer)[:2] == (409, "not_packed")
