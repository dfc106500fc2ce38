"""Purchases told at once, the ZIP codes they are sent to, and the link of the invitation."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.core import signing

from enrollment import invitations, purchases, zip_codes
from enrollment.models import Address, Plan, PlanEvent, Purchase, User
from printers.facts import Refused
from tests.factories import NOW, PartnerFactory, PlanFactory, PrinterModelFactory, UserFactory
from tests.races.threads import errors, race

THREADS, ROUNDS = 6, 5


def body(email: str = "ana@example.com", **changes: Any) -> dict[str, Any]:
    address = {"full_name": "Ana Ruiz", "line1": "12 Elm Street", "city": "Portland", "state": "OR"}
    bought = {"email": email, "full_name": "Ana Ruiz", "model": "TS9120"}
    return bought | {"shipping_address": address | {"postal_code": "97201"}} | changes


@pytest.mark.django_db(transaction=True)
def test_one_purchase_told_by_many_at_once_makes_one_plan() -> None:
    PrinterModelFactory.create(name="TS9120")
    partner = PartnerFactory.create()
    for number in range(ROUNDS):
        told = partial(purchases.record, partner, f"P-{number}", body(f"ana{number}@example.com"), NOW)
        outcomes = race(*[told] * THREADS)
        assert errors(outcomes) == []
        assert sorted(new for _, new in outcomes) == [False] * (THREADS - 1) + [True]
    for kept in (Plan, Purchase, PlanEvent, User, Address):
        assert kept.objects.count() == ROUNDS


@pytest.mark.django_db(transaction=True)
def test_two_bodies_of_one_id_at_once_have_one_winner() -> None:
    PrinterModelFactory.create(name="TS9120")
    partner = PartnerFactory.create()
    told = [partial(purchases.record, partner, "P", body(serial_number=serial), NOW) for serial in ("A", "B")]
    outcomes = race(*told)
    assert [type(error) for error in errors(outcomes)] == [Refused]
    assert (Plan.objects.count(), PlanEvent.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_many_purchases_of_one_person_at_once_make_one_account() -> None:
    PrinterModelFactory.create(name="TS9120")
    partner = PartnerFactory.create()
    outcomes = race(*[partial(purchases.record, partner, f"P-{n}", body(), NOW) for n in range(THREADS)])
    assert errors(outcomes) == []
    assert (User.objects.count(), Plan.objects.count()) == (1, THREADS)


@pytest.mark.parametrize(
    ("zip_code", "states"),
    [
        ("97201", ["OR"]),
        ("97201-1234", ["OR"]),
        ("20001", ["DC"]),
        ("06390", ["CT", "NY"]),
        ("83414", ["ID", "WY"]),
        ("00601", []),
        ("96910", []),
        ("9720", []),
        ("９７２０１", []),
        ("97201\n", []),
    ],
)
def test_a_zip_code_lies_in_its_state(zip_code: str, states: list[str]) -> None:
    assert zip_codes.states_of(zip_code) == states


def test_all_states_are_there() -> None:
    assert len(zip_codes.STATES) == 51


@pytest.mark.django_db
def test_a_link_is_good_for_its_plan_and_for_thirty_days() -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        plan = PlanFactory.create(pending=True)
        signed = invitations.sign(plan)
        assert invitations.read(signed) == plan
        clock.shift(timedelta(days=30, seconds=1))
        assert invitations.read(signed) is None


@pytest.mark.django_db
def test_what_we_signed_for_something_else_is_no_link() -> None:
    plan = PlanFactory.create(pending=True)
    for forged in (signing.dumps(plan.pk), signing.dumps(plan.pk, salt="another"), f"{invitations.sign(plan)}x", "1"):
        assert invitations.read(forged) is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    "known", [{"last_login": NOW}, {"is_active": False}, {"is_staff": True}, {"password": "md5$a$b"}]
)
def test_a_link_opens_no_account_that_is_in_use(known: dict[str, Any]) -> None:
    fresh = {"password": "!"}
    assert invitations.opens(PlanFactory.create(pending=True, user=UserFactory.create(**fresh)))
    assert not invitations.opens(PlanFactory.create(pending=True, user=UserFactory.create(**fresh | known)))
