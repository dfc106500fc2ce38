"""The service over HTTP: TLS verified, the system's proxies used, every answer bounded, no redirect followed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPMessage
from ipaddress import ip_address
from time import time
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from agent import VERSION
from agent.errors import AgentError, UsageError

SECONDS = 20.0
MOST_BYTES = 1 << 20
MOST_SECONDS = 365 * 24 * 3600
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
CLOCK_IS_RIGHT_WITHIN = 60.0  # seconds


class ServiceError(AgentError):
    """The service cannot be reached, or did not say what was asked."""


@dataclass(frozen=True)
class Answer:
    """An answer of the service. `skew` is how far its clock is ahead of ours, in seconds."""

    status: int
    body: dict[str, Any]
    retry_after: float | None = None
    skew: float = 0.0

    @property
    def problem(self) -> str:
        """What it says went wrong, in one line."""
        errors = self.body.get("errors")
        told = errors if isinstance(errors, list) else []
        details = [f"{each.get('attr') or ''} {each.get('detail')}".strip() for each in told if isinstance(each, dict)]
        said = "; ".join(details) or str(self.body.get("error_description") or self.body.get("error") or "")
        return " ".join(f"HTTP {self.status} {said}".split())[:300]


class _Stays(HTTPRedirectHandler):
    """A redirect would carry the token to wherever it points."""

    def redirect_request(
        self, req: Request, fp: Any, code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        return None


class Service:
    """The service at one address."""

    def __init__(self, server: str) -> None:
        self.server = checked(server)
        self.opener = build_opener(_Stays)

    def form(self, path: str, told: dict[str, str]) -> Answer:
        """POST a form; ServiceError when no answer comes."""
        return self._send("POST", path, urlencode(told).encode(), {"Content-Type": FORM})

    def post(self, path: str, body: Any, token: str) -> Answer:
        """POST JSON as the device that `token` stands for."""
        sent = json.dumps(body).encode()
        return self._send("POST", path, sent, {"Content-Type": JSON, "Authorization": f"Bearer {token}"})

    def delete(self, path: str, token: str) -> Answer:
        """DELETE as the device that `token` stands for."""
        return self._send("DELETE", path, None, {"Authorization": f"Bearer {token}"})

    def get(self, path: str) -> Answer:
        """GET, as anybody."""
        return self._send("GET", path, None, {})

    def _send(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        url = f"{self.server}{path}"
        if "://" in path:  # an endpoint that the service names: no file, and nothing sent in the clear
            checked(path)
            url = path
        about = {"User-Agent": f"ars-agent/{VERSION}", "Accept": JSON, **headers}
        request = Request(url, data=body, headers=about, method=method)  # noqa: S310 - checked above, and in __init__
        try:
            with self.opener.open(request, timeout=SECONDS) as response:
                return _answer(response.status, response.headers, response.read(MOST_BYTES))
        except HTTPError as error:
            with error:
                return _answer(error.code, error.headers, error.read(MOST_BYTES))
        except URLError as error:
            raise ServiceError(f"{self.server} cannot be reached ({_what(error.reason)}).") from error
        except (OSError, HTTPException, ValueError) as error:
            raise ServiceError(f"{self.server} did not answer ({_what(error)}).") from error


def checked(server: str) -> str:
    """The address without what may follow it; UsageError where a token would travel in the clear."""
    try:
        parts = urlsplit(server)
        is_whole = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        is_whole = False
    if not is_whole:
        raise UsageError(f"{server} is no address of a service: it begins with https://.")
    if parts.scheme == "http" and not _is_here(parts.hostname or ""):
        raise UsageError(f"{server} is not safe: what is sent there can be read on the way. Use https://.")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def number(told: Any, otherwise: float) -> float:
    """A number of seconds as JSON has it; `otherwise` for what is none, or none to live by."""
    is_one = isinstance(told, (int, float)) and not isinstance(told, bool) and 0 < told <= MOST_SECONDS
    return float(told) if is_one else otherwise


def _is_here(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _answer(status: int, headers: Any, content: bytes) -> Answer:
    try:
        body = json.loads(content or b"{}")
    except (ValueError, RecursionError):
        body = {}
    date, wait = _moment(headers.get("Date")), headers.get("Retry-After")
    skew = date - time() if date is not None else 0.0
    return Answer(
        status,
        body if isinstance(body, dict) else {},
        _seconds(wait),
        skew if abs(skew) > CLOCK_IS_RIGHT_WITHIN else 0.0,
    )


def _seconds(told: str | None) -> float | None:
    """Retry-After: seconds, or a date."""
    if told is None:
        return None
    if told.strip().isdecimal():
        return float(told)
    at = _moment(told)
    return max(at - time(), 0.0) if at is not None else None


def _moment(told: str | None) -> float | None:
    try:
        return parsedate_to_datetime(told).timestamp() if told else None
    except (TypeError, ValueError, OverflowError):
        return None


def _what(error: object) -> str:
    return " ".join(str(error).split())[:160] or type(error).__name__
