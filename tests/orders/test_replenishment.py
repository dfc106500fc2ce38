"""From low signals to orders, one round at a time."""

from datetime import date, timedelta

import pytest

from enrollment.models import Plan
from orders import lifecycle, replenishment, tasks
from orders.models import Decision, Order, Replenishment, StockMovement
from printers.models import LowSignal, Slot
from tests.factories.enrollment import PlanFactory, PlanSlotFactory
from tests.factories.orders import StockMovementFactory
from tests.factories.printers import NOW, LowSignalFactory
from tests.orders.world import World


def kinds() -> list[str]:
    return list(Decision.objects.order_by("pk").values_list("kind", flat=True))


def test_a_low_supply_in_stock_is_ordered_and_released(world: World) -> None:
    order = world.order()
    assert order.status == Order.Status.RELEASED
    assert [(line.sku, line.quantity, line.unit_price_cents) for line in order.lines.all()] == [(world.sku(), 1, 2499)]
    assert (order.total_cents, order.quoted_total_cents, order.shipping_cents) == (2499, 2499, 0)
    assert [event.status for event in order.events.all()] == ["placed", "released"]
    assert world.on_hand() == (10, 1)


def test_the_decision_keeps_its_reason_and_its_evidence(world: World) -> None:
    order = world.order()
    decision = Decision.objects.get()
    assert (
        decision.reason == f"Black was at 9 %, at or below this printer's mark of 15 %. {world.sku().code} was ordered."
    )
    assert decision.evidence == {
        "level": 9,
        "threshold": 15,
        "said_low": False,
        "precision": "percent",
        "observed_at": NOW.isoformat(),
        "received_at": NOW.isoformat(),
        "sku": world.sku().code,
        "genuine": None,
        "spares": 0,
        "orders": [order.display_number],
    }


def test_deciding_again_changes_nothing(world: World) -> None:
    world.order()
    assert world.decide(1) == []
    assert (Order.objects.count(), kinds()) == (1, ["ordered"])


def test_the_printer_is_told_what_is_on_order(world: World) -> None:
    world.order()
    assert world.told() == "on_order"


def test_what_is_missing_becomes_a_backorder_of_its_own(world: World) -> None:
    world.low("PGBK")
    world.low("C")
    ready, missing = world.decide()
    assert (ready.status, missing.status) == ("released", "backordered")
    assert [line.sku for line in missing.lines.all()] == [world.sku("C")]


def test_all_that_is_in_stock_goes_in_one_order(world: World) -> None:
    world.stock("C", 1)
    world.low("PGBK")
    world.low("C")
    (order,) = world.decide()
    assert (order.lines.count(), order.total_cents) == (2, 2499 + 1899)


def test_placing_never_takes_stock_an_older_backorder_waits_for(world: World) -> None:
    older = world.order("C")
    assert older.status == "backordered"
    StockMovementFactory.create(sku=world.sku("C"), quantity=5)
    other = PlanFactory.create(model=world.plan.model)
    (late,) = World(other, world.partner).decide() or [World(other, world.partner).order("C")]
    assert late.status == "backordered"


def test_a_pending_plan_gets_a_decision_on_the_signal_and_orders_when_it_becomes_active(world: World) -> None:
    Plan.objects.update(status="pending")
    world.low()
    tasks.sweep_signals()
    assert (kinds(), world.told(), Replenishment.objects.count()) == (["not_enrolled"], "waiting", 0)
    Plan.objects.update(status="active", due_at=NOW)
    tasks.sweep_plans()
    assert kinds() == ["not_enrolled", "ordered"]


def test_a_paused_plan_is_decided_again_on_its_date(world: World) -> None:
    Plan.objects.update(paused_at=NOW, paused_until=date(2026, 11, 25))
    world.low()
    assert world.decide() == []
    assert world.need().due_at == NOW.replace(day=25, hour=0)
    assert [order.status for order in world.decide(2 * 24 * 60)] == ["released"]
    assert kinds() == ["paused", "ordered"]


@pytest.mark.parametrize(("wish", "kind"), [({"skip_next": True}, "skipped"), ({"spares": 1}, "spare_on_hand")])
def test_a_skip_or_a_spare_is_used_up_by_the_decision(world: World, wish: dict[str, int], kind: str) -> None:
    choice = PlanSlotFactory.create(plan=world.plan, slot=Slot.objects.get(code="PGBK"), **wish)
    world.low()
    assert world.decide() == []
    choice.refresh_from_db()
    assert (kinds(), choice.skip_next, choice.spares) == ([kind], False, 0)


def test_the_size_the_customer_chose_is_ordered(world: World) -> None:
    slot = Slot.objects.get(code="PGBK")
    PlanSlotFactory.create(plan=world.plan, slot=slot, size="standard")
    assert world.order().lines.get().sku == slot.fits.get(size="standard").sku


def test_an_unconfirmed_cartridge_waits_for_a_person(world: World) -> None:
    Slot.objects.update(mapping_confirmed=False)
    world.low()
    assert (world.decide(), kinds(), world.told()) == ([], ["to_confirm"], "waiting")
    Slot.objects.update(mapping_confirmed=True)
    assert len(world.decide(1)) == 1


def test_a_cartridge_that_is_not_genuine_waits_until_it_is(world: World) -> None:
    world.low()
    world.say(genuine=False)
    assert (world.decide(), kinds()) == ([], ["not_genuine"])
    world.say(genuine=True)
    assert len(world.decide(1)) == 1


