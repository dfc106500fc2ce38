"""A customer's wishes against the warehouse, the stock and the decisions, with a control."""

from functools import partial
from typing import Any

import pytest

from enrollment import renewal
from enrollment.models import Address, Plan
from orders import lifecycle, replenishment, wishes
from orders.lifecycle import parcel
from orders.models import Order, OrderEvent, Replenishment
from printers.facts import Refused
from tests.factories.printers import NOW
from tests.orders.test_wishes import ELSEWHERE, PARCEL
from tests.orders.world import World, make_world
from tests.races.test_orders import cancel, check_stock
from tests.races.threads import errors, race

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 12
THREADS = 6


def leave(world: World, *dropped: int) -> wishes.Left:
    return wishes.leave(Plan.objects.get(pk=world.plan.pk), dropped, "", "", NOW)


def move(world: World) -> None:
    wishes.readdress(Plan.objects.get(pk=world.plan.pk), ELSEWHERE, NOW)


def pack(world: World, order: Order, **body: Any) -> None:
    lifecycle.dispatch(Order.objects.get(pk=order.pk), world.partner, f"D-{order.pk}", PARCEL | body, NOW)


def test_leaving_against_deciding_leaves_no_order_behind_that_was_not_asked_about() -> None:
    for _ in range(ROUNDS):
        world = make_world()
        world.stock()
        world.low()
        outcomes = race(partial(leave, world), partial(replenishment.decide_for, world.plan.pk, NOW))
        assert errors(outcomes) == []
        replenishment.decide_for(world.plan.pk, NOW)
        placed = Order.objects.filter(plan=world.plan).values_list("status", flat=True)
        assert list(placed) == (["released"] if outcomes[1] else [])
        assert not Replenishment.objects.filter(plan=world.plan, closed_at=None).exists()
        check_stock(world)


def test_leaving_against_the_warehouse_either_cancels_or_ships() -> None:
    for _ in range(ROUNDS):
        world = make_world()
        world.stock()
        order = world.order()
        left, packed = race(partial(leave, world, order.pk), partial(pack, world, order))
        order.refresh_from_db()
        if isinstance(packed, Refused):
            assert (order.status, left.cancelled, left.too_late) == ("cancelled", [order], [])
        else:
            assert (order.status, left.cancelled, left.too_late) == ("packed", [], [order])
        assert Plan.objects.get(pk=world.plan.pk).status == "cancelled"
        check_stock(world)


def test_leaving_by_many_at_once_ends_it_once() -> None:
    for _ in range(ROUNDS):
        world = make_world()
        world.stock()
        order = world.order()
        outcomes = race(*[partial(leave, world, order.pk)] * THREADS)
        assert errors(outcomes) == []
        assert [left.ended for left in outcomes].count(True) == 1
        assert OrderEvent.objects.filter(order=order, status="cancelled").count() == 1


def test_a_new_address_against_the_warehouse_never_packs_the_old_label() -> None:
    for _ in range(ROUNDS):
        world = make_world()
        world.stock()
        order = world.order()
        _, packed = race(partial(move, world), partial(pack, world, order, revision=1))
        order.refresh_from_db()
        if isinstance(packed, Refused):
            assert (order.status, order.ship_to["city"]) == ("released", "Austin")
        else:
            assert (order.status, order.ship_to["city"]) == ("packed", "Portland")


def test_a_new_address_against_stock_keeps_nobody_waiting() -> None:
    for _ in range(ROUNDS):
        world = make_world()
        order = world.order("C")
        outcomes = race(partial(move, world), partial(world.stock, "C", 1))
        assert errors(outcomes) == []
        order.refresh_from_db()
        assert (order.status, order.ship_to["city"]) == ("released", "Austin")


def test_an_address_saved_by_many_at_once_is_one_change() -> None:
    world = make_world()
    world.stock()
    order = world.order()
    assert errors(race(*[partial(move, world)] * THREADS)) == []
    order.refresh_from_db()
    assert (order.revision, Address.objects.filter(city="Austin").count(), world.plan.events.count()) == (2, 1, 1)


def test_a_word_given_many_times_at_once_orders_one() -> None:
    for _ in range(ROUNDS):
        world = make_world()
        world.stock()
        cancel(world.order())
        slot = world.plan.model.slots.get(code="PGBK").pk
        words = [partial(replenishment.order_now, world.plan, slot, NOW)] * 3
        outcomes = race(*words, *[partial(replenishment.decide_for, world.plan.pk, NOW)] * 3)
        assert errors(outcomes) == []
        replenishment.decide_for(world.plan.pk, NOW)
        placed = Order.objects.filter(plan=world.plan).order_by("pk").values_list("status", flat=True)
        assert list(placed) == ["cancelled", "released"]


def test_a_plan_started_again_by_many_at_once_is_one() -> None:
    world = make_world()
    assert world.plan.printer is not None
    world.plan.printer.tokens.create(token_hash=b"x" * 32)
    leave(world)

    def again() -> Plan:
        return renewal.renew(Plan.objects.get(pk=world.plan.pk), NOW, "customer")

    outcomes = race(*[again] * THREADS)
    assert [type(error) for error in errors(outcomes)] == [Refused] * (THREADS - 1)
    assert Plan.objects.filter(printer=world.plan.printer).count() == 2


def test_control_a_warehouse_that_looks_only_once_packs_the_old_label(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the second look at the revision, who loses to a new address packs it all the same."""
    world = make_world()
    world.stock()
    order = world.order()
    read_before = Order.objects.get(pk=order.pk)
    move(world)
    monkeypatch.setattr(parcel, "_check_revision", lambda order, body: None)
    lifecycle.dispatch(read_before, world.partner, "D", PARCEL | {"revision": 1}, NOW)
    order.refresh_from_db()
    assert (order.status, order.revision) == ("packed", 2)
