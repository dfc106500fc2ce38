"""A plan from its first day to its last: made, activated, cancelled, and each move that is refused."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from enrollment import lifecycle
from enrollment.models import Plan
from printers.facts import Refused
from tests.enrollment.plans import history, ready_plan, stored
from tests.factories.enrollment import PlanFactory, UserFactory
from tests.factories.printers import NOW, PrinterFactory, PrinterModelFactory

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)
Verb = Callable[[Plan], Any]


def test_a_new_plan_is_pending_and_has_its_first_event() -> None:
    model, user = PrinterModelFactory.create(), UserFactory.create()
    plan = lifecycle.create_plan(user, model, now=NOW, by="customer")
    assert (plan.user, plan.model, plan.printer, plan.status) == (user, model, None, "pending")
    assert history(plan) == [("pending", "customer", "")]


def test_a_model_that_is_closed_takes_no_new_plan() -> None:
    model = PrinterModelFactory.create(name="TR8620", eligible=False)
    with pytest.raises(Refused, match="We do not take new plans for PIXMA TR8620 now") as refused:
        lifecycle.create_plan(UserFactory.create(), model, now=NOW, by="customer")
    assert refused.value.code == "model_not_eligible"
    assert not Plan.objects.exists()


def test_a_printer_of_another_model_gets_no_plan() -> None:
    printer = PrinterFactory.create()
    with pytest.raises(Refused, match=r"This printer is not a PIXMA TR1."):
        lifecycle.create_plan(
            UserFactory.create(), PrinterModelFactory.create(name="TR1"), printer=printer, now=NOW, by="customer"
        )
    assert not Plan.objects.exists()


def test_a_complete_plan_becomes_active_and_orders_are_told() -> None:
    plan = ready_plan()
    assert lifecycle.activate(plan, NOW, "customer")
    assert (plan.status, plan.activated_at, plan.due_at) == ("active", NOW, NOW)
    assert stored(plan).status == "active"
    assert history(plan) == [("active", "customer", "")]


def test_activating_twice_is_once() -> None:
    plan = ready_plan()
    lifecycle.activate(plan, NOW, "customer")
    assert not lifecycle.activate(plan, LATER, "customer")
    assert stored(plan).activated_at == NOW
    assert len(history(plan)) == 1


def test_an_empty_plan_is_told_all_it_lacks_in_one_sentence() -> None:
    plan = PlanFactory.create(pending=True)
    with pytest.raises(Refused) as refused:
        lifecycle.activate(plan, NOW, "customer")
    assert str(refused.value) == (
        "Still missing: a connected printer, a shipping address, a card that can be charged "
        "and your agreement to the terms."
    )
    assert refused.value.code == "plan_incomplete"


def take_token(plan: Plan) -> None:
    assert plan.printer is not None
    plan.printer.tokens.update(revoked_at=NOW, revoked_cause="test")


@pytest.mark.parametrize(
    ("take", "lacking"),
    [
        (take_token, "a connected printer"),
        (lambda plan: Plan.objects.filter(pk=plan.pk).update(printer=None), "a connected printer"),
        (lambda plan: Plan.objects.filter(pk=plan.pk).update(shipping_address=None), "a shipping address"),
        (lambda plan: Plan.objects.filter(pk=plan.pk).update(payable_since=None), "a card that can be charged"),
        (lambda plan: plan.consents.all().delete(), "your agreement to the terms"),
    ],
)
def test_what_a_plan_lacks_is_named_and_it_stays_pending(take: Verb, lacking: str) -> None:
    plan = ready_plan()
    take(plan)
    with pytest.raises(Refused, match=f"^Still missing: {lacking}.$"):
        lifecycle.activate(plan, NOW, "customer")
    assert (stored(plan).status, history(plan)) == ("pending", [])


def test_a_printer_with_an_active_plan_is_refused_and_nothing_told_of_its_owner() -> None:
    taken = PlanFactory.create()
    plan = ready_plan(model=taken.model, printer=taken.printer)
    with pytest.raises(Refused) as refused:
        lifecycle.activate(plan, NOW, "customer")
    assert refused.value.code == "printer_taken"
    assert str(refused.value).startswith("This printer has an active plan already.")
    assert taken.user.email not in str(refused.value)
    assert (stored(plan).status, history(plan)) == ("pending", [])


def test_the_next_owner_can_activate_when_the_old_plan_has_ended() -> None:
    old = PlanFactory.create()
    plan = ready_plan(model=old.model, printer=old.printer)
    lifecycle.cancel(old, "sold", NOW, "customer")
    assert lifecycle.activate(plan, LATER, "customer")


def test_cancelling_ends_the_plan_at_once_and_keeps_the_reason() -> None:
    plan = PlanFactory.create()
    assert lifecycle.cancel(plan, "  I print too little ", NOW, "customer")
    assert (plan.status, plan.ended_at, plan.due_at) == ("cancelled", NOW, NOW)
    assert history(plan) == [("cancelled", "customer", "I print too little")]


def test_cancelling_twice_keeps_the_first_time_and_reason() -> None:
    plan = PlanFactory.create()
    lifecycle.cancel(plan, "first", NOW, "customer")
    assert not lifecycle.cancel(plan, "second", LATER, "staff")
    assert stored(plan).ended_at == NOW
    assert history(plan) == [("cancelled", "customer", "first")]


def test_a_long_reason_is_cut_rather_than_refused() -> None:
    plan = PlanFactory.create(pending=True)
    lifecycle.cancel(plan, "x" * 500, NOW, "customer")
    assert history(plan) == [("cancelled", "customer", "x" * 200)]


def test_a_plan_that_ended_never_comes_back() -> None:
    plan = PlanFactory.create(cancelled=True)
    with pytest.raises(Refused, match=r"^This plan is cancelled\.$"):
        lifecycle.activate(plan, NOW, "customer")
    assert stored(plan).status == "cancelled"


def test_a_move_from_a_state_the_plan_has_left_changes_nothing() -> None:
    plan = PlanFactory.create(cancelled=True)
    assert not lifecycle.move(plan, Plan.Status.PENDING, Plan.Status.ACTIVE, now=NOW, by="customer")
    assert (stored(plan).status, history(plan)) == ("cancelled", [])


@pytest.mark.parametrize(
    ("seen", "to"),
    [("active", "pending"), ("cancelled", "active"), ("cancelled", "pending"), ("active", "active")],
)
def test_a_move_that_is_not_in_the_table_is_refused(seen: str, to: str) -> None:
    plan = PlanFactory.create()
    with pytest.raises(Refused):
        lifecycle.move(plan, seen, Plan.Status(to), now=NOW, by="customer")
    assert stored(plan).status == "active"
