"""Receipts, counts, shorts, cancellations, releases and parcels against each other: stock adds up, nobody starves.

With controls that show what the locks and the database's own sums are for.
"""

import os
from collections.abc import Callable, Iterable
from functools import partial
from threading import Barrier, Event
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from enrollment.models import Plan
from orders import lifecycle, shelf, stock, tasks
from orders.lifecycle import shorts
from orders.models import Order, OrderEvent, Short, StockItem
from tests.factories.enrollment import PlanFactory
from tests.factories.printers import NOW
from tests.orders.parcels import PARCEL
from tests.orders.world import World, make_world
from tests.races.threads import errors, race, somebody_waits_for_us
from tests.waiting import eventually

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = int(os.environ.get("RACE_ROUNDS", "3"))
THREADS = 8
LOST = {"not_released", "not_packed", "not_cancelled", "not_backordered", "order_changed"}


def check(outcomes: Iterable[Any]) -> None:
    """Nobody failed but who came too late, and everything adds up."""
    assert [error for error in errors(list(outcomes)) if getattr(error, "code", "") not in LOST] == []
    for row in StockItem.objects.all():
        assert row.reserved == sum(each.quantity for each in row.sku.reservations.all())
    assert shelf.differences() == {}
    held = set(Order.objects.exclude(lines__reservation=None).values_list("status", flat=True))
    assert held <= {"released", "packed", "payment_failed"}


def ordered(world: World, *codes: str, count: int = 1) -> list[Order]:
    """Orders of other plans for these slots, the oldest first."""
    made = []
    for _ in range(count):
        other = World(PlanFactory.create(model=world.plan.model), world.partner)
        for code in codes:
            other.low(code)
        made += other.decide()
    return made


def read(order: Order) -> Order:
    return Order.objects.select_related("plan").get(pk=order.pk)


def short(world: World, order: Order, code: str = "C", key: str = "") -> Short:
    lines = [{"sku": world.sku(code).code, "quantity": 1}]
    return lifecycle.short(read(order), world.partner, key or f"S-{order.pk}", lines, NOW)[0]


def pack(world: World, order: Order) -> None:
    lifecycle.dispatch(read(order), world.partner, f"D-{order.pk}", PARCEL, NOW)


def pack_and_ship(world: World, order: Order) -> bool:
    pack(world, order)
    return lifecycle.ship(order.pk, NOW, "Stripe", "")


def cancel(order: Order) -> None:
    lifecycle.cancel(read(order), NOW, "customer", "", by_customer=True)


def receive(world: World, pieces: int, code: str = "C") -> Callable[[], Any]:
    return partial(stock.receive, world.partner, str(uuid4()), world.sku(code), pieces, NOW)


def count(world: World, pieces: int, code: str = "C") -> Callable[[], Any]:
    return partial(stock.count, world.sku(code), pieces, "", NOW)


def test_everything_at_once_adds_up_and_nobody_starves() -> None:
    for _ in range(ROUNDS):
        world = make_world()
        world.stock("C", 6)
        world.stock("PGBK", 4)
        both, cyan = ordered(world, "PGBK", "C", count=3), ordered(world, "C", count=5)
        Plan.objects.filter(pk=both[2].plan_id).update(payable_since=None)
        outcomes = race(
            receive(world, 2),
            count(world, 3),
            count(world, 1, "PGBK"),
            partial(short, world, both[0]),
            partial(short, world, both[1], "PGBK"),
            partial(pack_and_ship, world, cyan[0]),
            partial(cancel, cyan[1]),
            partial(stock.correct, world.sku("PGBK"), 1, "", NOW),
        )
        check(outcomes)
        stock.count(world.sku("C"), 50, "", NOW)
        stock.count(world.sku("PGBK"), 50, "", NOW)
        tasks.sweep_waits()
        assert not Order.objects.filter(status="backordered").exists()
        check([])


