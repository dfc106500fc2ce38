"""The wire format of SNMP v2c (RFC 3416 in BER): a question out, an answer in. Pure; else Malformed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional, Union

from agent.errors import Malformed

INTEGER, OCTETS, NULL, OID, SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30
IP_ADDRESS, COUNTER, GAUGE, TICKS, OPAQUE, COUNTER64 = 0x40, 0x41, 0x42, 0x43, 0x44, 0x46
NUMBERS = (COUNTER, GAUGE, TICKS, COUNTER64)
ABSENT = (NULL, 0x80, 0x81, 0x82)  # no such object, no such instance, end of what there is
GET_BULK, RESPONSE = 0xA5, 0xA2
VERSION_2C = 1
LONG_FORM = 0x80
MOST_LENGTH_BYTES = 3
LARGEST_PART = 0xFFFFFFFF
LONGEST_NUMBER = 9  # bytes: 64 bits and a sign, and more than any number here needs

Oid = tuple[int, ...]
Told = Optional[Union[int, bytes, Oid]]


@dataclass(frozen=True)
class Answer:
    """A response: its error (0 is none) and what it tells of each object; None where there is none."""

    request_id: int
    error: int
    told: list[tuple[Oid, Told]]


def get_bulk(community: str, request_id: int, after: Oid, most: int) -> bytes:
    """A GetBulkRequest for the `most` objects that follow `after`."""
    binding = _item(SEQUENCE, _item(OID, _oid(after)) + _item(NULL, b""))
    numbers = b"".join(_item(INTEGER, _integer(number)) for number in (request_id, 0, most))
    pdu = _item(GET_BULK, numbers + _item(SEQUENCE, binding))
    return _item(SEQUENCE, _item(INTEGER, _integer(VERSION_2C)) + _item(OCTETS, community.encode()) + pdu)


def answer(data: bytes) -> Answer:
    """The response in `data`, or Malformed."""
    message = _Reader(_Reader(data).expect(SEQUENCE))
    message.number()
    message.expect(OCTETS)
    pdu = _Reader(message.expect(RESPONSE))
    request_id, error, _ = pdu.number(), pdu.number(), pdu.number()
    bindings = _Reader(pdu.expect(SEQUENCE))
    told: list[tuple[Oid, Told]] = []
    while bindings.has_more:
        binding = _Reader(bindings.expect(SEQUENCE))
        told.append((_parts(binding.expect(OID)), _value(*binding.item())))
    return Answer(request_id, error, told)


class _Reader:
    """Takes items from the front: a tag, a length, and so many bytes."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    @property
    def has_more(self) -> bool:
        return self.at < len(self.data)

    def take(self, count: int) -> bytes:
        taken = self.data[self.at : self.at + count]
        if len(taken) < count:
            raise Malformed("It is cut off.")
        self.at += count
        return taken

    def item(self) -> tuple[int, bytes]:
        tag, length = self.take(2)
        if length & LONG_FORM:
            count = length & ~LONG_FORM
            if not 1 <= count <= MOST_LENGTH_BYTES:
                raise Malformed(f"A length of {count} bytes is none.")
            length = int.from_bytes(self.take(count), "big")
        return tag, self.take(length)

    def expect(self, wanted: int) -> bytes:
        tag, content = self.item()
        if tag != wanted:
            raise Malformed(f"It holds {tag:#04x} where {wanted:#04x} belongs.")
        return content

    def number(self) -> int:
        return _number(self.expect(INTEGER), signed=True)


def _value(tag: int, content: bytes) -> Told:
    if tag in ABSENT:
        return None
    if tag == INTEGER or tag in NUMBERS:
        return _number(content, signed=tag == INTEGER)
    return _parts(content) if tag == OID else content


def _number(content: bytes, *, signed: bool) -> int:
    """As long as it pleases, it would be one that nobody can even print."""
    if len(content) > LONGEST_NUMBER:
        raise Malformed(f"A number of {len(content)} bytes is none.")
    return int.from_bytes(content, "big", signed=signed)


def _parts(content: bytes) -> Oid:
    """An object identifier: seven bits a byte, the first two parts in one."""
    numbers, number = [], 0
    for byte in content:
        number = number << 7 | byte & 0x7F
        if number > LARGEST_PART:
            raise Malformed("An object identifier holds a number above 32 bits.")
        if not byte & LONG_FORM:
            numbers.append(number)
            number = 0
    if not numbers or content[-1] & LONG_FORM:
        raise Malformed("An object identifier is cut off.")
    first = min(numbers[0] // 40, 2)
    return (first, numbers[0] - 40 * first, *numbers[1:])


def _item(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < LONG_FORM:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, LONG_FORM | len(length)]) + length + content


def _integer(number: int) -> bytes:
    return number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True)


def _oid(parts: Oid) -> bytes:
    encoded = bytearray()
    for part in (40 * parts[0] + parts[1], *parts[2:]):
        groups = [part & 0x7F]
        while part := part >> 7:
            groups.append(part & 0x7F | LONG_FORM)
        encoded += bytes(reversed(groups))
    return bytes(encoded)
