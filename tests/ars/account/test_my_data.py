"""An account is deleted by whoever it is, once, and with it whatever names them."""

from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.test import Client

from enrollment import closing
from enrollment.models import Address, Closure, Consent, PairingRequest, Plan, Purchase, User
from notifications.models import Message
from notifications.tasks import sweep_closures
from orders.models import Order
from tests.ars.account.conftest import make_order, posted, text_of
from tests.ars.account.deleting import DELETE, DELETED, PASSWORD, delete, see_off, signed_in
from tests.factories import (
    NOW,
    ConsentFactory,
    MessageFactory,
    PartnerFactory,
    PlanEventFactory,
    PlanFactory,
    UserFactory,
)
from tests.post import latest_code

DAY = timedelta(days=1)


@pytest.fixture
def client(ana: User) -> Client:
    return signed_in(ana)


def everything_about(user: User) -> str:
    """All rows that could still name a person, as one text."""
    rows = [*Address.objects.all(), *Message.objects.values_list("to", "text", "subject"), *User.objects.values_list()]
    rows += [*Plan.objects.values_list(), *Order.objects.values_list("ship_to"), *Closure.objects.values_list()]
    rows += [*PairingRequest.objects.values_list("asked_from")]
    return str([*rows, *Purchase.objects.values_list("body")])


def connected(plan: Plan, asked_from: str) -> None:
    """Its owner let the printer in."""
    PairingRequest.objects.create(
        device_code_hash=b"1",
        user_code="WDJBMJHT",
        asked_from=asked_from,
        created_at=NOW,
        expires_at=NOW,
        outcome="redeemed",
        answered_by=plan.user,
        answered_at=NOW,
        plan=plan,
    )


# Who may


def test_the_page_says_what_goes_what_stays_and_what_comes(client: Client, plan: Plan) -> None:
    goes, comes = make_order(plan, "released", days_ago=1), make_order(plan, "packed", priced_at=NOW)
    page = text_of(client, DELETE)
    for words in ("What is deleted at once", "What we must keep, and why", "This cannot be undone."):
        assert words in page
    assert f"Order {goes.display_number}, $24.99 It is not packed, so it is cancelled. Nothing is charged." in page
    assert f"Order {comes.display_number}, $24.99 It is packed, so it still comes and is charged." in page


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [("", "Type your e-mail address."), ("ben@example.com", "This is not the address of this account.")],
)
def test_the_address_is_typed_or_nothing_happens(
    client: Client, plan: Plan, ana: User, typed: str, sentence: str
) -> None:
    page = posted(client, DELETE, {"email": typed})
    assert page.count(sentence) == 2
    assert page.startswith("Error: Delete the account")
    ana.refresh_from_db()
    assert (ana.is_active, Plan.objects.get().status, Closure.objects.count()) == (True, "active", 0)


def test_after_a_quarter_of_an_hour_the_password_is_asked_for(client: Client, ana: User) -> None:
    with time_machine.travel(NOW + timedelta(minutes=16), tick=False):
        answer = delete(client, ana)
        assert answer["Location"] == f"/accounts/reauthenticate/?next={DELETE}"
        assert not Closure.objects.exists()
        client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": DELETE})
        assert delete(client, ana)["Location"] == DELETED


def test_who_has_no_password_signs_in_by_a_mailed_code(client: Client, ana: User) -> None:
    ana.set_unusable_password()
    ana.save(update_fields=["password"])
    client.force_login(ana)
    page = client.get(DELETE).content.decode()
    assert "we mail you a code once more" in page
    assert not Closure.objects.exists()
    to = f"/accounts/login/code/?next={DELETE}"
    assert f'value="{to}"' in page
    assert client.post("/accounts/logout/", {"next": to})["Location"] == to
    client.post("/accounts/login/code/", {"email": ana.email, "next": DELETE})
    answer = client.post("/accounts/login/code/confirm/", {"code": latest_code(), "next": DELETE})
    assert answer["Location"] == DELETE
    assert delete(client, ana)["Location"] == DELETED


@pytest.mark.parametrize("rights", [{"is_staff": True}, {"is_superuser": True, "is_staff": True}])
def test_staff_do_not_delete_themselves(client: Client, ana: User, plan: Plan, rights: dict[str, bool]) -> None:
    User.objects.filter(pk=ana.pk).update(**rights)
    said = "Accounts of staff are not deleted here: a superuser closes them."
    assert said in text_of(client, DELETE)
    assert said in posted(client, DELETE, {"email": ana.email})
    assert (Plan.objects.get().status, Closure.objects.count()) == ("active", 0)


