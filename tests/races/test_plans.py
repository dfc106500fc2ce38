"""The verbs of a plan against each other and against whoever decides for it, with a control."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest
from django.db import transaction

from enrollment import lifecycle
from enrollment.models import Plan, PlanEvent
from printers.facts import Refused
from tests.enrollment.plans import history, ready_plan, stored
from tests.factories.enrollment import PlanFactory
from tests.factories.printers import NOW
from tests.races.threads import errors, race

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 10
THREADS = 6


def activate(plan: Plan) -> bool:
    return lifecycle.activate(stored(plan), NOW, "customer")


def cancel(plan: Plan) -> bool:
    return lifecycle.cancel(stored(plan), "sold", NOW, "customer")


def test_two_plans_of_one_printer_activated_at_once_make_one_active_plan() -> None:
    for _ in range(ROUNDS):
        first = ready_plan()
        second = ready_plan(model=first.model, printer=first.printer)
        outcomes = race(partial(activate, first), partial(activate, second))
        refused = errors(outcomes)
        assert outcomes.count(True) == 1
        assert [type(error) for error in refused] == [Refused]
        assert Plan.objects.filter(printer=first.printer, status="active").count() == 1
        assert PlanEvent.objects.filter(plan__printer=first.printer).count() == 1


def test_one_plan_cancelled_by_many_at_once_ends_once() -> None:
    for _ in range(ROUNDS):
        plan = PlanFactory.create()
        assert sorted(race(*[partial(cancel, plan)] * THREADS)) == [False] * (THREADS - 1) + [True]
        assert len(history(plan)) == 1


def test_control_reading_first_and_writing_then_ends_it_many_times() -> None:
    plan, all_have_read = PlanFactory.create(), Barrier(THREADS)

    def naive() -> bool:
        active = stored(plan).status == "active"
        all_have_read.wait(timeout=60)
        if active:
            Plan.objects.filter(pk=plan.pk).update(status="cancelled", ended_at=NOW)
            PlanEvent.objects.create(plan=plan, status="cancelled", at=NOW, by="customer")
        return active

    assert race(*[naive] * THREADS) == [True] * THREADS
    assert len(history(plan)) == THREADS


def test_a_plan_is_not_cancelled_while_somebody_decides_for_it() -> None:
    plan = PlanFactory.create()
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            lifecycle.lock_plan(plan.pk)
            ended = pool.submit(race, partial(cancel, plan))
            with pytest.raises(TimeoutError):
                ended.result(timeout=0.3)
            assert stored(plan).status == "active"
        assert ended.result(timeout=60) == [True]