def test_a_supply_that_cannot_be_read_any_more_waits(world: World) -> None:
    Plan.objects.update(paused_at=NOW)
    world.low()
    world.decide()
    Plan.objects.update(paused_at=None)
    world.say(level=None, low=False)
    assert (world.decide(1), kinds()) == ([], ["paused", "level_unknown"])


def test_a_supply_that_is_fine_again_without_a_new_cartridge_stays_as_it_was(world: World) -> None:
    Plan.objects.update(paused_at=NOW)
    world.low()
    world.decide()
    Plan.objects.update(paused_at=None)
    world.say(level=45, low=False)
    assert (world.decide(1), kinds()) == ([], ["paused"])


def test_a_signal_that_came_too_late_gets_its_decision_and_nothing_else(world: World) -> None:
    LowSignalFactory.create(
        printer=world.plan.printer, slot=Slot.objects.get(code="C"), closed_at=NOW, closed_cause="stale"
    )
    tasks.sweep_signals()
    assert (kinds(), Replenishment.objects.count(), Order.objects.count()) == (["stale"], 0, 0)


def test_a_replaced_supply_closes_the_replenishment_and_the_next_low_orders_again(world: World) -> None:
    world.order()
    LowSignal.objects.update(closed_at=NOW, closed_cause="replaced", due_at=NOW)
    tasks.sweep_signals()
    assert Replenishment.objects.get().closed_cause == "replaced"
    world.low(minute=60)
    assert len(world.decide(61)) == 1


def test_a_plan_that_ends_closes_its_replenishments(world: World) -> None:
    world.order()
    Plan.objects.update(status="cancelled", ended_at=NOW)
    world.decide(1)
    assert Replenishment.objects.get().closed_cause == "plan_ended"


def test_an_order_ended_by_staff_is_decided_again_but_not_one_ended_by_the_customer(world: World) -> None:
    first = world.order()
    lifecycle.cancel(first, NOW, "Dana", "Damaged on the shelf.", by_customer=False)
    tasks.sweep_replenishments()
    second = Order.objects.exclude(pk=first.pk).get()
    lifecycle.cancel(second, NOW, "customer", "", by_customer=True)
    assert (world.decide(2), world.told(), world.need().decision) == ([], "none", "ordered")


def test_a_day_first_is_not_listed_for_packing_before_the_day_is_over(world: World) -> None:
    Plan.objects.update(when_low="day_first")
    assert world.order().listed_at == NOW + timedelta(hours=24)


def test_without_a_card_nothing_is_packed_until_there_is_one(world: World) -> None:
    Plan.objects.update(payable_since=None)
    order = world.order()
    assert (order.status, world.on_hand()) == ("payment_failed", (10, 1))
    Plan.objects.update(payable_since=NOW, due_at=NOW)
    tasks.sweep_plans()
    order.refresh_from_db()
    assert order.status == "released"


def test_one_bad_plan_holds_up_no_other(world: World) -> None:
    bad = World(PlanFactory.create(model=world.plan.model), world.partner)
    bad.low("PGBK")
    bad.say("PGBK", at="no time at all")
    world.low("PGBK", minute=1)
    tasks.sweep_signals()
    assert [order.plan for order in Order.objects.all()] == [world.plan]
    assert LowSignal.objects.get(due_at__isnull=False).printer == bad.plan.printer


def test_movements_add_up_to_what_is_on_hand(world: World) -> None:
    world.order()
    assert StockMovement.objects.get().quantity == 10


def test_not_this_one_holds_until_the_supply_is_replaced(world: World) -> None:
    Plan.objects.update(when_low="ask")
    world.low()
    world.decide()
    assert replenishment.decline(world.need(), NOW)
    assert not replenishment.decline(world.need(), NOW)
    assert world.decide(minute=1) == []
    assert (world.need().decision, world.told()) == ("skipped", "none")
    assert Decision.objects.latest("pk").reason == "Black is low. Asked whether to order it, the customer said no."


def test_a_skip_for_the_next_one_is_not_used_up_by_a_no(world: World) -> None:
    Plan.objects.update(when_low="ask")
    world.low()
    world.decide()
    replenishment.decline(world.need(), NOW)
    PlanSlotFactory.create(plan=world.plan, slot=world.need().slot, skip_next=True)
    world.decide(minute=1)
    assert world.plan.slots.get().skip_next


def test_who_was_not_asked_cannot_say_no(world: World) -> None:
    world.order()
    assert not replenishment.decline(world.need(), NOW)
    assert world.need().decision == "ordered"


def test_a_pause_that_ends_on_another_day_is_decided_on_that_day(world: World) -> None:
    Plan.objects.update(paused_at=NOW)
    world.low()
    world.decide()
    for day in (25, 30):
        Plan.objects.update(paused_until=date(2026, 11, day))
        world.decide(1)
        assert world.need().due_at == NOW.replace(day=day, hour=0)


def test_a_price_that_begins_later_is_looked_at_when_it_begins(world: World) -> None:
    begins = NOW + timedelta(days=3)
    world.sku().prices.update(valid_from=begins)
    world.low()
    assert (world.decide(), kinds(), world.need().due_at) == ([], ["unknown_supply"], begins)
