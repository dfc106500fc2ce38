"""The way in of devices: without what pages need, and with every guard of the API."""

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any
from wsgiref.types import WSGIApplication

import pytest
from django.core.signals import request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, connection
from django.test import RequestFactory
from pytest_django import Settings

from ars.device_door import ADDRESSES, beside
from printers.models import Reading
from tests.printers.device import URL, Device

ONLY_PAGES = {"Content-Security-Policy", "X-Frame-Options", "Vary", "Content-Language"}


@pytest.fixture(autouse=True)
def kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The connection of a test is in a transaction, and such a one the beginning of a request would close."""
    monkeypatch.setattr("ars.device_door.close_old_connections", lambda: None)
    request_started.disconnect(close_old_connections)
    yield
    request_started.connect(close_old_connections)


@pytest.fixture
def pages(asked: object) -> WSGIApplication:
    """Django with all its middleware, which read the settings when they are made."""
    return get_wsgi_application()


Answer = tuple[str, dict[str, str], bytes]


def ask(
    application: WSGIApplication, method: str, path: str, body: bytes = b"", said: dict[str, str] | None = None
) -> Answer:
    """Status, headers and body of the answer."""
    environ = RequestFactory().generic(method, path, body, "application/json", headers=said).environ
    told: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], error: object = None) -> Callable[[bytes], None]:
        told.extend((status, dict(headers)))
        return lambda _: None

    text = b"".join(application(environ | {"wsgi.input": BytesIO(body)}, start_response))
    return told[0], told[1], text


STATUS = {"usual": "202", "low": "202", "bad": "400", "big": "413", "nobody": "401", "method": "405"}
STATUS |= {"host": "400", "plain http": "301"}


@pytest.fixture(params=STATUS)
def asked(request: pytest.FixtureRequest, device: Device, settings: Settings) -> tuple[str, bytes, dict[str, str]]:
    """Method, body and headers of a request, one of each kind of answer."""
    said = {"Authorization": f"Bearer {device.token}", "X-Request-ID": "one-and-the-same"}
    level = {"usual": 64, "low": 9, "bad": 101}.get(request.param, 64)
    body = b'{"message_id":"m","observed_at":"2025-11-26T10:00:00Z","supplies":[{"slot":"C","level":%d}]}' % level
    if request.param == "big":
        body = b" " * (settings.MAX_BODY_BYTES + 1)
    if request.param == "nobody":
        said["Authorization"] = "Bearer nobody"
    if request.param == "host":
        said["Host"] = "elsewhere.example"
    settings.SECURE_SSL_REDIRECT = request.param == "plain http"
    return "GET" if request.param == "method" else "POST", body, said


def test_devices_hear_what_they_would_hear_beside_pages(
    pages: WSGIApplication, asked: tuple[str, bytes, dict[str, str]], request: pytest.FixtureRequest
) -> None:
    method, body, said = asked
    through_all = ask(pages, method, URL, body, said)
    assert through_all[0][:3] == STATUS[request.node.callspec.params["asked"]]
    door = beside(pages)
    for _ in ("what stands before is asked", "it is known"):
        straight = ask(door, method, URL, body, said)
        assert (straight[0], straight[2]) == (through_all[0], through_all[2])
        assert {name for name, value in through_all[1].items() if straight[1].get(name) != value} <= ONLY_PAGES


@pytest.mark.parametrize("way", [{"Host": "elsewhere.example"}, {"X-Forwarded-Proto": "http"}])
def test_who_comes_by_another_way_is_looked_at_anew(device: Device, settings: Settings, way: dict[str, str]) -> None:
    settings.SECURE_PROXY_SSL_HEADER, settings.SECURE_SSL_REDIRECT = ("HTTP_X_FORWARDED_PROTO", "https"), True
    usual = {"Authorization": f"Bearer {device.token}", "X-Forwarded-Proto": "https"}
    door = beside(get_wsgi_application())
    told = [ask(door, "POST", URL, b"{}", said)[0][:3] for said in (usual, usual | way, usual)]
    assert told == ["400", "400" if "Host" in way else "301", "400"]


def test_pages_keep_their_middleware() -> None:
    _, headers, _ = ask(beside(get_wsgi_application()), "GET", "/healthz")
    assert "Content-Security-Policy" in headers


def test_only_what_devices_ask_is_theirs() -> None:
    assert all(address.startswith(("/api/v1/telemetry", "/api/v1/device")) for address in ADDRESSES)


@pytest.mark.django_db(transaction=True)
def test_a_kept_connection_that_died_costs_no_report(device: Device) -> None:
    device.send({"slot": "C", "level": 64})
    other = connection.copy()
    with other.cursor() as cursor:
        assert connection.connection is not None
        cursor.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
    other.close()
    assert device.send({"slot": "C", "level": 63}, minute=1).status_code == 202
    assert Reading.objects.count() == 2
