"""The wire format of IPP (RFC 8010): a question out, an answer in. Pure; any bytes give an answer or Malformed."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Callable, TypeVar

from agent.errors import Malformed
from agent.text import clean

GET_PRINTER_ATTRIBUTES = 0x000B
OPERATION, END, PRINTER = 0x01, 0x03, 0x04
FIRST_VALUE_TAG = 0x10  # below it stand the delimiters of groups
OUT_OF_BAND = range(0x10, 0x20)  # unsupported, unknown, no-value and their like
INTEGER, ENUM, OCTETS = 0x21, 0x23, 0x30
BEGIN_COLLECTION, WITH_LANGUAGE, END_COLLECTION = 0x34, (0x35, 0x36), 0x37
NAME, KEYWORD, URI, CHARSET, LANGUAGE = 0x42, 0x44, 0x45, 0x47, 0x48
TEXTS = (OCTETS, 0x41, NAME, KEYWORD, URI, 0x46, CHARSET, LANGUAGE, 0x49)
UNKNOWN_INTEGER = -2
LONGEST_TEXT = 1023  # RFC 8011, section 5.1.2

Kind = TypeVar("Kind")


@dataclass(frozen=True)
class Value:
    """A value as it was sent; it is understood only when somebody asks for it."""

    tag: int
    data: bytes


Attributes = dict[str, list[Value]]


@dataclass(frozen=True)
class Answer:
    """An answer: `groups` are pairs of a delimiter and its attributes, in the order sent."""

    version: tuple[int, int]
    status: int
    request_id: int
    groups: list[tuple[int, Attributes]]

    @property
    def printer(self) -> Attributes:
        """The attributes of the printer; empty when it told none."""
        return next((attributes for tag, attributes in self.groups if tag == PRINTER), {})


def question(version: tuple[int, int], request_id: int, printer_uri: str, wanted: tuple[str, ...]) -> bytes:
    """A Get-Printer-Attributes request (RFC 8011, section 4.2.5)."""
    parts = [struct.pack(">BBHiB", *version, GET_PRINTER_ATTRIBUTES, request_id, OPERATION)]
    parts += [_attribute(CHARSET, "attributes-charset", "utf-8")]
    parts += [_attribute(LANGUAGE, "attributes-natural-language", "en")]
    parts += [_attribute(URI, "printer-uri", printer_uri)]
    parts += [_attribute(KEYWORD, "" if place else "requested-attributes", name) for place, name in enumerate(wanted)]
    return b"".join([*parts, bytes([END])])


def _attribute(tag: int, name: str, value: str) -> bytes:
    sent = value.encode()
    return struct.pack(">BH", tag, len(name)) + name.encode() + struct.pack(">H", len(sent)) + sent


def answer(data: bytes) -> Answer:
    """The answer in `data`, or Malformed."""
    reader = _Reader(data)
    major, minor, status, request_id = struct.unpack(">BBHi", reader.take(8, "its head"))
    if major not in (1, 2):
        raise Malformed(f"It is no IPP: it names version {major}.{minor}.")
    return Answer((major, minor), status, request_id, _groups(reader))


class _Reader:
    """Takes bytes from the front and says where they ended too soon."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, count: int, what: str) -> bytes:
        taken = self.data[self.at : self.at + count]
        if len(taken) < count:
            raise Malformed(f"It is cut off after {len(self.data)} bytes, within {what}.")
        self.at += count
        return taken

    def tag(self) -> int:
        return self.take(1, "its attributes")[0]

    def counted(self, what: str) -> bytes:
        return self.take(int.from_bytes(self.take(2, what), "big"), what)


def _groups(reader: _Reader) -> list[tuple[int, Attributes]]:
    groups: list[tuple[int, Attributes]] = []
    values: list[Value] | None = None
    while (tag := reader.tag()) != END:
        if tag == 0:
            raise Malformed(f"Byte {reader.at} is no tag.")
        if tag < FIRST_VALUE_TAG:
            groups.append((tag, {}))
            values = None
            continue
        name = clean(reader.counted("a name"))
        data = reader.counted(f"the value of {name}" if name else "a value")
        if not groups:
            raise Malformed(f"Attribute {name} stands before any group.")
        if name:
            values = []  # of an attribute that is told twice, the first counts
            groups[-1][1].setdefault(name, values)
        if values is None:
            raise Malformed(f"Byte {reader.at} ends a value of no attribute.")
        values.append(Value(tag, data))
        if tag == BEGIN_COLLECTION:
            _skip_collection(reader, name)
    return groups


def _skip_collection(reader: _Reader, name: str) -> None:
    """Nothing that is read here is told in collections; they may be nested, and must end."""
    depth = 1
    while depth:
        tag = reader.tag()
        if tag < FIRST_VALUE_TAG:
            raise Malformed(f"A collection in {name or 'a list'} does not end.")
        reader.counted("a member's name")
        reader.counted("a member's value")
        depth += {BEGIN_COLLECTION: 1, END_COLLECTION: -1}.get(tag, 0)


def integers(attributes: Attributes, name: str) -> list[int]:
    """The whole numbers of an attribute; unknown ones among others are -2. Malformed where it holds anything else."""
    return _values(attributes, name, _integer, UNKNOWN_INTEGER)


def texts(attributes: Attributes, name: str) -> list[str]:
    """The texts of an attribute, cleaned; unknown ones among others are empty. Malformed where it holds numbers."""
    return _values(attributes, name, _text, "")


def text(attributes: Attributes, name: str) -> str:
    """The first text of an attribute, or an empty one."""
    return next(iter(texts(attributes, name)), "")


def _values(attributes: Attributes, name: str, read: Callable[[str, Value], Kind], unknown: Kind) -> list[Kind]:
    values = attributes.get(name, [])
    if all(value.tag in OUT_OF_BAND for value in values):
        return []
    return [unknown if value.tag in OUT_OF_BAND else read(name, value) for value in values]


def _integer(name: str, value: Value) -> int:
    if value.tag not in (INTEGER, ENUM):
        raise Malformed(f"{name} holds a value of type {value.tag:#04x} where a number belongs.")
    if len(value.data) != 4:
        raise Malformed(f"{name} holds a number of {len(value.data)} bytes instead of 4.")
    return int.from_bytes(value.data, "big", signed=True)


def _text(name: str, value: Value) -> str:
    if value.tag in WITH_LANGUAGE:
        reader = _Reader(value.data)
        try:
            reader.counted("a language")
            return clean(reader.counted("a text"), LONGEST_TEXT)
        except Malformed:
            raise Malformed(f"{name} holds a text in a language, and is cut off.") from None
    if value.tag not in TEXTS:
        raise Malformed(f"{name} holds a value of type {value.tag:#04x} where a text belongs.")
    return clean(value.data, LONGEST_TEXT)
