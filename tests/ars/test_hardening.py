"""What every answer says to browsers, what is refused before it is read, and doors that lead nowhere else."""

import json
import os
import re
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client, RequestFactory
from django.utils import timezone

from ars.account import rules
from ars.account.passwords import OurWords
from ars.bounds import MOST_BYTES
from ars.device_door import DeviceHandler
from enrollment.authentication import WRONG
from enrollment.models import ApiKey, User
from notifications import outbox
from tests.ars.processes import ROOT
from tests.ars.test_access import ADDRESSES, everyone, filled, row, world
from tests.factories import PartnerFactory, UserFactory
from tests.orders.world import World
from tests.partners import PartnerClient, refusal

__all__ = ["world"]  # one of each thing

PASSWORD = "correct horse battery"
KINDS = {
    "page": "/",
    "private page": "/account/",
    "missing page": "/no/such/page/",
    "static file": "/static/css/site.css",
    "missing file": "/static/none.css",
    "API": "/api/schema/",
    "API, refused": "/api/v1/fulfilment/orders",
    "API, missing": "/api/v1/nothing",
    "device": "/api/v1/telemetry",
    "pairing": "/oauth/token",
    "metadata": "/.well-known/oauth-authorization-server",
    "Stripe's": "/webhooks/stripe",
    "health": "/healthz",
    "back office": "/admin/",
}
PROMISED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
}


def check_headers(answer: Any) -> None:
    """The promises, and a policy that lets in nothing from outside."""
    assert {name: answer.headers.get(name) for name in PROMISED} == PROMISED
    policy = answer.headers["Content-Security-Policy"]
    assert re.search(r"default-src '(self|none)'(;|$)", policy)
    assert "frame-ancestors 'none'" in policy
    assert not re.search(r"unsafe|\*|http:", policy)
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert answer.headers["Cache-Control"]


@pytest.fixture
def https(settings: Any) -> Client:
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True
    return Client()


@pytest.mark.parametrize("address", KINDS.values(), ids=KINDS)
def test_every_kind_of_answer_has_the_headers(https: Client, db: None, address: str) -> None:
    check_headers(https.get(address, secure=True))


