"""What is decided once more: by what is known then, and not by the low that began it."""

from datetime import timedelta

import pytest

from enrollment.models import Plan
from orders import lifecycle, recording, replenishment, tasks
from orders.models import Decision
from printers.models import Slot
from tests.factories.enrollment import PlanFactory
from tests.factories.printers import NOW, LowSignalFactory
from tests.orders.world import World


def kinds() -> list[str]:
    return list(Decision.objects.order_by("pk").values_list("kind", flat=True))


@pytest.mark.parametrize(("level", "told"), [(64, []), (None, ["level_unknown"])])
def test_a_plan_that_begins_late_orders_only_what_is_still_low(
    world: World, level: int | None, told: list[str]
) -> None:
    Plan.objects.update(status="pending")
    world.low()
    tasks.sweep_signals()
    world.say(low=False, level=level)
    Plan.objects.update(status="active")
    assert (world.decide(1), kinds()) == ([], ["not_enrolled", *told])


def test_a_plan_that_ended_says_nothing_of_the_next_owners_printer(world: World) -> None:
    former = PlanFactory.create(model=world.plan.model, printer=world.plan.printer, cancelled=True)
    world.order()
    replenishment.decide_for(former.pk, NOW)
    assert (kinds(), world.told()) == (["ordered"], "on_order")


def test_a_dead_order_is_not_placed_anew_for_what_a_printer_without_levels_calls_fine(world: World) -> None:
    world.low(level=None, said_low=True)
    (order,) = world.decide()
    world.say(low=False)
    lifecycle.cancel(order, NOW, "Dana", "Damaged on the shelf.", by_customer=False)
    assert (world.decide(1), kinds()) == ([], ["ordered", "level_unknown"])
    world.say(low=True)
    assert [each.status for each in world.decide(2)] == ["released"]


@pytest.mark.parametrize(("level", "then"), [(8, ["ordered"]), (50, [])])
def test_a_dead_order_waits_for_the_report_that_shows_whether_a_new_one_is_in(
    world: World, level: int, then: list[str]
) -> None:
    order = world.order()
    world.say(low=False, level=100, last=100, rise=NOW.isoformat())
    lifecycle.cancel(order, NOW, "Dana", "Damaged on the shelf.", by_customer=False)
    assert (world.decide(1), kinds(), world.told()) == ([], ["ordered", "level_unknown"], "waiting")
    assert world.need().due_at == NOW + timedelta(days=1, minutes=1)
    world.say(low=level < 10, level=level, last=level, rise=None)
    world.decide(2)
    assert kinds() == ["ordered", "level_unknown", *then]


def test_a_late_signal_is_told_of_once(world: World) -> None:
    late = {"printer": world.plan.printer, "closed_at": NOW, "closed_cause": "stale"}
    signal = LowSignalFactory.create(slot=Slot.objects.get(code="C"), **late)
    for _ in range(2):
        recording.stale([signal], NOW)
    assert kinds() == ["stale"]
