"""Sweeps that decide for many plans at once against each other, with a control that shows what the lock is for."""

from functools import partial
from threading import Barrier
from typing import Any

import pytest

from enrollment.models import Plan
from orders import deciding, tasks
from orders.models import Order, Replenishment
from printers import facts
from printers.models import LowSignal
from tests.factories.enrollment import PlanFactory
from tests.factories.printers import NOW
from tests.orders.world import World, make_world
from tests.races.test_orders import check_stock
from tests.races.threads import errors, race

pytestmark = pytest.mark.django_db(transaction=True)

PLANS = 8


def street() -> World:
    """A world whose neighbours are low on both supplies; seven blacks and three cyans for eight of each."""
    world = make_world()
    world.stock("PGBK", 7)
    world.stock("C", 3)
    for house in [world, *(World(PlanFactory.create(model=world.plan.model), world.partner) for _ in range(PLANS - 1))]:
        house.low("PGBK")
        house.low("C")
    return world


def test_sweeps_of_all_kinds_at_once_order_each_need_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounds of three, so that the two signals of a printer are often two workers' business."""
    monkeypatch.setattr(facts, "BATCH", 3)
    world = street()
    Plan.objects.update(due_at=NOW)
    sweeps = [tasks.sweep_signals, tasks.sweep_plans, tasks.sweep_signals, tasks.sweep_replenishments]
    assert errors(race(*sweeps)) == []
    assert not LowSignal.objects.filter(due_at__isnull=False).exists()
    lines = Order.objects.filter(lines__open=True)
    assert (lines.count(), lines.values("lines__replenishment").distinct().count()) == (2 * PLANS, 2 * PLANS)
    assert sorted(lines.values_list("status", flat=True)) == ["backordered"] * 6 + ["released"] * 10
    check_stock(world, "PGBK")
    check_stock(world, "C")


def test_control_without_the_lock_rounds_get_in_each_others_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """The plans only read, not locked: the database refuses the second need of a slot, and the round fails."""
    street()
    all_have_looked, look = Barrier(4), deciding._open

    def look_with_all(*told: Any) -> list[Replenishment]:
        needs = look(*told)
        all_have_looked.wait(timeout=60)
        return needs

    monkeypatch.setattr(deciding, "_open", look_with_all)
    monkeypatch.setattr(deciding, "lock_plans", lambda ids: list(Plan.objects.filter(pk__in=list(ids)).order_by("pk")))
    plans = list(Plan.objects.values_list("pk", flat=True))
    outcomes = race(*[partial(deciding.decide, plans, NOW)] * 4)
    assert len(errors(outcomes)) == 3
    assert Replenishment.objects.count() == 2 * PLANS
