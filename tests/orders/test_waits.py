"""Waiting for stock: dates that are told, answers that are needed, and orders that end."""

from datetime import date, datetime, timedelta

import pytest
import time_machine

from enrollment import lifecycle as plans
from orders import lifecycle, notes, patience, replenishment, stock, tasks, waits, wishes
from orders.models import Order, OrderEvent, Replenishment, Wait
from printers import catalogue
from printers.models import SlotSku
from tests.factories import NOW, PriceFactory, SkuFactory
from tests.orders.parcels import complain, delivered
from tests.orders.world import World

DAY = timedelta(days=1)
DEC_12, DEC_20, JAN_15 = date(2026, 12, 12), date(2026, 12, 20), date(2027, 1, 15)


def run(now: datetime) -> None:
    """All that the worker does by itself, at that time."""
    with time_machine.travel(now, tick=False):
        for sweep in (tasks.sweep_skus, tasks.sweep_waits, tasks.sweep_waits, tasks.sweep_replenishments):
            sweep()


def status(order: Order) -> str:
    return Order.objects.get(pk=order.pk).status


def told(order: Order) -> int:
    """How often its owner was told of another date."""
    return order.events.filter(note=notes.NEW_DATE, due_at__isnull=False).count()


def expect(world: World, day: date | None, now: datetime) -> None:
    stock.expect(world.sku("C"), day, now)
    run(now + stock.SECOND_THOUGHTS)


def test_without_a_date_and_an_answer_it_ends_on_day_30_and_waits_for_stock(world: World) -> None:
    order = world.order("C")
    run(NOW + 30 * DAY - timedelta(seconds=1))
    assert status(order) == "backordered"
    run(NOW + 30 * DAY)
    ended = order.events.latest("pk")
    assert (status(order), ended.note, ended.due_at) == ("cancelled", patience.TOO_LONG, NOW + 30 * DAY)
    assert (world.need("C").decision, world.told("C")) == ("out_of_stock", "waiting")
    for days in (31, 65, 99):
        run(NOW + days * DAY)
    assert Order.objects.count() == 1  # no second backorder, no second mail


def test_what_waits_for_stock_is_ordered_when_there_is_some(world: World) -> None:
    world.order("C")
    run(NOW + 30 * DAY)
    world.stock("C", 1, NOW + 40 * DAY)
    run(NOW + 40 * DAY)
    assert list(Order.objects.order_by("pk").values_list("status", flat=True)) == ["cancelled", "released"]
    assert world.need("C").decision == "ordered"


def test_or_when_there_is_a_date(world: World) -> None:
    world.order("C")
    run(NOW + 30 * DAY)
    with time_machine.travel(NOW + 40 * DAY, tick=False):
        stock.expect(world.sku("C"), JAN_15, NOW + 40 * DAY)
        tasks.sweep_replenishments()
    order = Order.objects.latest("pk")
    assert (order.status, order.wait.expected_on, order.wait.answer_by) == ("backordered", JAN_15, None)


def test_their_own_word_orders_it_anyway_once(world: World) -> None:
    world.order("C")
    run(NOW + 30 * DAY)
    Replenishment.objects.update(decision="undecided", wanted_at=NOW + 31 * DAY, due_at=NOW + 31 * DAY)
    run(NOW + 31 * DAY)
    assert status(Order.objects.latest("pk")) == "backordered"
    run(NOW + 61 * DAY)
    assert (status(Order.objects.latest("pk")), world.need("C").decision) == ("cancelled", "out_of_stock")


def test_a_yes_given_once_is_not_asked_for_again(world: World) -> None:
    plans.choose_when_low(world.plan, "ask", NOW)
    world.low("C")
    world.decide()
    assert replenishment.order_now(world.plan, world.need("C").slot_id, NOW)
    world.decide()
    run(NOW + 30 * DAY)
    assert world.need("C").decision == "out_of_stock"
    world.stock("C", 5, NOW + 40 * DAY)
    run(NOW + 40 * DAY)
    assert (world.need("C").decision, status(Order.objects.latest("pk"))) == ("ordered", "released")


def test_who_keeps_waiting_waits(world: World) -> None:
    order = world.order("C")
    assert wishes.keep_waiting(order, NOW + DAY)
    run(NOW + 99 * DAY)
    assert (status(order), order.wait.due_at) == ("backordered", None)


def test_a_date_within_30_days_needs_no_answer(world: World) -> None:
    stock.expect(world.sku("C"), DEC_20, NOW)
    order = world.order("C")
    assert (order.wait.expected_on, order.wait.answer_by) == (DEC_20, None)


def test_a_date_beyond_30_days_does(world: World) -> None:
    stock.expect(world.sku("C"), JAN_15, NOW)
    order = world.order("C")
    assert (order.wait.expected_on, order.wait.answer_by) == (JAN_15, NOW + 30 * DAY)


