"""We speak to the public internet alone, to the address that was looked at, and for no longer than ten seconds."""

import socket
import ssl
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from notifications.webhooks import addresses, deliveries, wire
from printers.facts import Refused
from tests.agent.certificate import make_certificate
from tests.factories import NOW, DeliveryFactory
from tests.notifications.listener import Listener, answer

PRIVATE = [
    *("0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.0.1", "169.254.169.254", "172.31.0.1", "192.168.1.1"),
    *("192.0.0.8", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fec0::1"),
    *("fd00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"),
    *("2001::1", "2001:db8::1", "fe80::1%lo"),
]


def resolve(monkeypatch: pytest.MonkeyPatch, *answers: str) -> list[str]:
    """Names have these addresses, one answer after the other; the list of names asked for."""
    asked: list[str] = []
    left = list(answers)

    def look_up(host: str, port: int, **options: object) -> list[object]:
        asked.append(host)
        address = left.pop(0)
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


def post(url: str) -> wire.Answer:
    return wire.post(url, {}, b"{}", NOW)


@pytest.mark.parametrize("address", PRIVATE)
def test_no_address_of_a_private_network_is_spoken_to(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    resolve(monkeypatch, address, address)
    with pytest.raises(Refused, match="not an address of the public internet"):
        addresses.check("https://hooks.example/")
    with pytest.raises(Refused, match="not an address of the public internet"):
        post("https://hooks.example/")


def test_numbers_in_disguise_are_looked_up_like_names() -> None:
    for host in ("2130706433", "0x7f.1", "127.1", "[::ffff:7f00:1]"):
        with pytest.raises(Refused, match="not an address of the public internet"):
            addresses.check(f"https://{host}/")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://8.8.8.8/", "not_https"),
        ("ftp://8.8.8.8/", "not_https"),
        ("https://user@8.8.8.8/", "credentials_in_address"),
        ("https://:secret@8.8.8.8/", "credentials_in_address"),
        ("https://8.8.8.8\\@127.0.0.1/", "not_an_address"),
        ("https://8.8.8.8/\r\nHost: other", "not_an_address"),
        ("https://8.8.8.8:99999/", "not_an_address"),
        ("https://[::1/", "not_an_address"),
        ("https:///path", "not_an_address"),
        ("https://a..b/", "not_an_address"),
    ],
)
def test_an_address_that_is_none_is_refused_by_name(url: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        addresses.check(url)
    assert refused.value.code == code


def test_a_public_address_is_fine_and_an_unknown_host_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    addresses.check("https://8.8.8.8/hooks")
    assert addresses.is_public("2606:4700::1111")

    def nobody(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    with pytest.raises(Refused, match=r"The host hooks.example cannot be found: Name or service not known"):
        addresses.check("https://hooks.example/")


def test_a_name_that_answers_otherwise_a_moment_later_leads_nowhere_else(
    listener: Listener, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = False
    asked = resolve(monkeypatch, "93.184.216.34", "127.0.0.1")
    connected: list[tuple[str, int]] = []

    def connect(sock: socket.socket, address: tuple[str, int]) -> None:
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", connect)
    with pytest.raises(ConnectionRefusedError):
        post(listener.url("hooks.example").replace("http:", "https:"))
    assert (asked, [host for host, _ in connected]) == (["hooks.example"], ["93.184.216.34"])


def test_a_redirect_is_a_refusal(listener: Listener) -> None:
    listener.script = [answer(307, {"Location": listener.url()})]
    assert post(listener.url()) == wire.Answer(307, "Temporary Redirect")
    assert len(listener.taken) == 1


def test_a_wait_that_cannot_be_read_is_none(listener: Listener) -> None:
    asked = ("soon", "-1", "Mon, 23 Nov 2026 10:30:00 +99999999999999")
    listener.script = [answer(503, {"Retry-After": each}) for each in asked]
    assert [post(listener.url()).retry_after for _ in asked] == [None] * 3


@pytest.fixture
def secure(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    """A listener with a certificate for `hooks.example`, which this process trusts."""
    settings.WEBHOOK_ALLOW_PRIVATE = True
    file = make_certificate(tmp_path / "hooks.pem", "hooks.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    started = Listener(context)
    yield started
    started.close()


def test_the_certificate_is_that_of_the_name(secure: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    resolve(monkeypatch, "127.0.0.1", "127.0.0.1")
    assert post(secure.url("hooks.example")).status == 204
    assert secure.taken[0].headers["Host"] == secure.url("hooks.example").split("/")[2]
    with pytest.raises(ssl.SSLCertVerificationError, match=r"other.example"):
        post(secure.url("other.example"))


def drip(handler: BaseHTTPRequestHandler) -> None:
    """A head that never ends: each byte comes in time, the whole never does."""
    try:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            handler.wfile.write(b"X")
            time.sleep(0.02)
    except OSError:
        return


def pour(handler: BaseHTTPRequestHandler) -> None:
    """A body that never ends."""
    try:
        handler.wfile.write(b"HTTP/1.1 500 Oh\r\n\r\n")
        while True:
            handler.wfile.write(b"x" * 10_000)
    except OSError:
        return


def hold(handler: BaseHTTPRequestHandler) -> None:
    """A refusal whose body does not come."""
    handler.wfile.write(b"HTTP/1.1 500 Oh\r\nContent-Length: 5\r\n\r\nno")
    handler.wfile.flush()
    try:
        handler.rfile.read(1)
    except OSError:
        return


def test_a_slow_answer_ends_when_the_time_is_up(listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "SECONDS", 0.2)
    began, listener.script = time.monotonic(), [drip, hold]
    with pytest.raises(TimeoutError):
        post(listener.url())
    assert post(listener.url()).status == 500
    assert time.monotonic() - began < 20


def test_of_an_endless_answer_two_kilobytes_are_read(listener: Listener) -> None:
    listener.script = [pour]
    assert len(post(listener.url()).text) == len("Oh ") + wire.KEPT_BYTES


def test_who_hangs_up_is_tried_again_and_has_a_rest_meanwhile(listener: Listener, db: None) -> None:
    listener.script = [lambda handler: None]  # hangs up without a word
    bad = DeliveryFactory.create(endpoint__url=listener.url())
    next_one = DeliveryFactory.create(endpoint=bad.endpoint)
    assert deliveries.send_next(NOW)
    assert not deliveries.send_next(NOW)
    for each in (bad, next_one):
        each.refresh_from_db()
    assert next_one.due_at == NOW + deliveries.REST
    assert (bad.attempts, bad.last_status) == (1, None)
    assert bad.last_error.startswith("RemoteDisconnected")
