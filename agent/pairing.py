"""Pairing by RFC 8628: ask, show the code, wait for a person's answer, take the token."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Callable

from agent.errors import AgentError
from agent.service import Answer, Service, ServiceError, number
from agent.supplies import Reading
from agent.text import clean

CLIENT_ID = "ars-agent"
GRANT = "urn:ietf:params:oauth:grant-type:device_code"
AUTHORIZATION, TOKEN = "/oauth/device_authorization", "/oauth/token"
METADATA = "/.well-known/oauth-authorization-server"
INTERVAL, SLOW_DOWN_BY, SLOWEST = 5.0, 5.0, 300.0  # seconds (sections 3.2 and 3.5)
LIFETIME = 900.0

Wait = Callable[[float], None]
ENDED = {
    "access_denied": "The answer was no: this printer was not connected.",
    "expired_token": "The code has run out: run the command again for a new one.",
}


@dataclass(frozen=True)
class Asked:
    """What the service gave for the asking: the code a person types, and where."""

    device_code: str
    user_code: str
    page: str
    page_with_code: str
    lifetime: float
    interval: float
    token_endpoint: str


def ask(service: Service, reading: Reading) -> Asked:
    """Ask to connect the printer that was read; AgentError when the service will not."""
    facts = {name: getattr(reading, name) for name in ("make_and_model", "printer_uuid", "serial_number")}
    form = {"client_id": CLIENT_ID, **{name: told for name, told in facts.items() if told}}
    answer, token_endpoint = service.form(AUTHORIZATION, form), TOKEN
    if answer.status == 404:  # another service than ours may have them elsewhere (RFC 8414)
        endpoints = service.get(METADATA).body
        if endpoints.get("device_authorization_endpoint"):
            answer = service.form(str(endpoints["device_authorization_endpoint"]), form)
            token_endpoint = str(endpoints.get("token_endpoint") or TOKEN)
    if answer.status != 200:
        raise ServiceError(f"{service.server} does not connect printers: {answer.problem}.")
    return _asked(service, answer.body, token_endpoint)


def _asked(service: Service, body: dict[str, Any], token_endpoint: str) -> Asked:
    needed = [body.get(name) for name in ("device_code", "user_code", "verification_uri")]
    if not all(isinstance(told, str) and told for told in needed):
        raise ServiceError(f"{service.server} gave no code, though it said that it would.")
    device_code, user_code, page = map(str, needed)
    complete = body.get("verification_uri_complete")
    return Asked(
        device_code,
        clean(user_code, 64),
        clean(page),
        clean(str(complete)) if complete else "",
        number(body.get("expires_in"), LIFETIME),
        number(body.get("interval"), INTERVAL),
        token_endpoint,
    )


def token(service: Service, asked: Asked, wait: Wait = time.sleep) -> str:
    """Wait for the person's answer and take the token; AgentError for a no, or when the time is up."""
    form = {"grant_type": GRANT, "device_code": asked.device_code, "client_id": CLIENT_ID}
    interval, left = asked.interval, asked.lifetime
    while left > 0:
        wait(interval)
        left -= interval
        try:
            answer = service.form(asked.token_endpoint, form)
        except ServiceError:
            interval = min(interval * 2, SLOWEST)  # section 3.5: back off where no connection is had
            continue
        if answer.status == 200:
            return _granted(service, answer)
        interval = _next(service, answer, interval)
    raise AgentError(ENDED["expired_token"])


def _granted(service: Service, answer: Answer) -> str:
    granted = answer.body.get("access_token")
    if not isinstance(granted, str) or not granted or not granted.isascii() or not granted.isprintable():
        raise ServiceError(f"{service.server} said yes, but gave no token.")
    return granted


def _next(service: Service, answer: Answer, interval: float) -> float:
    """How long to wait before asking again; AgentError when there is no sense in it."""
    error = answer.body.get("error")
    if error in ENDED:
        raise AgentError(ENDED[str(error)])
    if error == "authorization_pending":
        return interval
    if error == "slow_down":
        return interval + SLOW_DOWN_BY
    if answer.status == 429 or answer.status >= 500:
        return max(min(interval * 2, SLOWEST), answer.retry_after or 0.0)
    raise ServiceError(f"{service.server} gave no token: {answer.problem}.")
