"""A round of decisions for many plans at once: each by its own wishes, all in as many queries as a few."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from enrollment.models import Plan
from orders import deciding, numbers, recording, tasks
from orders.models import Decision, Order, OrderEvent, Reservation
from printers.models import LowSignal, Slot
from tests.factories.enrollment import PlanFactory, PlanSlotFactory
from tests.factories.orders import OrderFactory
from tests.factories.printers import NOW, LowSignalFactory
from tests.orders.world import World


def neighbour(world: World, **plan: Any) -> World:
    """Another customer with the same printer."""
    return World(PlanFactory.create(model=world.plan.model, **plan), world.partner)


def street(world: World) -> dict[str, World]:
    """Neighbours by what becomes of their low black, or their low cyan for a backorder."""
    black = Slot.objects.get(code="PGBK")
    houses = {
        "released": neighbour(world),
        "backordered": neighbour(world),
        "payment_failed": neighbour(world, payable_since=None),
        "skipped": neighbour(world),
        "spare_on_hand": neighbour(world),
        "asking": neighbour(world, when_low="ask"),
        "paused": neighbour(world, paused_at=NOW, paused_until=date(2026, 12, 1)),
        "not_enrolled": neighbour(world, ready=True),
    }
    PlanSlotFactory.create(plan=houses["skipped"].plan, slot=black, skip_next=True)
    PlanSlotFactory.create(plan=houses["spare_on_hand"].plan, slot=black, spares=2)
    for fate, house in houses.items():
        house.low("C" if fate == "backordered" else "PGBK")
    return houses


def fate(house: World) -> str:
    """What became of a house's signal."""
    order = Order.objects.filter(plan=house.plan).first()
    return order.status if order else Decision.objects.get(signal__printer=house.plan.printer).kind


def signals() -> list[int]:
    return list(LowSignal.objects.filter(due_at__isnull=False).values_list("pk", flat=True))


def test_one_round_decides_for_each_plan_by_its_own_wishes(world: World) -> None:
    houses = street(world)
    assert tasks.sweep_signals() == 8
    assert {name: fate(house) for name, house in houses.items()} == {name: name for name in houses}
    assert signals() == []
    told = {name: house.told("C" if name == "backordered" else "PGBK") for name, house in houses.items()}
    ordered, waiting = ("released", "backordered", "payment_failed"), ("asking", "paused", "not_enrolled")
    assert told == {name: "on_order" if name in ordered else "waiting" if name in waiting else "none" for name in told}
    choices = [house.plan.slots.get() for house in (houses["skipped"], houses["spare_on_hand"])]
    assert [(choice.skip_next, choice.spares) for choice in choices] == [(False, 0), (False, 1)]
    assert world.on_hand() == (10, 2)


def test_every_order_of_a_round_has_its_steps_its_decision_and_its_stock(world: World) -> None:
    houses = [neighbour(world) for _ in range(3)]
    for house in houses:
        house.low()
    placed = deciding.decide([house.plan.pk for house in houses], NOW)
    assert sorted(order.plan_id for order in placed) == sorted(house.plan.pk for house in houses)
    assert len({order.number for order in placed}) == 3
    for order in placed:
        assert [(event.status, event.by) for event in order.events.all()] == [
            ("placed", "printer"),
            ("released", "stock"),
        ]
        decision = Decision.objects.get(replenishment__plan=order.plan)
        assert (decision.kind, decision.evidence["orders"]) == ("ordered", [order.display_number])
        assert Reservation.objects.get(line__order=order).quantity == 1


def test_the_last_piece_goes_to_who_was_low_first_whichever_plan_is_older(world: World) -> None:
    late, early, last = neighbour(world), neighbour(world), neighbour(world)
    world.stock("C", 1)
    for house, minute in ((late, 2), (early, 1), (last, 3)):
        house.low("C", minute=minute)
    tasks.sweep_signals()
    assert [fate(house) for house in (early, late, last)] == ["released", "backordered", "backordered"]
    world.stock("C", 1, NOW + timedelta(hours=1))
    assert [fate(house) for house in (late, last)] == ["released", "backordered"]


def test_two_supplies_of_a_printer_in_one_round_are_one_order(world: World) -> None:
    world.stock("C", 1)
    houses = [neighbour(world), world]
    for house in houses:
        house.low("PGBK")
        house.low("C")
    tasks.sweep_signals()
    orders = [list(Order.objects.filter(plan=house.plan).order_by("pk")) for house in houses]
    assert [[order.status for order in placed] for placed in orders] == [["released"], ["released", "backordered"]]
    assert [order.lines.count() for placed in orders for order in placed] == [2, 1, 1]


