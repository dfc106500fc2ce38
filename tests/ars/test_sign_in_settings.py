"""Changing how an account is opened: its address, proven by a code, and its password."""

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from enrollment.models import User
from tests.post import arrived, latest_code

SETTINGS, EMAIL, TYPED = "/accounts/", "/accounts/email/", "/accounts/confirm-email/"
PASSWORD = "correct horse battery"


@pytest.fixture
def ana(db: None) -> User:
    return User.objects.create_user("ana@example.com", PASSWORD)


@pytest.fixture
def client(ana: User) -> Client:
    """Signed in, as one signs in."""
    client = Client()
    client.post("/accounts/login/", {"login": "ana@example.com", "password": PASSWORD})
    return client


def reauthenticated(client: Client) -> Client:
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def test_the_address_changes_once_the_new_one_is_proven(client: Client, ana: User) -> None:
    reauthenticated(client)
    assert client.post(EMAIL, {"email": "new@example.com", "action_add": ""})["Location"] == TYPED
    ana.refresh_from_db()
    assert ana.email == "ana@example.com"
    assert client.post(TYPED, {"code": latest_code()})["Location"] == SETTINGS
    ana.refresh_from_db()
    assert ana.email == "new@example.com"
    assert list(EmailAddress.objects.values_list("email", "verified")) == [("new@example.com", True)]
    last = arrived()[-1]
    assert (last.subject, last.to) == ("Your e-mail address was changed", ["ana@example.com"])


def test_it_takes_the_password_once_more(client: Client) -> None:
    answer = client.post(EMAIL, {"email": "new@example.com", "action_add": ""})
    assert answer["Location"] == "/accounts/reauthenticate/?next=%2Faccounts%2Femail%2F"
    assert arrived() == []


def test_anothers_address_gets_no_other_answer_and_is_not_taken(client: Client, ana: User) -> None:
    User.objects.create_user("ben@example.com")
    reauthenticated(client)
    assert client.post(EMAIL, {"email": "ben@example.com", "action_add": ""})["Location"] == TYPED
    client.post(TYPED, {"code": "000000"})
    ana.refresh_from_db()
    assert ana.email == "ana@example.com"


def test_the_password_changes_and_other_sessions_end(client: Client, ana: User) -> None:
    elsewhere = Client()
    elsewhere.post("/accounts/login/", {"login": "ana@example.com", "password": PASSWORD})
    fields = {"oldpassword": PASSWORD, "password1": "staple the battery"}
    assert client.post("/accounts/password/change/", fields)["Location"] == SETTINGS
    assert client.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 302
    assert [mail.subject for mail in arrived()] == ["Your password was changed"]


def test_a_wrong_old_password_changes_nothing(client: Client, ana: User) -> None:
    page = client.post("/accounts/password/change/", {"oldpassword": "wrong", "password1": "staple the battery"})
    assert "This is not your password." in page.content.decode()
    ana.refresh_from_db()
    assert ana.check_password(PASSWORD)


def test_who_has_none_sets_a_first_password(client: Client, ana: User) -> None:
    ana.set_unusable_password()
    ana.save(update_fields=["password"])
    client.force_login(ana)
    assert "None: we mail you a code each time." in client.get(SETTINGS).content.decode()
    assert client.post("/accounts/password/set/", {"password1": PASSWORD})["Location"] == SETTINGS
    ana.refresh_from_db()
    assert ana.check_password(PASSWORD)
    assert arrived()[-1].subject == "Your account has a password now"
