"""Reads a printer by IPP: asks at the usual paths and versions, and makes a Reading of the answer."""

from __future__ import annotations

from uuid import UUID

from agent.address import Address
from agent.deadline import Deadline
from agent.errors import Malformed, PrinterError
from agent.ipp import codec, device_id
from agent.ipp.http import NeedsTls, NotHere, Pins, post
from agent.ipp.markers import supplies
from agent.supplies import Reading, reasons
from agent.text import clean

SECONDS = 15.0  # for everything: a printer that wakes up answers within ten
PATHS = ("/ipp/print", "/ipp/printer", "/ipp", "/")
VERSIONS = ((2, 0), (1, 1), (1, 0))
WANTED = (
    *("marker-names", "marker-colors", "marker-types", "marker-levels", "marker-low-levels"),
    *("printer-supply", "printer-supply-description", "printer-alert", "printer-state-reasons"),
    *("printer-uuid", "printer-serial-number", "printer-device-id", "printer-make-and-model", "printer-info"),
)
REQUEST_ID = 1  # each question is the first of its connection, and the last
SUCCESS = range(0x100)
BAD_REQUEST, NOT_FOUND, VERSION_NOT_SUPPORTED = 0x0400, 0x0406, 0x0503
STATUSES = {
    BAD_REQUEST: "bad request",
    0x0401: "forbidden",
    0x0402: "not authenticated",
    0x0403: "not authorized",
    NOT_FOUND: "not found",
    0x0500: "internal error",
    0x0501: "operation not supported",
    0x0502: "service unavailable",
    VERSION_NOT_SUPPORTED: "version not supported",
    0x0506: "not accepting jobs",
    0x0507: "busy",
}
LONGEST_SERIAL = 64


class VersionRefused(PrinterError):
    """Another version of IPP may do."""


def read(address: Address, pins: Pins, seconds: float = SECONDS) -> Reading:
    """What the printer says of itself, or PrinterError."""
    deadline = Deadline(seconds)
    paths = [path for path in dict.fromkeys((address.path, *PATHS)) if path]
    missing: PrinterError | None = None
    for path in paths:
        try:
            return reading(_secure(address.over(address.scheme, path), deadline, pins))
        except NotHere as error:
            missing = missing or error
        except Malformed as error:
            raise Malformed(f"{address.authority} sent an answer that is none: {error}") from error
    assert missing is not None  # there is a path, and it was not found
    raise missing


def _secure(address: Address, deadline: Deadline, pins: Pins) -> codec.Attributes:
    """Ask, and once more over TLS where the printer wants that."""
    try:
        return _ask(address, deadline, pins)
    except NeedsTls:
        if address.scheme == "ipps":
            raise
        return _ask(address.over("ipps", address.path), deadline, pins)


def _ask(address: Address, deadline: Deadline, pins: Pins) -> codec.Attributes:
    """Ask in the newest version that the printer takes."""
    refused: PrinterError | None = None
    for version in VERSIONS:
        sent = codec.question(version, REQUEST_ID, str(address), WANTED)
        answer = codec.answer(post(address, sent, deadline, pins))
        try:
            return _attributes(address, answer)
        except VersionRefused as error:
            refused = refused or error
    assert refused is not None  # every version was
    raise refused


def _attributes(address: Address, answer: codec.Answer) -> codec.Attributes:
    status = f"{STATUSES.get(answer.status, 'an error')} (IPP {answer.status:#06x})"
    if answer.request_id != REQUEST_ID:
        raise Malformed(f"It answers request {answer.request_id}, where {REQUEST_ID} was asked.")
    if answer.status == NOT_FOUND:
        raise NotHere(f"{address.authority} knows no printer at {address.path}: {status}.")
    if answer.status in (BAD_REQUEST, VERSION_NOT_SUPPORTED):
        raise VersionRefused(f"{address.authority} refused to be read: {status}.")
    if answer.status not in SUCCESS:
        raise PrinterError(f"{address.authority} refused to be read: {status}.")
    if not answer.printer:
        raise Malformed("It holds no attribute of a printer.")
    return answer.printer


def reading(attributes: codec.Attributes) -> Reading:
    """What these attributes say, or Malformed naming the one that is broken."""
    identity = device_id.parse(codec.text(attributes, "printer-device-id"))
    named = codec.text(attributes, "printer-make-and-model") or device_id.make_and_model(identity)
    serial = codec.text(attributes, "printer-serial-number") or device_id.first(identity, device_id.SERIAL)
    return Reading(
        make_and_model=clean(named or codec.text(attributes, "printer-info")),
        printer_uuid=uuid_of(codec.text(attributes, "printer-uuid")),
        serial_number=clean(serial, LONGEST_SERIAL),
        state_reasons=reasons(codec.texts(attributes, "printer-state-reasons")),
        supplies=supplies(attributes),
    )


def uuid_of(told: str) -> str:
    """As RFC 9562 writes it, without `urn:uuid:`; empty where it is none."""
    try:
        return str(UUID(told))
    except ValueError:
        return ""
