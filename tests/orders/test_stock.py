"""Receipts, counts, corrections: the backorders they release, and the orders they put back."""

import contextlib
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from enrollment.models import Plan
from orders import lifecycle, shelf, stock, tasks
from orders.models import Order, Receipt, StockItem, StockMovement
from printers.facts import Refused
from tests.factories.enrollment import PartnerFactory, PlanFactory
from tests.factories.printers import NOW, SkuFactory
from tests.orders.parcels import PARCEL
from tests.orders.world import World


def waiting_orders(world: World, count: int) -> list[Order]:
    """Backorders for cyan, oldest first."""
    made = []
    for minute in range(count):
        other = World(PlanFactory.create(model=world.plan.model), world.partner)
        other.low("C", minute=minute)
        made += other.decide(minute)
    return made


def statuses(orders: list[Order]) -> list[str]:
    return [Order.objects.get(pk=order.pk).status for order in orders]


def test_a_receipt_counts_once(db: None) -> None:
    partner, sku = PartnerFactory.create(), SkuFactory.create()
    first = stock.receive(partner, "R-1", sku, 40, NOW)
    again = stock.receive(partner, "R-1", sku, 40, NOW + timedelta(hours=1))
    assert (first[1], again[1], first[0]) == (True, False, again[0])
    assert StockItem.objects.get().on_hand == 40


def test_a_receipt_id_with_other_content_is_refused(db: None) -> None:
    partner, sku = PartnerFactory.create(), SkuFactory.create()
    stock.receive(partner, "R-1", sku, 40, NOW)
    with pytest.raises(Refused) as refused:
        stock.receive(partner, "R-1", sku, 41, NOW)
    assert (refused.value.code, StockItem.objects.get().on_hand, Receipt.objects.count()) == ("id_reused", 40, 1)


def test_a_receipt_releases_the_oldest_backorders_first(world: World) -> None:
    orders = waiting_orders(world, 3)
    world.stock("C", 2)
    assert statuses(orders) == ["released", "released", "backordered"]
    assert world.on_hand("C") == (2, 2)


def test_who_comes_after_a_backorder_waits_behind_it(world: World) -> None:
    orders = waiting_orders(world, 2)
    world.stock("C", 1)
    late = world.order("C")
    assert (statuses(orders), late.status) == (["released", "backordered"], "backordered")


def test_a_correction_upward_releases_too(world: World) -> None:
    orders = waiting_orders(world, 1)
    stock.correct(world.sku("C"), 1, "Found behind the shelf.", NOW)
    assert statuses(orders) == ["released"]


def test_a_count_below_what_is_promised_puts_the_newest_back(world: World) -> None:
    orders = waiting_orders(world, 3)
    world.stock("C", 3)
    stock.count(world.sku("C"), 1, "Shelf 4.", NOW, "eve")
    assert statuses(orders) == ["released", "backordered", "backordered"]
    assert world.on_hand("C") == (1, 1)
    assert orders[2].events.latest("pk").note == lifecycle.NOT_THERE
    assert orders[2].events.latest("pk").due_at == NOW
    world.stock("C", 1)
    assert statuses(orders) == ["released", "released", "backordered"]


def test_a_count_leaves_packed_parcels_alone_and_does_not_count_them(world: World) -> None:
    packed, released = waiting_orders(world, 2)
    world.stock("C", 2)
    lifecycle.dispatch(Order.objects.get(pk=packed.pk), world.partner, "D", PARCEL, NOW)
    stock.count(world.sku("C"), 0, "Empty.", NOW)
    assert (statuses([packed, released]), world.on_hand("C")) == (["packed", "backordered"], (1, 1))
    stock.count(world.sku("C"), 5, "Found.", NOW)
    assert (statuses([packed, released]), world.on_hand("C")) == (["packed", "released"], (6, 2))


def test_a_correction_takes_what_waits_for_a_card_last(world: World) -> None:
    no_card, released = waiting_orders(world, 2)
    Plan.objects.filter(pk=no_card.plan_id).update(payable_since=None)
    world.stock("C", 2)
    stock.correct(world.sku("C"), -1, "Broken.", NOW)
    assert statuses([no_card, released]) == ["payment_failed", "backordered"]
    stock.correct(world.sku("C"), -1, "Broken.", NOW)
    assert (statuses([no_card, released]), world.on_hand("C")) == (["backordered"] * 2, (0, 0))


