"""Enrolling a printer somebody has: one plan a printer, however it is asked for, and nothing told of other accounts."""

from collections.abc import Iterator
from functools import partial

import pytest
from django.core.cache import cache

from enrollment import claims, lifecycle, owned_printers
from enrollment.models import Plan, PlanEvent, User
from printers.facts import Refused
from printers.models import PrinterModel
from tests.enrollment.plans import history
from tests.factories import NOW, PlanFactory, PrinterFactory, PrinterModelFactory, UserFactory
from tests.races.threads import errors, race

SERIAL = "ACDE04471"


@pytest.fixture(autouse=True)
def _no_tries_yet() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def model(db: None) -> PrinterModel:
    return PrinterModelFactory.create(name="TR8620")


@pytest.fixture
def ana(db: None) -> User:
    return UserFactory.create()


def begin(user: User, model: PrinterModel, serial: str = SERIAL) -> Plan:
    return owned_printers.begin(user, model, serial, NOW)[0]


def test_a_serial_number_makes_a_pending_plan_that_waits_for_it(ana: User, model: PrinterModel) -> None:
    plan = begin(ana, model, " acde-044 71 ")
    assert (plan.user, plan.model, plan.status, plan.expected_serial) == (ana, model, "pending", SERIAL)
    assert history(plan) == [("pending", "customer", "")]


@pytest.mark.parametrize("serial", [SERIAL, ""])
def test_asked_for_again_it_is_the_plan_there_is(ana: User, model: PrinterModel, serial: str) -> None:
    first, second = (owned_printers.begin(ana, model, serial, NOW) for _ in range(2))
    assert (first[0], first[1], second[1]) == (second[0], True, False)
    assert PlanEvent.objects.count() == 1


def test_another_serial_number_is_another_printer(ana: User, model: PrinterModel) -> None:
    assert begin(ana, model) != begin(ana, model, "ACDE04472") != begin(ana, model, "")
    assert Plan.objects.count() == 3


def test_ones_own_connected_printer_is_known_by_its_serial_number(ana: User, model: PrinterModel) -> None:
    printer = PrinterFactory.create(model=model, serial_number=SERIAL)
    plan = PlanFactory.create(user=ana, model=model, printer=printer)
    assert begin(ana, model, SERIAL.lower()) == plan
    assert Plan.objects.count() == 1


def test_a_plan_that_ended_is_no_plan_there_is(ana: User, model: PrinterModel) -> None:
    ended = begin(ana, model)
    lifecycle.cancel(ended, "", NOW, "customer")
    assert begin(ana, model) != ended


def test_a_model_that_takes_no_new_plans_is_refused_and_a_plan_begun_before_goes_on(ana: User) -> None:
    model = PrinterModelFactory.create(name="TR8620")
    begun = begin(ana, model)
    PrinterModel.objects.update(eligible=False)
    model.refresh_from_db()
    with pytest.raises(Refused, match=r"^We do not take new plans for PIXMA TR8620 now, so nothing was changed\.$"):
        begin(ana, model, "ACDE04472")
    assert begin(ana, model) == begun
    assert Plan.objects.count() == 1


def test_somebody_elses_active_printer_is_refused_and_its_owner_told_once(ana: User, model: PrinterModel) -> None:
    taken = PlanFactory.create(model=model, printer=PrinterFactory.create(model=model, serial_number=SERIAL))
    for _ in range(2):
        with pytest.raises(Refused, match=r"^This printer is active in another account") as refused:
            begin(ana, model, SERIAL.lower())
        assert taken.user.email not in str(refused.value)
    event = PlanEvent.objects.get()
    assert (event.plan, event.note, event.due_at) == (taken, claims.CLAIMED, NOW)
    assert not Plan.objects.filter(user=ana).exists()


def test_who_tries_many_serial_numbers_of_others_is_stopped(ana: User, model: PrinterModel) -> None:
    serials = [f"ACDE0000{number}" for number in range(6)]
    for serial in serials:
        PlanFactory.create(model=model, printer=PrinterFactory.create(model=model, serial_number=serial))
    for serial in serials[:5]:
        with pytest.raises(Refused):
            begin(ana, model, serial)
    with pytest.raises(owned_printers.TooManyTries):
        begin(ana, model, serials[5])
    assert PlanEvent.objects.count() == 5


def test_who_is_stopped_can_still_enroll_what_is_free(ana: User, model: PrinterModel) -> None:
    for _ in range(5):
        owned_printers.TAKEN_ONES.count(ana.pk)
    assert begin(ana, model).status == "pending"


@pytest.mark.django_db(transaction=True)
def test_sent_by_many_tabs_at_once_it_is_one_plan() -> None:
    ana, model = UserFactory.create(), PrinterModelFactory.create()
    outcomes = race(*[partial(begin, ana, model)] * 6)
    assert errors(outcomes) == []
    assert (len({plan.pk for plan in outcomes}), Plan.objects.count()) == (1, 1)
