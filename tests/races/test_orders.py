"""The verbs of orders against each other, on PostgreSQL, with a control that shows what the guards are for."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from orders import lifecycle, replenishment, shelf, stock, tasks
from orders.lifecycle import parcel
from orders.models import Order, OrderEvent, StockItem
from printers.facts import Refused
from tests.factories.enrollment import PlanFactory
from tests.factories.printers import NOW
from tests.orders.world import World, make_world
from tests.races.threads import errors, race

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 15
THREADS = 8


def check_stock(world: World, code: str = "PGBK") -> None:
    """Promises are on the shelf, and each is somebody's."""
    row = StockItem.objects.get(sku=world.sku(code))
    assert row.reserved == sum(reservation.quantity for reservation in row.sku.reservations.all())
    assert shelf.differences() == {}


def pack(order: Order, world: World) -> None:
    parcel = {"carrier": "UPS", "tracking_number": "1Z"}
    lifecycle.dispatch(Order.objects.get(pk=order.pk), world.partner, f"D-{order.pk}", parcel, NOW)


def cancel(order: Order) -> None:
    lifecycle.cancel(Order.objects.get(pk=order.pk), NOW, "customer", "", by_customer=True)


def test_eight_deciders_of_one_signal_place_one_order() -> None:
    for _ in range(ROUNDS):
        world = make_world()
        world.stock()
        world.low()
        outcomes = race(*[partial(replenishment.decide_for, world.plan.pk, NOW)] * THREADS)
        assert errors(outcomes) == []
        assert Order.objects.filter(plan=world.plan).count() == 1
        check_stock(world)


def test_eight_sweeps_over_many_signals_place_one_order_each() -> None:
    world = make_world()
    world.stock(quantity=3)
    for _ in range(12):
        World(PlanFactory.create(model=world.plan.model), world.partner).low()
    assert errors(race(*[tasks.sweep_signals] * THREADS)) == []
    assert sorted(Order.objects.values_list("status", flat=True)) == ["backordered"] * 9 + ["released"] * 3
    check_stock(world)


def test_dispatch_against_cancel_has_one_winner() -> None:
    for _ in range(ROUNDS):
        world = make_world()
        world.stock()
        order = world.order()
        outcomes = race(partial(pack, order, world), partial(cancel, order))
        assert [type(error) for error in errors(outcomes)] == [Refused]
        assert OrderEvent.objects.filter(order=order, status__in=["packed", "cancelled"]).count() == 1
        check_stock(world)


def test_eight_shipments_of_one_order_take_its_piece_once() -> None:
    world = make_world()
    world.stock()
    order = world.order()
    pack(order, world)
    outcomes = race(*[partial(lifecycle.ship, order.pk, NOW, "Stripe", "")] * THREADS)
    assert sorted(outcomes) == [False] * (THREADS - 1) + [True]
    assert world.on_hand() == (9, 0)


def test_one_receipt_sent_eight_times_counts_once() -> None:
    world = make_world()
    outcomes = race(*[partial(stock.receive, world.partner, "R", world.sku(), 5, NOW)] * THREADS)
    assert errors(outcomes) == []
    assert [new for _, new in outcomes].count(True) == 1
    assert world.on_hand() == (5, 0)


def test_receipts_against_cancellations_release_the_oldest_and_lose_nothing() -> None:
    world = make_world()
    orders = [World(PlanFactory.create(model=world.plan.model), world.partner).order("C") for _ in range(8)]
    receipts: list[Callable[[], Any]] = [
        partial(stock.receive, world.partner, f"R{n}", world.sku("C"), 2, NOW) for n in range(3)
    ]
    outcomes = race(*receipts, *[partial(cancel, order) for order in orders[:4]])
    assert errors(outcomes) == []
    check_stock(world, "C")
    assert Order.objects.filter(status="backordered").count() == 0
    assert world.on_hand("C") == (6, 4)


def test_control_without_the_guard_both_would_win(monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard removed: a move that only looks in memory. It must break what the tests above hold."""

    def careless(order: Order, to: str, *, now: Any, by: str, note: str = "", **fields: Any) -> bool:
        Order.objects.filter(pk=order.pk).update(status=to, **fields)
        OrderEvent.objects.create(order=order, status=to, at=now, by=by, note=note)
        return True

    world = make_world()
    world.stock()
    order = world.order()
    pack(order, world)
    monkeypatch.setattr(parcel, "move", careless)
    outcomes = race(*[partial(lifecycle.ship, order.pk, NOW, "Stripe", "")] * THREADS)
    assert outcomes.count(True) + len(errors(outcomes)) > 1