def test_receipts_and_counts_release_the_oldest_first() -> None:
    for _ in range(ROUNDS):
        world = make_world()
        waiting = ordered(world, "C", count=THREADS)
        check(race(*[receive(world, 1) for _ in range(4)], *[count(world, pieces) for pieces in (1, 2, 3, 4)]))
        released = [read(order).status == "released" for order in waiting]
        assert released == sorted(released, reverse=True)


def test_a_short_against_its_dispatch_has_one_winner() -> None:
    for _ in range(ROUNDS):
        world = make_world()
        world.stock("C", 3)
        (order,) = ordered(world, "C")
        contenders: list[Callable[[], Any]] = [partial(pack, world, order), partial(short, world, order)]
        outcomes = race(*contenders * 2)
        check(outcomes)
        steps = OrderEvent.objects.filter(order=order, status__in=["packed", "backordered"])
        assert [step.status for step in steps] == [read(order).status]


def test_one_short_told_eight_times_takes_one_piece() -> None:
    for _ in range(ROUNDS):
        world = make_world()
        world.stock("C", 3)
        (order,) = ordered(world, "C")
        outcomes = race(*[partial(short, world, order, key="S")] * THREADS)
        assert errors(outcomes) == []
        assert (world.on_hand("C"), Short.objects.count()) == ((2, 0), 1)
        Short.objects.all().delete()


def test_counts_against_cancellations_and_parcels_put_nobody_back_for_nothing() -> None:
    for _ in range(ROUNDS):
        world = make_world()
        world.stock("C", 6)
        orders = ordered(world, "C", count=6)
        outcomes = race(
            count(world, 2),
            *[partial(cancel, order) for order in orders[:2]],
            *[partial(pack, world, order) for order in orders[2:4]],
        )
        check(outcomes)
        row = StockItem.objects.get(sku=world.sku("C"))
        waiting = Order.objects.filter(status="backordered", pk__in=[order.pk for order in orders]).exists()
        assert not (waiting and row.on_hand > row.reserved)


def test_who_is_cancelled_when_it_is_their_turn_leaves_the_piece_to_the_next() -> None:
    world = make_world()
    first, second = ordered(world, "C", count=2)
    is_cancelled = Event()

    def cancel_slowly() -> None:
        with transaction.atomic():
            cancel(first)
            is_cancelled.set()
            assert eventually(somebody_waits_for_us)

    def receive_meanwhile() -> None:
        assert is_cancelled.wait(60)
        receive(world, 1)()

    check(race(cancel_slowly, receive_meanwhile))
    assert [read(order).status for order in (first, second)] == ["cancelled", "released"]


def test_control_without_the_row_lock_the_database_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who forgets the lock loses a write; the sums of the database do not let that be committed."""

    all_have_read = Barrier(THREADS)

    def careless(sku_ids: Iterable[int]) -> dict[int, StockItem]:
        rows = StockItem.objects.in_bulk(set(sku_ids))
        all_have_read.wait(timeout=60)
        return rows

    world = make_world()
    world.stock("C", 1)
    monkeypatch.setattr(shelf, "lock", careless)
    failed = errors(race(*[receive(world, 1) for _ in range(THREADS)]))
    assert len(failed) == THREADS - 1
    assert all(isinstance(error, IntegrityError) and "does not add up" in str(error) for error in failed)
    check([])


def test_control_without_the_guard_a_packed_order_is_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """A move that only looks in memory takes a parcel that is packed from under its charge."""
    looked, packed = Event(), Event()

    def careless(order: Order, to: str, *, now: Any, by: str, note: str) -> bool:
        looked.set()
        assert packed.wait(timeout=60)
        return bool(Order.objects.filter(pk=order.pk).update(status=to))

    def pack_meanwhile(world: World, order: Order) -> None:
        assert looked.wait(timeout=60)
        pack(world, order)
        packed.set()

    monkeypatch.setattr(shorts, "move_if_still", careless)
    world = make_world()
    world.stock("C", 3)
    (order,) = ordered(world, "C")
    assert errors(race(partial(pack_meanwhile, world, order), partial(short, world, order))) == []
    assert read(order).status == "backordered"
