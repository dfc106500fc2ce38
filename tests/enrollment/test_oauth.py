"""The endpoints of RFC 8628: the wire, to the letter, whatever is sent."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from enrollment.models import PairingRequest, Plan
from enrollment.oauth import FORM, GRANT_TYPE
from printers.models import DeviceToken
from tests.enrollment.askers import approve
from tests.factories.enrollment import UserFactory
from tests.factories.printers import NOW, PrinterModelFactory

pytestmark = pytest.mark.django_db
ASK, TOKEN, METADATA = "/oauth/device_authorization", "/oauth/token", "/.well-known/oauth-authorization-server"
AGENT = {"client_id": "ars-agent"}


@pytest.fixture(autouse=True)
def _at_now() -> Any:
    cache.clear()
    with time_machine.travel(NOW, tick=False):
        yield


def send(address: str, form: object, content_type: str = FORM) -> Any:
    body = urlencode(form) if isinstance(form, dict | list) else form
    return Client(raise_request_exception=False).generic("POST", address, body, content_type)


def refusal(answer: Any) -> tuple[int, str]:
    assert set(answer.json()) == {"error", "error_description"}
    assert answer["Cache-Control"] == "no-store"
    return answer.status_code, answer.json()["error"]


def grant(device_code: str, **changed: str) -> dict[str, str]:
    return AGENT | {"grant_type": GRANT_TYPE, "device_code": device_code} | changed


@pytest.mark.parametrize("content_type", [FORM, f"{FORM};charset=UTF-8", f"{FORM}; charset=utf-8"])
def test_a_device_asks_and_is_told_what_to_show(settings: Settings, content_type: str) -> None:
    settings.SITE_URL = "https://ink.example"
    answer = send(ASK, AGENT | {"make_and_model": "Canon TR8620"}, content_type)
    request, told = PairingRequest.objects.get(), answer.json()
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    assert told.pop("device_code")
    assert told == {
        "user_code": request.display_code,
        "verification_uri": "https://ink.example/activate/",
        "verification_uri_complete": f"https://ink.example/activate/?user_code={request.display_code}",
        "expires_in": 900,
        "interval": 5,
    }


def test_what_it_says_of_the_printer_is_kept_on_one_line() -> None:
    said = {"make_and_model": " Canon\tTR8620\x00\n", "serial_number": "ACDE ", "printer_uuid": f"urn:uuid:{'ab' * 16}"}
    assert send(ASK, AGENT | said).status_code == 200
    kept = PairingRequest.objects.get()
    assert (kept.make_and_model, kept.serial_number) == ("Canon TR8620", "ACDE")
    assert kept.printer_uuid == UUID("ab" * 16)
    assert kept.asked_from == "127.0.0.1"


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"client_id": ""}, "invalid_request"),
        ({"client_id": "somebody"}, "invalid_client"),
        (AGENT | {"make_and_model": "x" * 256}, "invalid_request"),
        (AGENT | {"serial_number": "x" * 65}, "invalid_request"),
        (AGENT | {"printer_uuid": "none"}, "invalid_request"),
        ([("client_id", "ars-agent"), ("client_id", "ars-agent")], "invalid_request"),
        ("client_id=ars-agent&make_and_model=%ff", "invalid_request"),
        (b"client_id=ars-agent&\xff", "invalid_request"),
        ("client_id=ars-agent" + "&a=1" * 60, "invalid_request"),
    ],
)
def test_a_wrong_request_is_refused_and_not_kept(form: object, error: str) -> None:
    assert refusal(send(ASK, form)) == (400, error)
    assert not PairingRequest.objects.exists()


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "", "multipart/form-data; boundary=x"])
@pytest.mark.parametrize("address", [ASK, TOKEN])
def test_only_forms_are_read(address: str, content_type: str) -> None:
    assert refusal(send(address, AGENT, content_type)) == (400, "invalid_request")


@pytest.mark.parametrize("address", [ASK, TOKEN])
def test_a_large_body_is_not_read(address: str) -> None:
    assert refusal(send(address, AGENT | {"x": "y" * 70_000})) == (413, "invalid_request")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("address", [ASK, TOKEN])
def test_only_posts_are_taken(client: Client, address: str, method: str) -> None:
    answer = client.generic(method, address)
    assert (refusal(answer), answer["Allow"]) == ((405, "invalid_request"), "POST")


@pytest.mark.parametrize("address", ["/oauth", "/oauth/", "/oauth/authorize", "/oauth/token/"])
def test_there_is_nothing_else(client: Client, address: str) -> None:
    assert refusal(client.post(address)) == (404, "invalid_request")


def test_even_what_django_refuses_has_this_shape(client: Client) -> None:
    answer = client.post(ASK, headers={"host": "evil.example"})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_who_asks_too_often_waits(settings: Settings) -> None:
    settings.PAIRING_REQUESTS_PER_MINUTE = 2
    answers = [send(ASK, AGENT) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert (refusal(answers[2])[1], answers[2]["Retry-After"]) == ("temporarily_unavailable", "60")


def test_a_device_polls_until_it_is_let_in() -> None:
    device_code = send(ASK, AGENT).json()["device_code"]
    assert refusal(send(TOKEN, grant(device_code))) == (400, "authorization_pending")
    assert refusal(send(TOKEN, grant(device_code))) == (400, "slow_down")
    approve(PairingRequest.objects.get(), UserFactory.create(), PrinterModelFactory.create())
    granted = send(TOKEN, grant(device_code), f"{FORM};charset=UTF-8")
    assert (granted.status_code, granted["Cache-Control"]) == (200, "no-store")
    assert granted.json().pop("access_token").startswith("ars_device_")
    assert granted.json().items() >= {"token_type": "Bearer", "scope": "telemetry"}.items()
    assert refusal(send(TOKEN, grant(device_code))) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("form", "error"),
    [
        (AGENT, "invalid_request"),
        (AGENT | {"grant_type": GRANT_TYPE}, "invalid_request"),
        (grant("x", client_id="somebody"), "invalid_client"),
        (grant("x", grant_type="authorization_code"), "unsupported_grant_type"),
        (grant("x"), "invalid_grant"),
        (grant("\x00"), "invalid_grant"),
    ],
)
def test_who_does_not_ask_rightly_gets_no_token(form: dict[str, str], error: str) -> None:
    assert refusal(send(TOKEN, form)) == (400, error)
    assert (DeviceToken.objects.count(), Plan.objects.count()) == (0, 0)


def test_the_metadata_names_both_endpoints(client: Client, settings: Settings) -> None:
    settings.SITE_URL = "https://ink.example"
    told = client.get(METADATA).json()
    assert told["issuer"] == "https://ink.example"
    assert told["device_authorization_endpoint"] == "https://ink.example/oauth/device_authorization"
    assert told["token_endpoint"] == "https://ink.example/oauth/token"
    assert told["grant_types_supported"] == [GRANT_TYPE]
