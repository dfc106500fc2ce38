"""A plan begins by itself with its last step, whichever that is and however often it is done; and once."""

from collections.abc import Callable
from functools import partial

import pytest

from enrollment import lifecycle, pairing, terms
from enrollment.models import Consent, Plan
from printers.facts import Refused
from tests.enrollment.askers import SERIAL, approve, ask, poll
from tests.enrollment.plans import history, ready_plan, stored
from tests.factories import NOW, AddressFactory, PlanFactory, PrinterModelFactory, UserFactory
from tests.races.threads import errors, race

pytestmark = pytest.mark.django_db
PRICES = {"PGI-280-PGBK": 2499}


def agree(plan: Plan) -> bool:
    return lifecycle.agree(plan, PRICES, "203.0.113.7", NOW)


Do = Callable[[Plan], object]
# By step: what takes it back, and what does it.
LAST: dict[str, tuple[Do, Do]] = {
    "address": (
        lambda plan: Plan.objects.filter(pk=plan.pk).update(shipping_address=None),
        lambda plan: lifecycle.change_address(plan, AddressFactory.create(user=plan.user), NOW),
    ),
    "card": (
        lambda plan: Plan.objects.filter(pk=plan.pk).update(payable_since=None),
        lambda plan: lifecycle.set_payable(plan.pk, NOW),
    ),
    "consent": (lambda plan: plan.consents.all().delete(), agree),
}


@pytest.mark.parametrize("last", LAST)
def test_the_last_step_begins_the_plan(last: str) -> None:
    undo, do = LAST[last]
    plan = ready_plan()
    undo(plan)
    plan = stored(plan)
    do(plan)
    assert (stored(plan).status, stored(plan).due_at) == ("active", NOW)
    do(stored(plan))
    assert [event[:2] for event in history(plan) if event[2] == ""] == [("active", "customer")]


@pytest.mark.parametrize("last", LAST)
def test_a_step_that_is_not_the_last_begins_nothing(last: str) -> None:
    undo, do = LAST[last]
    plan = ready_plan()
    undo(plan)
    assert plan.printer is not None
    plan.printer.tokens.update(revoked_at=NOW)
    do(stored(plan))
    assert stored(plan).status == "pending"


def test_a_consent_keeps_what_was_seen_and_is_given_once() -> None:
    plan = PlanFactory.create(pending=True)
    assert agree(plan)
    assert not lifecycle.agree(plan, {}, None, NOW)
    kept = Consent.objects.get()
    assert (kept.plan, kept.text_version, kept.prices) == (plan, terms.VERSION, PRICES)
    assert (kept.ip_address, kept.given_at) == ("203.0.113.7", NOW)
    assert history(plan) == [("pending", "customer", lifecycle.AGREED)]


def test_a_plan_that_ended_cannot_be_agreed_to() -> None:
    plan = PlanFactory.create(cancelled=True)
    with pytest.raises(Refused, match="has ended"):
        agree(plan)
    assert not Consent.objects.exists()


def test_a_printer_whose_other_plan_began_first_leaves_this_one_pending() -> None:
    plan = ready_plan()
    plan.consents.all().delete()
    PlanFactory.create(model=plan.model, printer=plan.printer)
    assert agree(plan)
    assert stored(plan).status == "pending"
    assert plan.consents.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_last_two_steps_at_once_begin_it_once() -> None:
    for _ in range(5):
        plan = ready_plan()
        plan.consents.all().delete()
        Plan.objects.filter(pk=plan.pk).update(payable_since=None)
        steps: list[Callable[[], object]] = [
            *[partial(agree, stored(plan))] * 2,
            partial(lifecycle.set_payable, plan.pk, NOW),
        ]
        assert errors(race(*steps)) == []
        assert stored(plan).status == "active"
        assert (plan.consents.count(), plan.events.filter(status="active", note="").count()) == (1, 1)


# The printer that was expected


def test_a_plan_that_waits_for_this_serial_number_is_the_only_one_that_fits() -> None:
    ana, model = UserFactory.create(), PrinterModelFactory.create(name="TR8620")
    other, waiting = (
        PlanFactory.create(user=ana, model=model, pending=True, expected_serial=serial) for serial in ("", SERIAL)
    )
    assert pairing.fitting(ana, [model], SERIAL.lower()) == [waiting]
    assert pairing.fitting(ana, [model], "XXXX00001") == [other, waiting]
    assert pairing.fitting(ana, [model]) == [other, waiting]


def test_a_wizard_first_and_a_printer_later_end_in_an_active_plan() -> None:
    ana, model = UserFactory.create(), PrinterModelFactory.create(name="TR8620")
    address = AddressFactory.create(user=ana)
    plan = PlanFactory.create(ready=True, user=ana, model=model, printer=None, shipping_address=address)
    agree(plan)
    request, device_code = ask()
    approve(request, ana, model, plan)
    poll(device_code)
    assert stored(plan).status == "active"
