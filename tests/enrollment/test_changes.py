"""What changes in a plan's life: its address, card, pauses and wishes; what orders look at, and what is refused."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from enrollment import lifecycle
from enrollment.models import Plan, PlanSlot
from printers.facts import Refused
from tests.enrollment.plans import stored
from tests.factories.enrollment import AddressFactory, PlanFactory
from tests.factories.printers import NOW, SlotFactory, SlotSkuFactory

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)
Verb = Callable[[Plan], Any]


def test_a_new_address_is_due_for_orders_only_when_it_is_new() -> None:
    plan = PlanFactory.create()
    address = AddressFactory.create(user=plan.user)
    assert lifecycle.change_address(plan, address, NOW)
    assert (stored(plan).shipping_address, stored(plan).due_at) == (address, NOW)
    assert not lifecycle.change_address(plan, address, LATER)
    assert stored(plan).due_at == NOW


def test_nobody_sends_to_the_address_of_another_account() -> None:
    plan = PlanFactory.create()
    with pytest.raises(Refused, match=r"This address belongs to another account."):
        lifecycle.change_address(plan, AddressFactory.create(), NOW)
    assert stored(plan).shipping_address == plan.shipping_address
    assert stored(plan).due_at is None


def test_a_card_makes_a_plan_payable_once_and_a_newer_card_is_looked_at_again() -> None:
    plan = PlanFactory.create(payable_since=None)
    assert lifecycle.set_payable(plan.pk, NOW)
    assert not lifecycle.set_payable(plan.pk, NOW)
    assert (stored(plan).payable_since, stored(plan).due_at) == (NOW, NOW)
    assert lifecycle.set_payable(plan.pk, LATER)
    assert stored(plan).due_at == LATER


def test_a_card_that_is_gone_leaves_the_plan_active_and_nothing_due() -> None:
    plan = PlanFactory.create()
    assert lifecycle.set_payable(plan.pk, None)
    assert (stored(plan).payable_since, stored(plan).status, stored(plan).due_at) == (None, "active", None)


def test_a_pending_plan_concerns_no_order() -> None:
    plan = PlanFactory.create(pending=True)
    lifecycle.set_payable(plan.pk, NOW)
    lifecycle.change_address(plan, AddressFactory.create(user=plan.user), NOW)
    assert stored(plan).payable_since == NOW
    assert stored(plan).due_at is None


def test_a_pause_holds_until_its_day_and_resuming_ends_it() -> None:
    plan = PlanFactory.create()
    assert lifecycle.pause(plan, date(2027, 1, 4), NOW)
    assert (stored(plan).paused_at, stored(plan).paused_until, stored(plan).due_at) == (NOW, date(2027, 1, 4), NOW)
    assert lifecycle.resume(plan, LATER)
    assert (stored(plan).paused_at, stored(plan).paused_until, stored(plan).due_at) == (None, None, LATER)
    assert not lifecycle.resume(plan, LATER)


def test_a_longer_pause_keeps_its_beginning() -> None:
    plan = PlanFactory.create()
    lifecycle.pause(plan, date(2027, 1, 4), NOW)
    lifecycle.pause(plan, None, LATER)
    assert (stored(plan).paused_at, stored(plan).paused_until) == (NOW, None)


@pytest.mark.parametrize("day", [date(2026, 11, 22), date(2026, 11, 23)])
def test_a_pause_ends_after_today(day: date) -> None:
    plan = PlanFactory.create()
    with pytest.raises(Refused, match=r"Choose a day after today."):
        lifecycle.pause(plan, day, NOW)
    assert stored(plan).paused_at is None


def test_only_an_active_plan_can_be_paused() -> None:
    plan = PlanFactory.create(pending=True)
    with pytest.raises(Refused, match=r"Only an active plan can be paused."):
        lifecycle.pause(plan, None, NOW)
    assert stored(plan).paused_at is None


def test_wishes_for_one_slot_are_kept_side_by_side() -> None:
    plan = PlanFactory.create()
    slot = SlotSkuFactory.create(slot__model=plan.model).slot
    lifecycle.choose_size(plan, slot, "standard")
    lifecycle.set_spares(plan, slot, 2)
    lifecycle.skip_next(plan, slot)
    wish = PlanSlot.objects.get(plan=plan, slot=slot)
    assert (wish.size, wish.spares, wish.skip_next) == ("standard", 2, True)
    lifecycle.skip_next(plan, slot, skip=False)
    assert not PlanSlot.objects.get(plan=plan, slot=slot).skip_next


def test_a_size_that_is_not_made_is_refused() -> None:
    plan = PlanFactory.create()
    slot = SlotSkuFactory.create(slot__model=plan.model, slot__name="Cyan").slot
    with pytest.raises(Refused, match=r"Cyan does not come in this size."):
        lifecycle.choose_size(plan, slot, "high")
    assert not PlanSlot.objects.exists()


@pytest.mark.parametrize("spares", [-1, 100])
def test_spares_are_a_small_number(spares: int) -> None:
    plan = PlanFactory.create()
    with pytest.raises(Refused, match=r"Give a number from 0 to 99."):
        lifecycle.set_spares(plan, SlotFactory.create(model=plan.model), spares)
    assert not PlanSlot.objects.exists()


def test_a_slot_of_another_model_is_no_slot_of_the_plan() -> None:
    with pytest.raises(Refused, match=r"This printer has no Cyan."):
        lifecycle.skip_next(PlanFactory.create(), SlotFactory.create(name="Cyan"))
    assert not PlanSlot.objects.exists()


@pytest.mark.parametrize(
    "verb",
    [
        lambda plan: lifecycle.change_address(plan, AddressFactory.create(user=plan.user), NOW),
        lambda plan: lifecycle.pause(plan, None, NOW),
        lambda plan: lifecycle.resume(plan, NOW),
        lambda plan: lifecycle.skip_next(plan, SlotFactory.create(model=plan.model)),
    ],
)
def test_a_plan_that_has_ended_is_not_changed(verb: Verb) -> None:
    plan = PlanFactory.create(cancelled=True)
    with pytest.raises(Refused, match=r"This plan has ended, so it cannot be changed."):
        verb(plan)
    assert stored(plan).due_at is None
