"""POST /api/v1/store/purchases: what a store tells, what it is answered, and what is refused with the field named."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from enrollment.models import Address, ApiKey, Partner, Plan, PlanEvent, Purchase, User
from printers.models import PrinterModel
from tests.factories import NOW, PartnerFactory, PrinterModelFactory
from tests.partners import PartnerClient, refusal

PURCHASES = "/api/v1/store/purchases"
ADDRESS = {"line1": "12 Elm Street", "city": "Portland", "state": "or", "postal_code": "97201"}
BODY: dict[str, Any] = {
    "purchase_id": "P-1",
    "email": "Ana@Example.com",
    "full_name": "Ana Ruiz",
    "serial_number": "ABCD12345",
    "shipping_address": ADDRESS,
    "auto_replenishment": True,
}


@pytest.fixture
def model(db: None) -> Iterator[PrinterModel]:
    with time_machine.travel(NOW, tick=False):
        yield PrinterModelFactory.create(name="TS9120", series__name="PIXMA")


@pytest.fixture
def shop(model: PrinterModel) -> PartnerClient:
    return PartnerClient(PartnerFactory.create(name="Shop"), ApiKey.Scope.STORE)


def tell(shop: PartnerClient, **changes: Any) -> Any:
    """The answer to BODY with some of it changed; None leaves a field out."""
    sent = {"model": "PIXMA TS9120"} | BODY | changes
    body = {name: value for name, value in sent.items() if value is not None}
    return shop.post(PURCHASES, body, content_type="application/json")


def nothing_was_kept() -> bool:
    return not any(kept.objects.exists() for kept in (User, Plan, Address, Purchase, PlanEvent))


def test_a_purchase_makes_a_pending_plan_with_its_address(shop: PartnerClient) -> None:
    answer = tell(shop)
    assert (answer.status_code, answer.json()) == (
        201,
        {"purchase_id": "P-1", "model": "PIXMA TS9120", "status": "pending"},
    )
    plan = Plan.objects.get()
    assert (plan.status, str(plan.model), plan.user.email) == ("pending", "PIXMA TS9120", "ana@example.com")
    assert plan.shipping_address is not None
    assert str(plan.shipping_address) == "Ana Ruiz, 12 Elm Street, Portland OR 97201"
    assert not plan.user.has_usable_password()
    assert PlanEvent.objects.get().due_at == NOW


def test_the_same_purchase_again_is_the_same_thing(shop: PartnerClient) -> None:
    first, again = tell(shop), tell(shop)
    assert (again.status_code, again.json()) == (200, first.json())
    assert (Plan.objects.count(), PlanEvent.objects.count(), Address.objects.count()) == (1, 1, 1)


def test_its_id_with_another_body_is_refused(shop: PartnerClient) -> None:
    tell(shop)
    assert refusal(tell(shop, email="ben@example.com")) == (409, "id_reused", None)
    assert list(User.objects.values_list("email", flat=True)) == ["ana@example.com"]


def test_ids_are_a_stores_own(shop: PartnerClient) -> None:
    tell(shop)
    other = PartnerClient(Partner.objects.create(name="Another shop"), ApiKey.Scope.STORE)
    assert tell(other).status_code == 201
    assert Plan.objects.count() == 2


def test_without_the_tick_nothing_is_kept(shop: PartnerClient) -> None:
    answer = tell(shop, auto_replenishment=False)
    assert (answer.status_code, answer.json()["status"]) == (200, "not_enrolled")
    assert nothing_was_kept()
    assert tell(shop).status_code == 201


def test_an_account_there_is_stays_as_it_is_and_is_not_told_of(shop: PartnerClient) -> None:
    User.objects.create_user("ana@example.com", "correct horse", full_name="Ana R.")
    answer = tell(shop)
    assert (answer.status_code, set(answer.json())) == (201, {"purchase_id", "model", "status"})
    user = User.objects.get()
    assert user.full_name == "Ana R."
    assert user.check_password("correct horse")


@pytest.mark.parametrize("named", ["TS9120", "pixma ts9120"])
def test_a_model_is_known_with_its_series_and_without(shop: PartnerClient, named: str) -> None:
    assert tell(shop, model=named).status_code == 201


@pytest.mark.parametrize(("named", "code"), [("PIXMA TS0000", "unknown_model"), ("TS9120", "model_not_eligible")])
def test_a_printer_that_cannot_be_enrolled_is_refused(
    shop: PartnerClient, model: PrinterModel, named: str, code: str
) -> None:
    PrinterModel.objects.update(eligible=False)
    assert refusal(tell(shop, model=named)) == (400, code, "model")
    assert nothing_was_kept()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"purchase_id": None}, "purchase_id"),
        ({"purchase_id": "x" * 101}, "purchase_id"),
        ({"email": "ana"}, "email"),
        ({"email": 7}, "email"),
        ({"full_name": " "}, "full_name"),
        ({"full_name": "Ana\nBcc: x@y.z"}, "full_name"),
        ({"model": None}, "model"),
        ({"serial_number": "x" * 65}, "serial_number"),
        ({"auto_replenishment": None}, "auto_replenishment"),
        ({"auto_replenishment": "true"}, "auto_replenishment"),
        ({"auto_replenishment": 1}, "auto_replenishment"),
        ({"shipping_address": None}, "shipping_address"),
        ({"shipping_address": ADDRESS | {"state": "PR"}}, "shipping_address.state"),
        ({"shipping_address": ADDRESS | {"state": "Oregon"}}, "shipping_address.state"),
        ({"shipping_address": ADDRESS | {"postal_code": "9720"}}, "shipping_address.postal_code"),
        ({"shipping_address": ADDRESS | {"postal_code": "98101"}}, "shipping_address.postal_code"),
        ({"shipping_address": ADDRESS | {"country": "CA"}}, "shipping_address.country"),
        ({"shipping_address": ADDRESS | {"line1": ""}}, "shipping_address.line1"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_kept(shop: PartnerClient, changes: dict[str, Any], field: str) -> None:
    status, _, named = refusal(tell(shop, **changes))
    assert (status, named) == (400, field)
    assert nothing_was_kept()


def test_a_zip_code_elsewhere_is_said_where(shop: PartnerClient) -> None:
    answer = tell(shop, shipping_address=ADDRESS | {"postal_code": "98101"})
    assert answer.json()["errors"][0]["detail"] == "98101 is not in OR: it lies in WA."


def test_the_serial_number_may_be_missing(shop: PartnerClient) -> None:
    assert tell(shop, serial_number=None).status_code == 201
