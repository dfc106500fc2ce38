"""What the database itself refuses, whatever the code above it does; and how people, places and plans read."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from enrollment.models import Plan, User
from tests.factories.enrollment import AddressFactory, ConsentFactory, PlanFactory, PlanSlotFactory, UserFactory
from tests.factories.printers import NOW, PrinterModelFactory

pytestmark = pytest.mark.django_db


def test_the_email_address_is_the_name_and_is_kept_in_small_letters() -> None:
    user = User.objects.create_user(" Ana@Example.COM ", "correct horse")
    assert (user.email, str(user), user.check_password("correct horse")) == ("ana@example.com", "ana@example.com", True)
    assert User.objects.get_by_natural_key("ANA@example.com") == user


def test_two_people_never_share_an_address_in_other_letters() -> None:
    UserFactory.create(email="ana@example.com")
    with pytest.raises(IntegrityError, match="user_email_once"), transaction.atomic():
        UserFactory.create(email="ANA@example.com")
    with pytest.raises(ValidationError):
        User.objects.create_user("Ana@example.com")
    assert User.objects.count() == 1


def test_a_name_that_is_no_address_is_refused() -> None:
    with pytest.raises(ValidationError):
        User.objects.create_user("ana")
    assert not User.objects.exists()


def test_a_superuser_is_staff() -> None:
    boss = User.objects.create_superuser("boss@example.com", "correct horse")
    assert boss.is_staff
    assert boss.is_superuser


def test_one_printer_has_one_active_plan_and_any_number_of_others() -> None:
    plan = PlanFactory.create()
    PlanFactory.create(model=plan.model, printer=plan.printer, ready=True)
    PlanFactory.create(model=plan.model, printer=plan.printer, cancelled=True)
    with pytest.raises(IntegrityError, match="one_active_plan_a_printer"), transaction.atomic():
        PlanFactory.create(model=plan.model, printer=plan.printer)
    assert Plan.objects.count() == 3


@pytest.mark.parametrize("lacking", ["printer", "shipping_address"])
def test_an_active_plan_has_a_printer_and_an_address(lacking: str) -> None:
    with pytest.raises(IntegrityError, match="active_plan_has_printer_and_address"), transaction.atomic():
        PlanFactory.create(**{lacking: None})
    assert not Plan.objects.exists()


@pytest.mark.parametrize("fields", [{"status": "cancelled"}, {"ended_at": NOW}])
def test_a_plan_has_ended_exactly_when_it_is_cancelled(fields: dict[str, object]) -> None:
    with pytest.raises(IntegrityError, match="only_a_cancelled_plan_has_ended"), transaction.atomic():
        PlanFactory.create(**fields)
    assert not Plan.objects.exists()


def test_a_plan_has_one_wish_for_a_slot() -> None:
    wish = PlanSlotFactory.create()
    with pytest.raises(IntegrityError, match="one_choice_a_plan_and_slot"), transaction.atomic():
        PlanSlotFactory.create(plan=wish.plan, slot=wish.slot)


def test_the_proof_of_consent_outlives_attempts_to_delete_its_plan() -> None:
    consent = ConsentFactory.create()
    with pytest.raises(ProtectedError):
        consent.plan.delete()
    assert Plan.objects.filter(pk=consent.plan_id).exists()


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"nickname": "Front desk"}, "Front desk"),
        ({"printer__serial_number": "KKBC04471"}, "TR8620 (4471)"),
        ({"printer__serial_number": ""}, "TR8620"),
        ({"pending": True}, "TR8620"),
    ],
)
def test_a_plan_is_called_by_its_nickname_or_its_model_and_serial(fields: dict[str, object], name: str) -> None:
    plan = PlanFactory.create(model=PrinterModelFactory.create(name="TR8620"), **fields)
    assert plan.display_name == name


def test_an_order_keeps_its_own_copy_of_an_address() -> None:
    address = AddressFactory.create(full_name="Ana Ruiz", line2="Apt 4", phone="503-555-0100")
    assert address.as_ship_to() == {
        "full_name": "Ana Ruiz",
        "attention": "",
        "line1": "12 Elm Street",
        "line2": "Apt 4",
        "city": "Portland",
        "state": "OR",
        "postal_code": "97201",
        "country": "US",
        "phone": "503-555-0100",
    }