def test_a_round_takes_as_many_queries_for_many_plans_as_for_few(world: World) -> None:
    street(world)
    with CaptureQueriesContext(connection) as few:
        tasks.act_on_signals(signals(), NOW)
    LowSignal.objects.update(due_at=None)
    for _ in range(4):
        street(world)
    with CaptureQueriesContext(connection) as many:
        tasks.act_on_signals(signals(), NOW)
    assert Order.objects.count() == 5 * 3
    assert len(many) == len(few) <= 40


def test_a_worker_that_dies_in_a_round_leaves_nothing_half_done_and_another_does_all(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    houses = [neighbour(world) for _ in range(3)]
    for house in houses:
        house.low()
    with monkeypatch.context() as patched:
        patched.setattr(recording, "tell_printers", lambda *_: exit(9))  # all but this has been written
        with pytest.raises(SystemExit):
            tasks.sweep_signals()
    assert (Order.objects.count(), OrderEvent.objects.count(), world.on_hand()) == (0, 0, (10, 0))
    assert tasks.sweep_signals() == 0  # its lease is running
    with time_machine.travel(NOW + timedelta(seconds=61), tick=False):
        assert tasks.sweep_signals() == 3
    assert ([fate(house) for house in houses], world.on_hand()) == (["released"] * 3, (10, 3))


def test_a_longer_pause_is_looked_at_again_on_its_new_day(world: World) -> None:
    Plan.objects.update(paused_at=NOW, paused_until=date(2026, 11, 25))
    world.low()
    world.decide()
    Plan.objects.update(paused_until=date(2026, 12, 9))
    world.decide(minute=1)
    assert world.need().due_at == NOW.replace(month=12, day=9, hour=0)
    assert Decision.objects.count() == 1


def test_a_signal_that_came_too_late_and_is_swept_twice_has_one_decision(world: World) -> None:
    black = Slot.objects.get(code="PGBK")
    late = LowSignalFactory.create(printer=world.plan.printer, slot=black, closed_at=NOW, closed_cause="stale")
    tasks.act_on_signals([late.pk], NOW)
    tasks.act_on_signals([late.pk], NOW)
    assert Decision.objects.get().kind == "stale"


def test_a_supply_replaced_before_anybody_decided_has_a_decision_that_says_so(world: World) -> None:
    signal = world.low()
    LowSignal.objects.filter(pk=signal.pk).update(closed_at=NOW, closed_cause="replaced")
    tasks.act_on_signals([signal.pk], NOW)
    tasks.act_on_signals([signal.pk], NOW)
    decision = Decision.objects.get()
    assert (decision.kind, decision.replenishment, Order.objects.count()) == ("stale", None, 0)
    assert decision.reason.endswith("was low, and was replaced before anything was decided.")


def test_a_replaced_supply_that_was_decided_has_no_further_decision(world: World) -> None:
    world.order()
    LowSignal.objects.update(closed_at=NOW, closed_cause="replaced")
    tasks.act_on_signals([LowSignal.objects.get().pk], NOW)
    assert Decision.objects.get().kind == "ordered"


def test_a_plan_that_ended_says_nothing_of_a_printer_that_is_somebody_elses_now(world: World) -> None:
    ended = PlanFactory.create(model=world.plan.model, printer=world.plan.printer, cancelled=True)
    world.order()
    deciding.decide([ended.pk], NOW)
    assert (Decision.objects.get().kind, world.told()) == ("ordered", "on_order")


def test_numbers_for_a_round_are_free_and_each_another(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    OrderFactory.create(number="100000009", plan=world.plan)
    drawn = iter(["100000009", "100000017", "100000017", "100000025", "100000033"])
    monkeypatch.setattr(numbers, "new_number", lambda: next(drawn))
    assert numbers.free_ones(Order.objects, 3) == ["100000017", "100000025", "100000033"]


def test_an_empty_sweep_is_one_probe_of_an_index(world: World) -> None:
    with CaptureQueriesContext(connection) as captured:
        tasks.sweep_signals()
    (probe,) = [query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")  # this table is small
        cursor.execute(f"EXPLAIN {probe}")
        plan = " ".join(line for (line,) in cursor.fetchall())
    assert "Index Scan using lowsignal_due" in plan
    assert "Sort" not in plan
