"""The door for people: an address, and either a code that is mailed or a password; and the ways back in."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.test import Client
from pytest_django.fixtures import Settings
from time_machine import Traveller

from enrollment.models import User
from notifications.models import HIDDEN, Message
from tests.factories import NOW
from tests.post import arrived, latest_code, latest_link

SIGN_IN, CODE, TYPED = "/accounts/login/", "/accounts/login/code/", "/accounts/login/code/confirm/"
RESET = "/accounts/password/reset/"
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def clock() -> Iterator[Traveller]:
    """Stands at NOW unless it is shifted."""
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def ana(db: None) -> User:
    return User.objects.create_user("ana@example.com", PASSWORD)


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def ask(client: Client, email: str = "ana@example.com", **fields: str) -> tuple[int, str]:
    """An address and no password; what is answered, without the token that differs each time."""
    answer = client.post(SIGN_IN, {"login": email, **fields})
    return answer.status_code, answer["Location"]


@pytest.mark.parametrize("email", ["ana@example.com", "Ana@Example.COM"])
def test_the_e_mail_address_is_the_name(client: Client, ana: User, email: str) -> None:
    answer = client.post(SIGN_IN, {"login": email, "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/account/")
    assert client.get("/account/").status_code == 200


def test_a_wrong_password_opens_nothing(client: Client, ana: User) -> None:
    answer = client.post(SIGN_IN, {"login": "ana@example.com", "password": "wrong"})
    assert (answer.status_code, signed_in(client)) == (200, False)
    assert "This address and this password do not belong together." in answer.content.decode()
    assert " ".join(answer.content.decode().partition("<title>")[2].split()).startswith("Error: Sign in - ")


def test_without_a_password_a_code_is_mailed_and_signs_in(client: Client, ana: User) -> None:
    assert ask(client) == (302, TYPED)
    assert "ana@example.com" in client.get(TYPED).content.decode()
    code = latest_code()
    answer = client.post(TYPED, {"code": f"{code[:3]} {code[3:]}"})
    assert (answer["Location"], signed_in(client)) == ("/account/", True)


def test_one_is_led_to_where_one_wanted_to_go(client: Client, ana: User) -> None:
    assert ask(client, next="/account/orders/") == (302, f"{TYPED}?next=%2Faccount%2Forders%2F")
    answer = client.post(f"{TYPED}?next=/account/orders/", {"code": latest_code()})
    assert answer["Location"] == "/account/orders/"


def test_nobody_is_led_to_another_site(client: Client, ana: User) -> None:
    answer = client.post(SIGN_IN, {"login": "ana@example.com", "password": PASSWORD, "next": "https://evil.example/"})
    assert answer["Location"] == "/account/"


def test_a_code_works_once(client: Client, ana: User) -> None:
    ask(client)
    code = latest_code()
    client.post(TYPED, {"code": code})
    client.post("/accounts/logout/")
    assert client.post(TYPED, {"code": code})["Location"] == CODE
    assert not signed_in(client)


def test_a_code_works_for_ten_minutes(client: Client, ana: User, clock: Traveller) -> None:
    ask(client)
    code = latest_code()
    clock.shift(timedelta(minutes=10, seconds=1))
    assert client.post(TYPED, {"code": code})["Location"] == CODE
    assert not signed_in(client)


def test_three_wrong_codes_end_it(client: Client, ana: User) -> None:
    ask(client)
    code = latest_code()
    wrong = str((int(code) + 1) % 1_000_000).zfill(6)
    first = client.post(TYPED, {"code": wrong}).content.decode()
    assert "This is not the code of our latest mail." in first
    client.post(TYPED, {"code": wrong})
    assert client.post(TYPED, {"code": wrong}).status_code == 302
    client.post(TYPED, {"code": code})
    assert not signed_in(client)


def test_a_new_code_replaces_the_old_one(client: Client, ana: User) -> None:
    ask(client)
    old = latest_code()
    client.post(TYPED, {"action": "resend"})
    assert len(arrived()) == 2
    assert latest_code() != old
    client.post(TYPED, {"code": latest_code()})
    assert signed_in(client)


def test_a_code_is_good_in_the_window_that_asked_for_it_alone(client: Client, ana: User) -> None:
    ask(client)
    other = Client()
    assert other.post(TYPED, {"code": latest_code()})["Location"] == CODE
    assert not signed_in(other)


def test_too_many_codes_are_not_mailed(client: Client, ana: User) -> None:
    for _ in range(3):
        ask(Client())
    answer = client.post(SIGN_IN, {"login": "ana@example.com"})
    assert "Wait 10 minutes, or call us." in answer.content.decode()
    assert len(arrived()) == 3


def test_guessing_a_password_is_limited_by_address(client: Client, ana: User) -> None:
    for _ in range(5):
        Client().post(SIGN_IN, {"login": "ana@example.com", "password": "wrong"})
    answer = client.post(SIGN_IN, {"login": "ana@example.com", "password": PASSWORD})
    assert "Wait 10 minutes, or call us." in answer.content.decode()
    assert not signed_in(client)


def test_guessing_is_limited_by_where_it_comes_from(client: Client, db: None) -> None:
    for place in range(30):
        client.post(SIGN_IN, {"login": f"ana{place}@example.com", "password": "wrong"})
    answer = client.post(SIGN_IN, {"login": "ana@example.com", "password": "wrong"})
    assert answer.status_code == 429
    assert "That was many tries in a short time" in answer.content.decode()


def test_behind_a_proxy_only_what_the_proxy_says_counts(client: Client, db: None, settings: Settings) -> None:
    """What a client writes itself stands to the left of what the proxy adds."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for place in range(31):
        seen = {"x-forwarded-for": f"203.0.113.{place}, 198.51.100.7"}
        answer = client.post(SIGN_IN, {"login": f"a{place}@example.com", "password": "x"}, headers=seen)
    assert answer.status_code == 429
    other = {"x-forwarded-for": "203.0.113.1, 198.51.100.8"}
    assert client.post(SIGN_IN, {"login": "b@example.com", "password": "x"}, headers=other).status_code == 200


