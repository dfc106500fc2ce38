"""One POST to a printer over HTTP or TLS: bounded in time and size, the certificate pinned."""

from __future__ import annotations

import hashlib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Protocol

from agent.address import Address
from agent.deadline import Deadline
from agent.errors import NO_ANSWER, PrinterError

MOST_BYTES = 1 << 20
CONNECT_SECONDS = 5.0
CHUNK = 1 << 16
TYPE = "application/ipp"
NOT_FOUND, UPGRADE_REQUIRED = 404, 426
FOR_THE_OWNER = (401, 403)


class Pins(Protocol):
    """What is remembered of printers' certificates."""

    def check(self, authority: str, fingerprint: str) -> None:
        """Remember the first one; PrinterError for another."""


class NotHere(PrinterError):
    """Nothing at this path."""


class NeedsTls(PrinterError):
    """The printer wants to be asked over TLS."""


def post(address: Address, body: bytes, deadline: Deadline, pins: Pins) -> bytes:
    """The body of the printer's answer, or PrinterError."""
    where = address.authority
    try:
        with _connected(address, deadline, pins) as connection:
            connection.request("POST", address.path, body, {"Content-Type": TYPE, "Connection": "close"})
            with closing(connection.getresponse()) as response:
                _check_status(where, response)
                return _read(where, response, deadline)
    except PrinterError:
        raise
    except ssl.SSLError as error:
        if deadline.is_over:
            raise _too_slow(where, deadline) from error
        raise PrinterError(f"{where} does not speak TLS as it should ({error.reason or error}).") from error
    except socket.gaierror as error:
        raise PrinterError(f"There is no host named {address.host}.", NO_ANSWER) from error
    except ConnectionRefusedError as error:
        raise PrinterError(f"{where} refuses the connection.") from error
    except (OSError, HTTPException, ValueError) as error:
        if deadline.is_over or isinstance(error, socket.timeout):
            raise _too_slow(where, deadline) from error
        raise PrinterError(f"{where} did not answer as HTTP has it ({_what(error)}).", NO_ANSWER) from error


@contextmanager
def _connected(address: Address, deadline: Deadline, pins: Pins) -> Iterator[HTTPConnection]:
    """A connection that is cut when the time is up, whatever it waits for then."""
    patience = min(CONNECT_SECONDS, deadline.left)
    plain = socket.create_connection((address.host, address.port), timeout=patience)
    with closing(plain if address.scheme == "ipp" else _secured(plain)) as channel:
        channel.settimeout(deadline.left)
        watchdog = threading.Timer(deadline.left, _cut, [channel])
        watchdog.daemon = True
        watchdog.start()
        try:
            if isinstance(channel, ssl.SSLSocket):
                channel.do_handshake()
                certificate = channel.getpeercert(binary_form=True) or b""
                pins.check(address.authority, hashlib.sha256(certificate).hexdigest())
            connection = HTTPConnection(address.host, address.port)
            connection.sock = channel
            yield connection
        finally:
            watchdog.cancel()


def _secured(plain: socket.socket) -> ssl.SSLSocket:
    """Printers sign their own certificates and may know no newer TLS than they were made with: the pin decides."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    return context.wrap_socket(plain, do_handshake_on_connect=False)


def _cut(channel: socket.socket) -> None:
    try:
        socket.socket.shutdown(channel, socket.SHUT_RDWR)  # the plain one's: TLS would wait for a farewell
    except OSError:
        return  # it has ended by itself


def _check_status(where: str, response: HTTPResponse) -> None:
    status = response.status
    if status == NOT_FOUND:
        raise NotHere(f"{where} knows no printer at this path (HTTP 404).")
    if status == UPGRADE_REQUIRED:
        raise NeedsTls(f"{where} wants to be asked over TLS (HTTP 426): use ipps://.")
    if status in FOR_THE_OWNER:
        raise PrinterError(f"{where} asks for a password (HTTP {status}): allow reading in the printer's settings.")
    if status != 200:
        raise PrinterError(f"{where} answered with HTTP {status}.")
    kind = response.headers.get_content_type()
    if response.headers.get("Content-Type") and kind != TYPE:
        raise PrinterError(f"{where} answered with {kind}, which is no IPP.")


def _read(where: str, response: HTTPResponse, deadline: Deadline) -> bytes:
    body = b""
    while chunk := response.read(CHUNK):
        body += chunk
        if len(body) > MOST_BYTES:
            raise PrinterError(f"{where} sent more than {MOST_BYTES >> 20} MiB, which no printer needs to.")
    if deadline.is_over:
        raise _too_slow(where, deadline)
    return body


def _too_slow(where: str, deadline: Deadline) -> PrinterError:
    return PrinterError(f"{where} did not answer within {deadline.seconds:.0f} seconds.", NO_ANSWER)


def _what(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__