def test_no_more_is_taken_off_than_lies_there(world: World) -> None:
    with pytest.raises(Refused, match="There are only 10 of") as refused:
        stock.correct(world.sku(), -11, "Counted.", NOW)
    assert (refused.value.code, world.on_hand()) == ("too_few", (10, 0))


def test_no_shelf_holds_more_than_ten_million(world: World) -> None:
    with pytest.raises(Refused) as refused:
        stock.count(world.sku(), shelf.MOST + 1, "", NOW)
    assert (refused.value.code, world.on_hand()) == ("too_many", (10, 0))


def test_a_form_counts_once(world: World) -> None:
    key = uuid4()
    entered = [stock.Entered("count", world.sku(), pieces, "Shelf 4.", "eve", key) for pieces in (37, 37, 38)]
    assert [stock.enter(each, NOW) for each in entered[:2]] == [True, False]
    with pytest.raises(Refused, match="sent before"):
        stock.enter(entered[2], NOW)
    movement = StockMovement.objects.latest("pk")
    assert (movement.quantity, movement.reason, movement.by) == (27, "Counted 37. Shelf 4.", "eve")
    assert world.on_hand() == (37, 0)


def two_lines(world: World, minute: int) -> Order:
    """An order for black and cyan, released."""
    other = World(PlanFactory.create(model=world.plan.model), world.partner)
    other.low("PGBK", minute=minute)
    other.low("C", minute=minute)
    (order,) = other.decide(minute)
    return order


def test_an_order_of_two_goes_when_both_can_and_nobody_overtakes_it(world: World) -> None:
    world.stock("C", 1)
    older = two_lines(world, 0)
    stock.count(world.sku("C"), 0, "", NOW)
    stock.count(world.sku(), 1, "", NOW)
    younger = waiting_orders(world, 1)
    with_black = World(PlanFactory.create(model=world.plan.model), world.partner).order("PGBK")
    assert statuses([older, *younger, with_black]) == ["backordered"] * 3  # the one black is kept for the older
    stock.correct(world.sku(), 1, "", NOW)
    assert statuses([older, *younger, with_black]) == ["backordered", "backordered", "released"]
    world.stock("C", 1, NOW + timedelta(minutes=9))
    assert statuses([older, *younger, with_black]) == ["released", "backordered", "released"]
    world.stock("C", 2)
    assert statuses([older, *younger]) == ["released", "released"]


def test_who_waited_behind_a_cancelled_order_goes(world: World) -> None:
    world.stock("C", 1)
    older = two_lines(world, 0)
    stock.count(world.sku("C"), 0, "", NOW)
    stock.count(world.sku(), 1, "", NOW)
    with_black = World(PlanFactory.create(model=world.plan.model), world.partner).order("PGBK")
    lifecycle.cancel(Order.objects.get(pk=older.pk), NOW, "customer", "", by_customer=True)
    tasks.sweep_waits()
    assert statuses([with_black]) == ["released"]


def test_the_database_commits_no_stock_that_does_not_add_up(world: World) -> None:
    for wrong in ({"on_hand": 11}, {"reserved": 1}, {"on_hand": 0}):
        with pytest.raises(IntegrityError, match="does not add up"):
            _commit(world, **wrong)
    assert world.on_hand() == (10, 0)


def _commit(world: World, **wrong: int) -> None:
    with transaction.atomic():
        StockItem.objects.filter(sku=world.sku()).update(**wrong)
        connection.check_constraints()


def test_movements_that_do_not_add_up_are_found(world: World) -> None:
    assert shelf.differences() == {}
    with transaction.atomic(), contextlib.suppress(IntegrityError), transaction.atomic():
        StockMovement.objects.create(sku=world.sku(), kind="correction", quantity=-3, at=NOW)
        assert shelf.differences() == {world.sku().code: (10, 7)}
        connection.check_constraints()