def test_without_a_proxy_nobody_chooses_the_address_they_come_from(client: Client, db: None) -> None:
    for place in range(31):
        claimed = {"x-forwarded-for": f"203.0.113.{place}"}
        answer = client.post(SIGN_IN, {"login": f"a{place}@example.com", "password": "x"}, headers=claimed)
    assert answer.status_code == 429


def test_signing_out_needs_a_post(client: Client, ana: User) -> None:
    client.force_login(ana)
    client.get("/accounts/logout/")
    assert signed_in(client)
    assert client.post("/accounts/logout/")["Location"] == "/"
    assert not signed_in(client)


def test_signing_in_changes_the_session(client: Client, ana: User) -> None:
    client.get(SIGN_IN)
    ask(client)
    before = client.session.session_key
    client.post(TYPED, {"code": latest_code()})
    assert client.session.session_key not in (before, None)


def test_a_forgotten_password_is_set_anew_by_the_link_in_the_mail(client: Client, ana: User) -> None:
    client.post(RESET, {"email": "ana@example.com"})
    link = latest_link()
    client.post(client.get(link)["Location"], {"password1": "staple the battery"})
    ana.refresh_from_db()
    assert ana.check_password("staple the battery")
    assert [mail.subject for mail in arrived()] == ["Choose a new password", "Your password was changed"]
    assert "This link has done its work" in client.get(link).content.decode()


@pytest.mark.parametrize("door", [SIGN_IN, CODE, RESET])
def test_nobody_learns_who_has_an_account(ana: User, door: str) -> None:
    field = "login" if door == SIGN_IN else "email"
    answers = [Client().post(door, {field: email}) for email in ("ana@example.com", "nobody@example.com")]
    assert len({(answer.status_code, answer["Location"]) for answer in answers}) == 1
    assert [mail.to for mail in arrived()] == [["ana@example.com"], ["nobody@example.com"]]
    assert arrived()[1].subject == "There is no account with this address"


def test_the_code_page_looks_the_same_to_everybody(ana: User) -> None:
    pages = []
    for email in ("ana@example.com", "nob@example.com"):
        client = Client()
        ask(client, email)
        page = client.get(TYPED).content.decode().replace(email, "EMAIL")
        pages.append([line for line in page.splitlines() if "csrfmiddlewaretoken" not in line])
    assert pages[0] == pages[1]


def test_codes_for_nobody_open_nothing(client: Client, db: None) -> None:
    ask(client, "nobody@example.com")
    for code in ("", "000000", "None"):
        client.post(TYPED, {"code": code})
    assert not signed_in(client)


def test_who_reads_kept_mails_finds_no_code_and_no_link(client: Client, ana: User) -> None:
    ask(client)
    client.post(RESET, {"email": "ana@example.com"})
    for message in Message.objects.order_by("pk"):
        assert HIDDEN in message.text
        assert HIDDEN in message.html
        assert message.secret
        assert message.secret not in message.text + message.html + message.subject
    assert len(arrived()) == 2
    assert all(HIDDEN not in str(mail.message()) for mail in arrived())
    assert set(Message.objects.values_list("secret", flat=True)) == {""}


def test_a_closed_account_stays_closed(client: Client, ana: User) -> None:
    User.objects.update(is_active=False)
    answer = client.post(SIGN_IN, {"login": "ana@example.com", "password": PASSWORD})
    assert not signed_in(client)
    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/inactive/"


def test_who_made_an_account_for_somebody_vouches_for_the_address(client: Client, ana: User) -> None:
    client.post(SIGN_IN, {"login": "ana@example.com", "password": PASSWORD})
    assert EmailAddress.objects.get().verified
    assert arrived() == []
