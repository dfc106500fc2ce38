"""Pairing as RFC 8628 has it, from the agent's side: each answer the service may give, and none."""

import pytest

from agent import pairing
from agent.errors import AgentError, UsageError
from agent.service import Service, ServiceError, checked
from agent.supplies import Reading
from tests.agent.service import ASKED, AUTHORIZATION, GRANTED, TOKEN, FakeService, Reply

READING = Reading("Canon TS8430 series", "0a1b2c3d-0000-4000-8000-00000000beef", "ACDE04471")
PENDING, SLOW_DOWN = Reply(400, {"error": "authorization_pending"}), Reply(400, {"error": "slow_down"})


def paired(service: FakeService) -> tuple[str, list[float]]:
    """The token, and how long was waited before each poll."""
    waits: list[float] = []
    client = Service(service.url)
    return pairing.token(client, pairing.ask(client, READING), waits.append), waits


def test_the_service_hears_which_printer_asks(service: FakeService) -> None:
    assert paired(service)[0] == "device-token"
    assert service.told(AUTHORIZATION) == [
        {
            "client_id": "ars-agent",
            "make_and_model": "Canon TS8430 series",
            "printer_uuid": "0a1b2c3d-0000-4000-8000-00000000beef",
            "serial_number": "ACDE04471",
        }
    ]
    assert service.told(TOKEN) == [
        {
            "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
            "device_code": "secret-device-code",
            "client_id": "ars-agent",
        }
    ]


def test_what_the_printer_does_not_say_is_left_out(service: FakeService) -> None:
    pairing.ask(Service(service.url), Reading("Canon TS8430 series"))
    assert service.told(AUTHORIZATION) == [{"client_id": "ars-agent", "make_and_model": "Canon TS8430 series"}]


def test_it_waits_as_long_as_it_is_told_and_longer_for_good_when_it_is_too_fast(service: FakeService) -> None:
    service.answers(TOKEN, PENDING, SLOW_DOWN, PENDING, Reply(200, GRANTED))
    assert paired(service) == ("device-token", [5, 5, 10, 10])


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        ("access_denied", "The answer was no: this printer was not connected."),
        ("expired_token", "The code has run out: run the command again for a new one."),
        ("invalid_grant", "gave no token: HTTP 400 invalid_grant."),
    ],
)
def test_an_end_is_told(service: FakeService, error: str, sentence: str) -> None:
    service.answers(TOKEN, PENDING, Reply(400, {"error": error}))
    with pytest.raises(AgentError, match=sentence):
        paired(service)
    assert len(service.told(TOKEN)) == 2


def test_a_code_that_nobody_types_runs_out(service: FakeService) -> None:
    service.answers(AUTHORIZATION, Reply(200, {**ASKED, "expires_in": 20}))
    service.answers(TOKEN, PENDING)
    with pytest.raises(AgentError, match="has run out"):
        paired(service)
    assert len(service.told(TOKEN)) == 4


def test_a_service_that_fails_meanwhile_is_asked_less_often(service: FakeService) -> None:
    service.answers(TOKEN, Reply(503), Reply(429, headers={"Retry-After": "60"}), Reply(200, GRANTED))
    assert paired(service) == ("device-token", [5, 10, 60])


def test_a_service_that_cannot_be_reached_meanwhile_is_asked_less_often(service: FakeService) -> None:
    client = Service(service.url)
    asked = pairing.ask(client, READING)
    service.close()
    waits: list[float] = []
    with pytest.raises(AgentError, match="has run out"):
        pairing.token(client, asked, waits.append)
    assert waits[:4] == [5, 10, 20, 40]


@pytest.mark.parametrize("body", [{}, {**ASKED, "user_code": ""}, {**ASKED, "device_code": 7}])
def test_an_answer_without_a_code_is_none(service: FakeService, body: dict[str, object]) -> None:
    service.answers(AUTHORIZATION, Reply(200, body))
    with pytest.raises(ServiceError, match="gave no code"):
        paired(service)


def test_a_token_that_is_none_is_not_taken(service: FakeService) -> None:
    service.answers(TOKEN, Reply(200, {"access_token": "two\nlines"}))
    with pytest.raises(ServiceError, match="gave no token"):
        paired(service)


def test_endpoints_elsewhere_are_found_by_their_metadata(service: FakeService) -> None:
    service.answers(AUTHORIZATION, Reply(404))
    device, token = f"{service.url}/o/device/", f"{service.url}/o/token/"
    metadata = Reply(200, {"device_authorization_endpoint": device, "token_endpoint": token})
    service.answers("/.well-known/oauth-authorization-server", metadata)
    service.answers("/o/device/", Reply(200, ASKED))
    service.answers("/o/token/", Reply(200, GRANTED))
    assert paired(service)[0] == "device-token"


def test_a_redirect_is_not_followed(service: FakeService) -> None:
    service.answers(AUTHORIZATION, Reply(302, headers={"Location": f"{service.url}/elsewhere"}))
    with pytest.raises(ServiceError, match="does not connect printers: HTTP 302"):
        paired(service)
    assert service.told("/elsewhere") == []


@pytest.mark.parametrize("server", ["http://ink.example", "ftp://ink.example", "ink.example", "https://", "https://["])
def test_no_token_travels_in_the_clear(server: str) -> None:
    with pytest.raises(UsageError):
        checked(server)


@pytest.mark.parametrize(
    "server", ["https://ink.example/", "http://localhost:8000", "http://127.0.0.1", "http://[::1]:8"]
)
def test_the_own_computer_needs_no_tls(server: str) -> None:
    assert checked(server) == server.rstrip("/")


@pytest.mark.parametrize("endpoint", ["file:///etc/passwd", "http://ink.example/token", "ftp://127.0.0.1/"])
def test_an_endpoint_that_the_service_names_is_no_file_and_not_in_the_clear(
    service: FakeService, endpoint: str
) -> None:
    service.answers(AUTHORIZATION, Reply(404, {}))
    service.answers(pairing.METADATA, Reply(200, {"device_authorization_endpoint": endpoint}))
    with pytest.raises(UsageError):
        pairing.ask(Service(service.url), READING)