def test_a_date_is_told_once_and_a_slip_of_the_finger_not_at_all(world: World) -> None:
    order = world.order("C")
    stock.expect(world.sku("C"), JAN_15, NOW)
    expect(world, DEC_12, NOW + timedelta(minutes=1))
    run(NOW + DAY)
    order.wait.refresh_from_db()
    assert (told(order), order.wait.expected_on, order.wait.slips, order.wait.answer_by) == (1, DEC_12, 0, None)


def test_a_second_slip_always_needs_an_answer(world: World) -> None:
    stock.expect(world.sku("C"), DEC_12, NOW)
    order = world.order("C")
    wishes.keep_waiting(order, NOW)
    expect(world, DEC_20, NOW + DAY)
    order.refresh_from_db()
    assert (told(order), order.kept_waiting_at, order.wait.answer_by) == (1, NOW, None)
    expect(world, date(2026, 12, 22), NOW + 20 * DAY)
    order = Order.objects.get()
    assert (told(order), order.kept_waiting_at) == (2, None)
    assert order.wait.answer_by == NOW + 30 * DAY
    run(NOW + 30 * DAY)
    assert status(order) == "cancelled"


def test_after_a_late_second_slip_there_is_a_week_to_answer(world: World) -> None:
    stock.expect(world.sku("C"), DEC_12, NOW)
    order = world.order("C")
    expect(world, DEC_20, NOW + DAY)
    noon_after = datetime.combine(DEC_20 + DAY, waits.NOON)
    run(noon_after)  # the day passed, and nobody said anything
    order.wait.refresh_from_db()
    assert (told(order), order.wait.expected_on, order.wait.slips) == (2, None, 2)
    assert order.wait.answer_by == noon_after + waits.TIME_TO_ANSWER
    wishes.keep_waiting(order, noon_after)
    run(noon_after + 30 * DAY)
    assert status(order) == "backordered"


def test_put_back_it_waits_anew(world: World) -> None:
    world.stock("C", 1)
    order = world.order("C")
    stock.count(world.sku("C"), 0, "", NOW + 5 * DAY)
    wait = Wait.objects.get(order=order)
    assert (wait.since, wait.answer_by) == (NOW + 5 * DAY, NOW + 35 * DAY)


def test_who_kept_an_order_once_is_asked_again_when_it_waits_again(world: World) -> None:
    order = world.order("C")
    assert wishes.keep_waiting(order, NOW)
    world.stock("C", 1, NOW + DAY)
    assert status(order) == "released"
    stock.count(world.sku("C"), 0, "", NOW + 2 * DAY)
    assert status(order) == "backordered"
    run(NOW + 32 * DAY)
    assert status(order) == "cancelled"


@pytest.mark.parametrize("day", [date(2026, 11, 22), date(2029, 1, 1)])
def test_no_day_that_is_over_or_far_off_is_expected(world: World, day: date) -> None:
    assert "Must be from 2026-11-23 to 2028-11-22." in stock.objection(day, NOW.date())


def test_what_is_not_made_any_more_is_ordered_from_its_successor(world: World) -> None:
    order, new = world.order("C"), SkuFactory.create(code="NEW")
    PriceFactory.create(sku=new)
    catalogue.discontinue(world.sku("C"), new, NOW)
    run(NOW)
    ended = order.events.latest("pk")
    assert (status(order), ended.note) == ("cancelled", "Cyan XL is not made any more.")
    assert Order.objects.latest("pk").lines.get().sku == new
    assert [order.status for order in Order.objects.order_by("pk")] == ["cancelled", "backordered"]


def test_what_is_left_of_it_still_goes_out(world: World) -> None:
    world.stock("C", 1)
    order, new = world.order("C"), SkuFactory.create(code="NEW")
    catalogue.discontinue(world.sku("C"), new, NOW)
    run(NOW)
    assert status(order) == "released"


def test_without_a_successor_a_person_looks(world: World) -> None:
    order = world.order("C")
    catalogue.discontinue(world.sku("C"), None, NOW)
    run(NOW)
    assert (status(order), world.need("C").decision) == ("cancelled", "unknown_supply")
    assert not SlotSku.objects.filter(slot__code="C").exists()


def test_a_free_replacement_is_never_ended_for_want_of_stock(world: World) -> None:
    old = delivered(world)
    stock.count(world.sku(), 0, "", NOW)
    complain(old)
    free = Order.objects.get(kind="replacement")
    assert (free.status, free.wait.answer_by) == ("backordered", None)
    catalogue.discontinue(world.sku(), None, NOW)
    run(NOW + 60 * DAY)
    assert status(free) == "backordered"


def test_a_released_order_is_left_alone_when_its_time_comes(world: World) -> None:
    order = world.order("C")
    world.stock("C", 1)
    run(NOW + 30 * DAY)
    assert (status(order), OrderEvent.objects.filter(status="cancelled").exists()) == ("released", False)


def test_cancelled_by_its_owner_nothing_is_ordered_for_it(world: World) -> None:
    order = world.order("C")
    lifecycle.cancel(order, NOW, "customer", "", by_customer=True)
    run(NOW + 30 * DAY)
    assert (Order.objects.count(), world.need("C").unstocked_at) == (1, None)