def test_so_have_errors_and_redirects(https: Client, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    to_https = Client().get("/")
    assert to_https.status_code == 301
    assert "camera=()" in to_https.headers["Permissions-Policy"]
    elsewhere = https.get("/", headers={"host": "elsewhere.example"}, secure=True)
    assert elsewhere.status_code == 400
    check_headers(elsewhere)
    check_headers(https.generic("POST", "/accounts/login/", b"", CONTENT_LENGTH=str(MOST_BYTES + 1), secure=True))


def test_so_have_the_answers_to_printers(https: Client) -> None:
    request = RequestFactory(SERVER_NAME="localhost").get("/api/v1/telemetry", secure=True)
    check_headers(DeviceHandler().get_response(request))


def test_what_is_private_is_kept_by_nobody(world: World) -> None:
    clients = everyone(world)
    owner, boss = clients[5], clients[-1]
    one_of_each = {
        row(address): address for address in ADDRESSES if address.startswith(("account", "admin", "activate"))
    }
    for address in one_of_each.values():
        answer = (boss if address.startswith("admin") else owner).get(filled(address))
        assert "no-store" in answer.headers["Cache-Control"] or "private" in answer.headers["Cache-Control"], address


class Unread:
    """A body that must not be touched."""

    def read(self, *_: object) -> bytes:
        raise AssertionError("the body was read")

    readline = read


@pytest.mark.parametrize("address", ["/", "/accounts/login/", "/admin/catalogue/import/", "/no/such/page/"])
def test_what_is_too_large_is_not_even_read(client: Client, address: str) -> None:
    told: dict[str, Any] = {"CONTENT_LENGTH": str(MOST_BYTES + 1), "CONTENT_TYPE": "multipart/form-data; boundary=x"}
    assert client.generic("POST", address, **told | {"wsgi.input": Unread()}).status_code == 413


SETTINGS = """
import json
from django.conf import settings as s
names = ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE",
         "SESSION_COOKIE_HTTPONLY", "CSRF_COOKIE_HTTPONLY", "SESSION_COOKIE_SAMESITE", "CSRF_COOKIE_SAMESITE",
         "SESSION_COOKIE_DOMAIN", "CSRF_COOKIE_DOMAIN", "SESSION_COOKIE_PATH", "SECURE_HSTS_SECONDS")
print(json.dumps([getattr(s, name) for name in names]))
"""
PRODUCTION = {
    "DEBUG": "0",
    "SECRET_KEY": "a long random text of production: 0123456789 ABCDEFGHIJ",
    "ALLOWED_HOSTS": "ink.example.com",
    "SITE_URL": "https://ink.example.com",
    "DATABASE_URL": "postgresql://ars@127.0.0.1/none",
    "STRIPE_SECRET_KEY": "sk_live_1",
    "STRIPE_PUBLISHABLE_KEY": "pk_live_1",
    "STRIPE_WEBHOOK_SECRET": "whsec_1",
    "STRIPE_API_BASE": "",
    "BEHIND_TLS_PROXY": "1",
    "SECURE_SSL_REDIRECT": "1",
    "DJANGO_SETTINGS_MODULE": "ars.settings",
}


def in_production(*words: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | PRODUCTION
    return subprocess.run(
        [sys.executable, *words], env=environment, cwd=ROOT, check=False, capture_output=True, text=True
    )


def test_cookies_in_production() -> None:
    told = in_production("-c", SETTINGS)
    assert told.returncode == 0, told.stderr
    flags = [True, True, True, True, "Lax", "Lax", None, None, "/", 31_536_000]
    assert json.loads(told.stdout) == ["__Host-session", "__Host-csrf", *flags]


def test_passwords_are_hashed_by_argon2_alone() -> None:
    assert rules.SETTINGS["PASSWORD_HASHERS"] == ["django.contrib.auth.hashers.Argon2PasswordHasher"]


@pytest.mark.parametrize(
    ("password", "taken"),
    [("printerink2026!", False), ("ARS-cartridge-1", False), ("my printer sings badly", True), (PASSWORD, True)],
)
def test_a_password_is_not_made_of_our_words(password: str, taken: bool) -> None:
    if taken:
        return OurWords().validate(password)
    with pytest.raises(ValidationError, match="the words of this site"):
        OurWords().validate(password)
    return None


@pytest.fixture
def ana(db: None) -> User:
    user = UserFactory.create(email="ana@example.com")
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(client: Client, **more: str) -> Any:
    return client.post("/accounts/login/", {"login": "ana@example.com", "password": PASSWORD} | more)


def test_a_session_gets_another_key_at_sign_in_and_at_a_new_password(ana: User) -> None:
    here, there = Client(), Client()
    keys = []
    for client in (here, there):
        client.get("/accounts/login/")
        session = client.session
        session["planted"] = True
        session.save()
        client.cookies[settings.SESSION_COOKIE_NAME] = str(session.session_key)
        assert sign_in(client).status_code == 302
        assert client.session.session_key != session.session_key
        keys.append(client.session.session_key)
    new = {"oldpassword": PASSWORD, "password1": "another horse entirely"}
    assert here.post("/accounts/password/change/", new).status_code == 302
    assert here.session.session_key not in keys
    assert here.get("/account/").status_code == 200
    assert there.get("/account/").status_code == 302  # whoever else was signed in is not any more


ELSEWHERE = [
    *("https://evil.example", "//evil.example", "\\\\evil.example", "https:evil.example", "javascript:alert(1)"),
    *("/\\evil.example", "///evil.example", "http://testserver@evil.example/", "\thttps://evil.example"),
    "//[evil.example",  # no address at all
]


@pytest.mark.parametrize("target", ELSEWHERE)
def test_next_leads_nowhere_else(ana: User, target: str) -> None:
    client = Client()
    answers = [sign_in(client, next=target)]
    answers.append(client.get("/accounts/login/", {"next": target}))
    answers.append(client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": target}))
    answers.append(client.post("/accounts/logout/", {"next": target}))
    answers.append(client.get("/admin/login/", {"next": target}))
    for answer in answers:
        assert not re.match(r"(?i)\s*(https?:|javascript:|[/\\]{2})", answer.headers.get("Location", "/"))


def test_a_form_takes_only_the_fields_that_it_has(db: None) -> None:
    sent = {"email": "eve@example.com", "full_name": "Eve", "password1": PASSWORD}
    more = {"is_staff": "1", "is_superuser": "1", "is_active": "1", "id": "1", "pk": "1", "groups": "1"}
    Client().post("/accounts/signup/", sent | more)
    eve = User.objects.get(email="eve@example.com")
    assert (eve.is_staff, eve.is_superuser, eve.groups.count()) == (False, False, 0)


def test_the_link_of_a_new_password_is_ours_whoever_asks_by_what_name(ana: User, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    Client().post("/accounts/password/reset/", {"email": ana.email}, headers={"host": "evil.example"})
    while outbox.send_next(timezone.now()):
        pass
    (sent,) = mail.outbox
    assert settings.SITE_URL in str(sent.body)
    assert "evil.example" not in str(sent.body) + str(getattr(sent, "alternatives", ""))


def test_who_tries_keys_is_slowed_and_who_has_one_is_not(db: None) -> None:
    guesser, partner = Client(), PartnerClient(PartnerFactory.create(), ApiKey.Scope.WAREHOUSE)
    tries = [
        guesser.get("/api/v1/fulfilment/stock", headers={"authorization": f"Api-Key ars_warehouse_{number}"})
        for number in range(WRONG.most + 1)
    ]
    assert {each.status_code for each in tries[:-1]} == {401}
    assert refusal(tries[-1])[:2] == (429, "throttled")
    assert tries[-1].headers["Retry-After"] == "60"
    assert partner.get("/api/v1/fulfilment/stock").status_code == 200
