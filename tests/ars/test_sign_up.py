"""Making an account: address and name, a code that proves the address; the same answer to every address."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from enrollment.models import User
from tests.factories import NOW
from tests.post import arrived, latest_code

SIGN_UP, TYPED, SIGN_IN = "/accounts/signup/", "/accounts/confirm-email/", "/accounts/login/"
ANA = {"email": "Ana@Example.com", "full_name": " Ana  Ruiz "}
PASSWORD = "correct horse battery"


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


@pytest.mark.django_db
def test_an_account_needs_a_name_an_address_and_the_code(client: Client) -> None:
    assert client.post(SIGN_UP, ANA)["Location"] == TYPED
    assert not signed_in(client)
    answer = client.post(TYPED, {"code": latest_code()})
    assert (answer["Location"], signed_in(client)) == ("/account/", True)
    user = User.objects.get()
    assert (user.email, user.full_name, user.has_usable_password()) == ("ana@example.com", "Ana Ruiz", False)
    assert [mail.subject for mail in arrived()] == ["Your code to finish signing up"]


@pytest.mark.django_db
def test_who_wants_a_password_has_one(client: Client) -> None:
    client.post(SIGN_UP, ANA | {"password1": PASSWORD})
    client.post(TYPED, {"code": latest_code()})
    assert User.objects.get().check_password(PASSWORD)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"email": ""}, "Type your e-mail address."),
        ({"email": "ana"}, "An e-mail address looks like name@example.com."),
        ({"full_name": " "}, "Type your name."),
        ({"password1": "12345678"}, "This password is too common."),
        ({"full_name": "A\x00B"}, "Null characters are not allowed."),
    ],
)
def test_a_mistake_is_said_beside_its_field_and_on_top(client: Client, wrong: dict[str, str], sentence: str) -> None:
    page = client.post(SIGN_UP, ANA | wrong).content.decode()
    assert page.count(sentence) == 2
    assert "Error:" in page.partition("</title>")[0]
    assert (User.objects.count(), arrived()) == (0, [])


@pytest.mark.django_db
def test_a_known_address_gets_the_same_answer_and_another_mail() -> None:
    User.objects.create_user("ben@example.com", PASSWORD)
    pages, answers = [], []
    for email in ("new@example.com", "ben@example.com"):
        client = Client()
        answer = client.post(SIGN_UP, ANA | {"email": email})
        answers.append((answer.status_code, answer["Location"]))
        page = client.get(TYPED).content.decode().replace(email, "EMAIL")
        pages.append([line for line in page.splitlines() if "csrfmiddlewaretoken" not in line])
    assert answers[0] == answers[1]
    assert pages[0] == pages[1]
    assert [mail.subject for mail in arrived()] == ["Your code to finish signing up", "You have an account already"]
    assert User.objects.count() == 2


@pytest.mark.django_db
def test_who_never_proved_an_address_keeps_no_password_for_it(client: Client) -> None:
    """Somebody signs up with Ana's address; later Ana signs in by code: the stranger's password opens nothing."""
    Client().post(SIGN_UP, ANA | {"password1": PASSWORD})
    client.post(SIGN_IN, {"login": "ana@example.com"})
    client.post("/accounts/login/code/confirm/", {"code": latest_code()})
    assert signed_in(client)
    stranger = Client()
    stranger.post(SIGN_IN, {"login": "ana@example.com", "password": PASSWORD})
    assert not signed_in(stranger)


@pytest.mark.django_db
def test_a_password_without_a_proven_address_asks_for_the_code(client: Client) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        Client().post(SIGN_UP, ANA | {"password1": PASSWORD})
        clock.shift(timedelta(minutes=1))
        answer = client.post(SIGN_IN, {"login": "ana@example.com", "password": PASSWORD})
        assert (answer["Location"], signed_in(client)) == (TYPED, False)
        client.post(TYPED, {"code": latest_code()})
    assert signed_in(client)
