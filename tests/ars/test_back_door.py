"""The back office opens to staff with a second factor, and by no other door than everybody's."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.test import Client
from pytest_django.fixtures import Settings

from enrollment.models import User
from notifications.models import Message
from tests.staff import SECRET, with_second_factor

BACK_OFFICE, SIGN_IN, SECOND_FACTOR = "/admin/", "/accounts/login/", "/accounts/2fa/authenticate/"
PASSWORD = "correct horse battery"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def boss(db: None) -> User:
    return User.objects.create_superuser("boss@example.com", PASSWORD)


def number(secret: str = SECRET) -> str:
    """What the app shows now."""
    return str(format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time())))))


def sign_in(client: Client) -> str:
    """By password; where one is sent."""
    return client.post(SIGN_IN, {"login": "boss@example.com", "password": PASSWORD})["Location"]


def test_without_a_second_factor_staff_are_led_to_set_one_up(client: Client, boss: User) -> None:
    assert sign_in(client) == "/account/"
    chain = client.get(BACK_OFFICE, follow=True).redirect_chain
    assert chain[-1] == ("/accounts/reauthenticate/?next=%2Faccounts%2F2fa%2Ftotp%2Factivate%2F", 302)


@pytest.mark.django_db(transaction=True)  # what follows the commit writes the session
def test_setting_it_up_opens_the_back_office_and_ends_other_sessions(client: Client, boss: User) -> None:
    elsewhere = Client()
    for each in (elsewhere, client):
        sign_in(each)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get("/accounts/2fa/totp/activate/")
    secret = page.context["form"].secret
    assert secret in page.content.decode()
    answer = client.post("/accounts/2fa/totp/activate/", {"code": number(secret)})
    assert answer["Location"] == "/accounts/2fa/recovery-codes/"
    assert client.get(BACK_OFFICE).status_code == 200
    assert elsewhere.get("/account/").status_code == 302  # whoever came without it is out
    assert [mail.subject for mail in Message.objects.all()] == ["Your second factor is on"]


def test_with_one_the_password_alone_signs_nobody_in(client: Client, boss: User) -> None:
    with_second_factor(boss)
    assert sign_in(client) == SECOND_FACTOR
    assert "_auth_user_id" not in client.session
    assert client.get(BACK_OFFICE)["Location"].startswith("/admin/login/")


def test_the_number_of_the_app_signs_in(client: Client, boss: User) -> None:
    with_second_factor(boss)
    sign_in(client)
    assert client.post(SECOND_FACTOR, {"code": number()[:3] + " " + number()[3:]}).status_code == 302
    assert client.get(BACK_OFFICE).status_code == 200


def test_a_wrong_number_is_said_and_signs_nobody_in(client: Client, boss: User) -> None:
    with_second_factor(boss)
    sign_in(client)
    page = client.post(SECOND_FACTOR, {"code": "12345"}).content.decode()
    assert "<title>" in page
    assert "Error:" in page
    assert "_auth_user_id" not in client.session


def test_a_recovery_code_opens_once(client: Client, boss: User) -> None:
    with_second_factor(boss)
    Authenticator.objects.create(user=boss, type="recovery_codes", data={"seed": "a" * 40, "used_mask": 0})
    code = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()[0]
    for opens in (True, False):
        sign_in(client)
        client.post(SECOND_FACTOR, {"code": code})
        assert ("_auth_user_id" in client.session) is opens
        client.post("/accounts/logout/")


def test_strangers_are_sent_to_the_one_sign_in_and_back(client: Client, db: None) -> None:
    assert client.get("/admin/orders/order/", follow=True).redirect_chain[-1] == (
        f"{SIGN_IN}?next=/admin/orders/order/",
        302,
    )


def test_a_customer_is_not_let_in(client: Client, db: None) -> None:
    client.force_login(User.objects.create_user("ana@example.com"))
    assert client.get(BACK_OFFICE, follow=True).status_code == 403


def test_the_demo_may_do_without(client: Client, boss: User, settings: Settings) -> None:
    settings.STAFF_MFA_REQUIRED = False
    sign_in(client)
    assert client.get(BACK_OFFICE).status_code == 200


@pytest.mark.parametrize(
    ("environment", "starts"),
    [
        ({"STRIPE_API_BASE": "http://127.0.0.1:1", "STRIPE_SECRET_KEY": "sk_test_local"}, True),
        ({"STRIPE_API_BASE": "", "STRIPE_SECRET_KEY": "sk_test_local"}, False),
        ({"STRIPE_API_BASE": "https://api.stripe.com", "STRIPE_SECRET_KEY": "sk_test_local"}, False),
        ({"STRIPE_API_BASE": "http://127.0.0.1:1", "STRIPE_SECRET_KEY": "another"}, False),
    ],
)
def test_a_real_installation_may_not(environment: dict[str, str], starts: bool) -> None:
    tried = subprocess.run(
        [sys.executable, "-c", "import ars.settings"],
        env=os.environ | {"STAFF_MFA_REQUIRED": "0"} | environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (tried.returncode == 0) is starts
    assert ("STAFF_MFA_REQUIRED is off, which is for the demo alone" in tried.stderr) is not starts


def test_after_a_working_day_staff_prove_once_more_that_it_is_them(client: Client, boss: User) -> None:
    with time_machine.travel("2026-11-23T08:00:00Z", tick=False) as clock:
        with_second_factor(boss)
        sign_in(client)
        client.post(SECOND_FACTOR, {"code": number()})
        assert client.get(BACK_OFFICE).status_code == 200
        clock.shift(timedelta(hours=12, seconds=1))
        again = client.get("/admin/orders/order/", follow=True)
        assert again.redirect_chain[-1] == ("/accounts/reauthenticate/?next=/admin/orders/order/", 302)
        client.post("/accounts/reauthenticate/", {"password": PASSWORD})
        assert client.get(BACK_OFFICE).status_code == 200
