"""Signing in and out: every other session ends when its owner, or staff for them, says so, and lines tell who came."""

from uuid import uuid4

import pytest
from django.test import Client

from enrollment.models import Note, User
from tests.ars.calling import clerk, page, said, verify
from tests.ars.watch.lines import logged
from tests.factories import UserFactory
from tests.staff import with_second_factor

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture
def ana() -> User:
    return UserFactory.create()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def test_who_has_no_password_ends_every_other_sign_in(ana: User) -> None:
    here, phone, others = signed_in(ana), signed_in(ana), signed_in(UserFactory.create())
    assert "Sign out everywhere else" in here.get("/accounts/").text
    for _ in range(2):
        answer = here.post("/accounts/sign-out-elsewhere/")
        assert said(answer) == "You are signed out everywhere but here."
        assert (is_in(here), is_in(phone), is_in(others)) == (True, False, True)
        phone = signed_in(User.objects.get(pk=ana.pk))
        assert is_in(phone)


def test_a_link_ends_nothing(ana: User) -> None:
    here, phone = signed_in(ana), signed_in(ana)
    assert here.get("/accounts/sign-out-elsewhere/")["Location"] == "../"
    assert is_in(phone)


def test_support_ends_all_of_a_caller_once_and_notes_why(ana: User) -> None:
    phone, dana = signed_in(ana), clerk()
    address = page(ana, "sign-out/")
    form = {"act": "", "why": "Phone stolen.", "key": str(uuid4())}
    assert "errornote" in dana.get(address).text
    dana.post(address, form)
    assert is_in(phone)
    verify(dana, ana)
    assert "is signed out at once" in dana.get(address).text
    assert is_in(phone)
    dana.post(address, form)
    assert not is_in(phone)
    phone = signed_in(User.objects.get(pk=ana.pk))
    dana.post(address, form)  # the second click
    assert is_in(phone)
    assert [note.text for note in Note.objects.all()] == ["Signed out everywhere: Phone stolen."]


def test_staff_are_signed_out_by_nobody_of_support() -> None:
    boss = with_second_factor(User.objects.create_superuser("boss@example.com", PASSWORD))
    here, dana = signed_in(boss), clerk()
    verify(dana, boss)
    dana.post(page(boss, "sign-out/"), {"act": "", "why": "x", "key": str(uuid4())})
    assert is_in(here)


def test_lines_tell_who_came_and_went_and_no_address(ana: User) -> None:
    ana.set_password(PASSWORD)
    ana.save()
    client = Client()
    with logged() as lines:
        client.post("/accounts/login/", {"login": ana.email, "password": "guessed"})
        client.post("/accounts/login/", {"login": ana.email, "password": PASSWORD})
        client.post("/accounts/logout/")
    told = [line for line in lines.all if line["logger"] == "ars.account.signing"]
    assert [(line["event"], line.get("user")) for line in told] == [
        ("a password was refused at sign-in", None),
        ("signed in", ana.pk),
        ("signed out", ana.pk),
    ]
    assert all(line["request_id"] for line in told)
    assert not any(secret in lines.text for secret in (ana.email, PASSWORD, "guessed"))
