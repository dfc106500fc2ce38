"""Broker, cache, Stripe and mail server: not there, not speaking, not letting us in."""

import socket
from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from pytest_django import Settings

from ars.doctor import outside
from ars.standin.process import Handle
from ars.watch import broker
from tests.ars.doctor.looked import at, is_well, troubles
from tests.billing.conftest import standin, stripe_process

__all__ = ["standin", "stripe_process"]
PASSWORD = "never-to-be-shown"
DEAD = f"redis://:{PASSWORD}@127.0.0.1:1/0"


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of somebody who takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def smtp(settings: Settings) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = "django.core.mail.backends.smtp.EmailBackend", "127.0.0.1"
    settings.EMAIL_URL, settings.EMAIL_PORT = f"smtp://ars:{PASSWORD}@127.0.0.1", 1
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.DEFAULT_FROM_EMAIL = "ARS <no-reply@ink.example.com>"


@pytest.fixture
def postman(smtp: None, settings: Settings) -> Iterator[None]:
    """A mail server that knows no user."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        settings.EMAIL_PORT = free.getsockname()[1]
    controller = Controller(
        object(),
        hostname="127.0.0.1",
        port=settings.EMAIL_PORT,
        authenticator=lambda *_: AuthResult(success=False, handled=False),
        auth_require_tls=False,
    )
    controller.start()
    yield
    controller.stop()


def test_broker_and_cache_are_well() -> None:
    assert is_well("broker")
    assert is_well("cache")


def test_the_broker_is_away(settings: Settings) -> None:
    settings.CELERY_BROKER_URL = DEAD
    (said,) = troubles("broker")
    assert said.startswith("The broker at 127.0.0.1:1 does not answer: ")
    assert "correct CELERY_BROKER_URL" in said
    assert PASSWORD not in said


def test_the_broker_says_nothing(settings: Settings, silent: int) -> None:
    settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{silent}/0"
    assert troubles("broker")[0].startswith(f"The broker at 127.0.0.1:{silent} does not answer: ")


def test_messages_pile_up(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker, "lengths", lambda: {"celery": 0, "outside": 2001})
    assert troubles("broker") == [
        (
            "2001 messages wait in the queue outside: workers do not keep up, or there are none. "
            "Start workers for it, or more: celery -A ars.celery worker --queues outside"
        )
    ]


def test_the_cache_is_away(settings: Settings) -> None:
    settings.CACHE_URL = DEAD
    settings.CACHES = {"default": {"BACKEND": "ars.cache.Cache", "LOCATION": DEAD}}
    (said,) = troubles("cache")
    assert said.startswith("The cache at 127.0.0.1:1 does not answer: ")
    assert PASSWORD not in said


def test_a_cache_of_each_process_is_only_noted(settings: Settings) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    assert [each.level for each in at("cache")] == ["note"]


def test_the_card_service_is_well(standin: Handle) -> None:
    assert is_well("stripe")
    assert [each.says for each in at("stripe") if each.says.endswith(" takes our test key.")]


def test_the_card_service_does_not_take_our_key(standin: Handle, settings: Settings) -> None:
    settings.STRIPE_SECRET_KEY = "sk_revoked_0123456789"
    (said,) = troubles("stripe")
    assert "does not take STRIPE_SECRET_KEY: no card can be charged." in said
    assert "0123456789" not in said


def test_the_card_service_is_away(settings: Settings) -> None:
    settings.STRIPE_API_BASE = "http://127.0.0.1:1"
    (said,) = troubles("stripe")
    assert said.startswith("Stripe (127.0.0.1:1) cannot be asked: nothing answers.")


def test_what_the_card_service_tells_could_not_be_read(standin: Handle, settings: Settings) -> None:
    settings.STRIPE_WEBHOOK_SECRET = "sk_test_pasted_by_mistake"
    (said,) = troubles("stripe")
    assert said.startswith("STRIPE_WEBHOOK_SECRET is not one of Stripe's (whsec_...)")
    assert "pasted" not in said


def test_the_mail_server_is_away(smtp: None) -> None:
    (said,) = troubles("mail")
    assert said.startswith("The mail server 127.0.0.1:1 does not answer as one: ")


def test_the_mail_server_says_nothing(
    smtp: None, silent: int, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EMAIL_PORT = silent
    monkeypatch.setattr(outside, "MAIL_SECONDS", 0.2)
    assert troubles("mail")[0].startswith(f"The mail server 127.0.0.1:{silent} does not answer as one: ")


def test_the_mail_server_is_well_and_takes_no_mail_from_the_doctor(postman: None) -> None:
    assert is_well("mail")


def test_the_mail_server_does_not_know_us(postman: None, settings: Settings) -> None:
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "ars", PASSWORD
    (said,) = troubles("mail")
    assert "does not take the user and password in EMAIL_URL." in said
    assert PASSWORD not in said


def test_mails_come_from_an_address_that_is_nobodys(postman: None, settings: Settings) -> None:
    settings.DEFAULT_FROM_EMAIL = "ARS <no-reply@ars.example>"
    assert troubles("mail")[0].startswith("DEFAULT_FROM_EMAIL is still the example: ")


def test_mails_are_only_printed(settings: Settings) -> None:
    settings.EMAIL_BACKEND = outside.CONSOLE
    assert troubles("mail")[0].startswith("Mails are printed and not sent. Set EMAIL_URL")
    settings.DEBUG = True
    assert is_well("mail")
