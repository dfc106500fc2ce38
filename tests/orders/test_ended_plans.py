"""What becomes of an order in each of its states when its plan ends, whoever ends it (promise P16)."""

from typing import Any

import pytest

from enrollment import lifecycle as plans
from orders import lifecycle, shelf, wishes
from orders.models import Order, Replenishment
from orders.tasks import act_on_plans
from tests.factories.printers import NOW
from tests.orders.world import World

Status = Order.Status
PARCEL = {"carrier": "UPS", "tracking_number": "1Z"}
DROPPING, KEEPING, BY_OTHERS = "customer, dropping all", "customer, dropping none", "staff or a new owner"

# By state: what it is after each of the three, and then (on hand, reserved) of its cartridge, of ten and one promised.
ENDS: dict[str, dict[str, tuple[str, tuple[int, int]]]] = {
    "placed": {
        DROPPING: ("cancelled", (10, 0)),
        KEEPING: ("placed", (10, 0)),
        BY_OTHERS: ("cancelled", (10, 0)),
    },
    "backordered": {
        DROPPING: ("cancelled", (0, 0)),
        KEEPING: ("backordered", (0, 0)),
        BY_OTHERS: ("cancelled", (0, 0)),
    },
    "released": {
        DROPPING: ("cancelled", (10, 0)),
        KEEPING: ("released", (10, 1)),
        BY_OTHERS: ("released", (10, 1)),
    },
    "packed": dict.fromkeys((DROPPING, KEEPING, BY_OTHERS), ("packed", (10, 1))),
    "payment_failed": dict.fromkeys((DROPPING, KEEPING, BY_OTHERS), ("cancelled", (10, 0))),
    "shipped": dict.fromkeys((DROPPING, KEEPING, BY_OTHERS), ("shipped", (9, 0))),
    "delivered": dict.fromkeys((DROPPING, KEEPING, BY_OTHERS), ("delivered", (9, 0))),
    "returned": dict.fromkeys((DROPPING, KEEPING, BY_OTHERS), ("returned", (9, 0))),
    "cancelled": dict.fromkeys((DROPPING, KEEPING, BY_OTHERS), ("cancelled", (10, 0))),
}


def brought_to(world: World, status: str) -> Order:
    """An order of one cartridge that came to this state by its verbs."""
    order = world.order("C" if status == "backordered" else "PGBK")
    if status == "placed":
        shelf.give_back(order, shelf.lock_for(order))
        Order.objects.filter(pk=order.pk).update(status=status)
    if status in ("packed", "payment_failed", "shipped", "delivered", "returned"):
        lifecycle.dispatch(order, world.partner, "D-1", PARCEL, NOW)
    if status == "payment_failed":
        lifecycle.hold(order.pk, NOW, "Stripe", "The bank refused this card.")
    if status in ("shipped", "delivered", "returned"):
        lifecycle.ship(order.pk, NOW, "Stripe", "")
    if status in ("delivered", "returned", "cancelled"):
        Order.objects.filter(pk=order.pk).update(status=status, delivered_at=NOW)
    if status == "cancelled":
        shelf.give_back(order, shelf.lock_for(order))
    order.refresh_from_db()
    assert order.status == status
    return order


def end(world: World, order: Order, who: str) -> None:
    if who == BY_OTHERS:
        plans.cancel(world.plan, "new_owner", NOW, "claim")
    else:
        wishes.leave(world.plan, [order.pk] if who == DROPPING else [], "", "", NOW)
    for _ in range(2):  # the sweep may find it twice
        act_on_plans([world.plan.pk], NOW)


CASES: list[Any] = [(status, who) for status, ends in ENDS.items() for who in ends]


def test_every_state_has_a_row() -> None:
    assert set(ENDS) == set(Status)


@pytest.mark.parametrize(("status", "who"), CASES)
def test_a_plan_ends(world: World, status: str, who: str) -> None:
    order = brought_to(world, status)
    end(world, order, who)
    order.refresh_from_db()
    code = "C" if status == "backordered" else "PGBK"
    assert (order.status, world.on_hand(code)) == ENDS[status][who]
    need = Replenishment.objects.get(lines__order=order)
    assert (need.closed_cause, need.due_at, need.lines.get().open) == ("plan_ended", None, False)
    assert world.decide() == []


@pytest.mark.parametrize("by", ["claim", "staff@example.com"])
def test_what_others_ended_is_told_as_ours(world: World, by: str) -> None:
    order = world.order("C")
    plans.cancel(world.plan, "", NOW, by)
    act_on_plans([world.plan.pk], NOW)
    event = order.events.last()
    assert event is not None
    assert (event.status, event.by, event.note) == ("cancelled", by, wishes.PLAN_ENDED)


def test_a_backorder_its_owner_kept_goes_on_waiting(world: World) -> None:
    order = world.order("C")
    wishes.leave(world.plan, [], "", "", NOW)
    act_on_plans([world.plan.pk], NOW)
    world.stock("C", 1)
    order.refresh_from_db()
    assert order.status == Status.RELEASED


def test_what_ended_frees_its_stock_for_who_waits(world: World) -> None:
    order = brought_to(world, "payment_failed")
    end(world, order, BY_OTHERS)
    assert world.on_hand() == (10, 0)
    assert shelf.differences() == {}