# What becomes of it


def test_it_happens_once_and_a_second_press_shows_the_same(client: Client, ana: User, plan: Plan) -> None:
    signed = client.get(DELETE).context["signed"]
    first = delete(client, ana, account=signed)
    again = delete(client, ana, account=signed)
    assert [first["Location"], again["Location"]] == [DELETED, DELETED]
    assert Closure.objects.count() == 1
    assert text_of(client, DELETED).startswith("Your account is deleted")
    stranger = Client().post(DELETE, {"email": ana.email})
    assert stranger["Location"].startswith("/accounts/login/")


def test_nobody_signs_in_any_more(client: Client, ana: User) -> None:
    elsewhere = Client()
    elsewhere.post("/accounts/login/", {"login": ana.email, "password": PASSWORD})
    delete(client, ana)
    assert [each.get("/account/").status_code for each in (client, elsewhere)] == [302, 302]
    Client().post("/accounts/login/", {"login": ana.email, "password": PASSWORD})
    assert not EmailAddress.objects.exists()


def test_what_names_a_person_is_gone(client: Client, ana: User, plan: Plan) -> None:
    order = make_order(plan, "delivered", priced_at=NOW, ship_to=Address.objects.get().as_ship_to())
    body = {"email": ana.email, "full_name": "Ana Ruiz", "model": "TR8620"}
    Purchase.objects.create(partner=PartnerFactory.create(), purchase_id="P-1", body=body, plan=plan, at=NOW)
    PlanEventFactory.create(plan=plan, status="cancelled", note="price: Ana found a shop")
    MessageFactory.create(user=ana, text="Dear Ana", sent_at=NOW)
    connected(plan, asked_from="203.0.113.9")
    email = ana.email
    delete(client, ana)
    see_off()
    told = everything_about(ana)
    assert not any(word in told for word in (email, "Ana", "Elm", "Front desk", "203.0.113.9"))
    order.refresh_from_db()
    assert {name: value for name, value in order.ship_to.items() if value} == {
        "state": "OR",
        "postal_code": "97201",
        "country": "US",
    }


def test_the_proof_of_consent_stays_three_years_and_is_found_by_the_address(
    client: Client, ana: User, plan: Plan
) -> None:
    ConsentFactory.create(plan=plan)
    email = ana.email
    delete(client, ana)
    see_off()
    closure = Closure.objects.get()
    assert closure.fingerprint == closing.fingerprint(f" {email.upper()}")
    with time_machine.travel(NOW + closing.PROOF_KEPT - DAY, tick=False):
        assert sweep_closures() == 0
        assert Consent.objects.count() == 1
    with time_machine.travel(NOW + closing.PROOF_KEPT, tick=False):
        assert sweep_closures() == 1
    closure.refresh_from_db()
    assert (Consent.objects.count(), closure.fingerprint, closure.due_at) == (0, "", None)


def test_the_same_address_makes_a_new_account_that_knows_nothing(client: Client, ana: User, plan: Plan) -> None:
    make_order(plan, "delivered", priced_at=NOW)
    email = ana.email
    delete(client, ana)
    again = Client()
    again.post("/accounts/signup/", {"email": email, "full_name": "Ana Ruiz"})
    again.post("/accounts/confirm-email/", {"code": latest_code()})
    new = User.objects.get(email=email)
    assert new.pk != ana.pk
    assert "No printer is connected yet." in text_of(again, "/account/")
    assert "No orders yet." in text_of(again, "/account/orders/")
    assert again.get(f"/account/replenishment/{plan.pk}/").status_code == 404
    document = b"".join(again.get("/account/data/export/").streaming_content)  # type: ignore[attr-defined]
    assert b'"plans": [\n]' in document


def test_another_account_is_as_it_was(client: Client, ana: User, plan: Plan) -> None:
    ben = UserFactory.create(email="ben@example.com", full_name="Ben Oak")
    theirs = make_order(PlanFactory.create(user=ben, model=plan.model), "released")
    MessageFactory.create(user=ben)
    delete(client, ana)
    see_off()
    theirs.refresh_from_db()
    ben.refresh_from_db()
    assert (theirs.status, ben.email, ben.full_name, ben.is_active) == ("released", "ben@example.com", "Ben Oak", True)
    assert (Message.objects.filter(user=ben).count(), ben.addresses.count()) == (2, 1)  # his order is confirmed
