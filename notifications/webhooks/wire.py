"""One POST to a partner: to an address that was looked at, without following anybody, and over in ten seconds."""

import io
import re
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import TYPE_CHECKING, cast

from notifications.webhooks import addresses
from notifications.webhooks.addresses import SocketAddress, Target

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

SECONDS = 10.0  # from the first connection to the head of the answer, and for the piece of its body that is kept
KEPT_BYTES = 2048
NO_ANSWER = (OSError, HTTPException, ValueError)  # what `post` raises when there was none, or none that can be read


class _Https(HTTPConnection):
    """HTTP over a socket that is encrypted already."""

    default_port = addresses.PORTS["https"]


_SPOKEN = {"https": _Https, "http": HTTPConnection}


@dataclass(frozen=True)
class Answer:
    """What came back; `text` is the beginning of a refusal."""

    status: int
    text: str = ""
    retry_after: timedelta | None = None

    @property
    def taken(self) -> bool:
        """Any 2xx; a redirect is a refusal."""
        return 200 <= self.status < 300


def post(url: str, headers: Mapping[str, str], body: bytes, now: datetime) -> Answer:
    """Send `body`. Raises Refused for an address we do not speak to, and one of NO_ANSWER."""
    target = addresses.parse(url)
    found = addresses.look_up(target)  # may take as long as the resolver likes: the sender's lease allows for it
    until = time.monotonic() + SECONDS
    with _connect(target, found, until) as sock:
        connection = _SPOKEN[target.scheme](target.host, target.port)  # never connects: it is given a socket
        connection.sock = cast(socket.socket, _Timed(sock, until))
        connection.request("POST", target.path, body, {**headers, "Connection": "close"})
        return _read(connection.getresponse(), now)


def _connect(target: Target, found: list[tuple[socket.AddressFamily, SocketAddress]], until: float) -> socket.socket:
    """A connection to the first of these addresses that answers; each has its share of the time."""
    for place, (family, address) in enumerate(found):
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.settimeout(_left(until) / (len(found) - place))
            sock.connect(address)
            if target.scheme == "http":
                return sock
            sock.settimeout(_left(until))
            return ssl.create_default_context().wrap_socket(sock, server_hostname=target.host)
        except OSError:
            sock.close()
            if place == len(found) - 1:
                raise
        except BaseException:
            sock.close()
            raise
    raise OSError(f"{target.host} has no address")


class _Timed:
    """As much of a socket as an HTTP connection uses, until the time is up, however slowly the other side speaks."""

    def __init__(self, sock: socket.socket, until: float) -> None:
        self._sock, self._until = sock, until

    def sendall(self, data: bytes) -> None:
        self._sock.settimeout(_left(self._until))
        self._sock.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self._sock, self._until))

    def close(self) -> None:
        """Who opened it closes it, when the answer is read."""


class _Reader(io.RawIOBase):
    """What the other side says, until the time is up."""

    def __init__(self, sock: socket.socket, until: float) -> None:
        self._sock, self._until = sock, until

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        self._sock.settimeout(_left(self._until))
        return self._sock.recv_into(buffer)


def _left(until: float) -> float:
    """Seconds left; TimeoutError when there are none."""
    if (left := until - time.monotonic()) <= 0:
        raise TimeoutError(f"no whole answer within {SECONDS:.0f} seconds")
    return left


def _read(response: HTTPResponse, now: datetime) -> Answer:
    """The status counts; of a refusal some text is kept, if it comes."""
    answer = Answer(response.status)
    if answer.taken:
        return answer
    try:
        text = response.read(KEPT_BYTES).decode(errors="replace")
    except NO_ANSWER as error:
        text = str(error)
    text = re.sub(r"[^\w!-~]+", " ", f"{response.reason} {text}")
    return Answer(answer.status, text.strip(), _retry_after(response, now))


def _retry_after(response: HTTPResponse, now: datetime) -> timedelta | None:
    """How long a busy server asks us to wait (RFC 9110, section 10.2.3): seconds, or a date."""
    asked = response.headers.get("Retry-After", "").strip()
    if response.status not in (429, 503) or not asked:
        return None
    if re.fullmatch(r"[0-9]{1,9}", asked):
        return timedelta(seconds=int(asked))
    try:
        moment = parsedate_to_datetime(asked)
    except (ValueError, OverflowError):
        return None
    return max(timedelta(0), (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now)
