"""The wire format of DNS as mDNS uses it (RFC 1035, RFC 6762). Pure; a packet that is none holds no record."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from ipaddress import ip_address

A, PTR, TXT, AAAA, SRV = 1, 12, 16, 28, 33
TYPES = (A, PTR, TXT, AAAA, SRV)
IN = 1
UNICAST = 0x8000  # "answer me alone" (RFC 6762, section 5.4)
POINTER = 0xC0
MOST_LABELS = 128  # a name that is longer goes in a circle
MOST_RECORDS = 500


class NotDns(Exception):
    """The bytes are no DNS packet."""


@dataclass(frozen=True)
class Record:
    """A record: `told` is a name (PTR), an address (A, AAAA), `host:port` in two (SRV), or the pairs of a TXT."""

    name: str
    type: int
    told: str = ""
    port: int = 0
    pairs: tuple[tuple[str, str], ...] = ()


def question(names: list[tuple[str, int]]) -> bytes:
    """A packet that asks for these names and types."""
    parts = [struct.pack(">6H", 0, 0, len(names), 0, 0, 0)]
    parts += [_name(name) + struct.pack(">2H", kind, IN | UNICAST) for name, kind in names]
    return b"".join(parts)


def records(packet: bytes) -> list[Record]:
    """Every record of an answer that means something to us, from whatever section."""
    try:
        return _records(packet)
    except (NotDns, struct.error, IndexError):
        return []


def _records(packet: bytes) -> list[Record]:
    _, flags, asked, *counts = struct.unpack_from(">6H", packet)
    if not flags & 0x8000:
        return []  # a question, perhaps our own
    at, found = 12, []
    for _ in range(asked):
        _, at = _read_name(packet, at)
        at += 4
    for _ in range(min(sum(counts), MOST_RECORDS)):
        name, at = _read_name(packet, at)
        kind, _, _, length = struct.unpack_from(">2HIH", packet, at)
        at += 10
        if at + length > len(packet):
            raise NotDns
        if kind in TYPES:
            found.append(_record(packet, name, kind, at, length))
        at += length
    return found


def _record(packet: bytes, name: str, kind: int, at: int, length: int) -> Record:
    data = packet[at : at + length]
    if kind == PTR:
        return Record(name, kind, _read_name(packet, at)[0])
    if kind == SRV:
        return Record(name, kind, _read_name(packet, at + 6)[0], struct.unpack_from(">H", data, 4)[0])
    if kind == TXT:
        return Record(name, kind, pairs=tuple(_pairs(data)))
    if length != (4 if kind == A else 16):
        raise NotDns
    return Record(name, kind, str(ip_address(data)))


def _pairs(data: bytes) -> list[tuple[str, str]]:
    """`key=value`, each behind its length; keys in lower case (RFC 6763, section 6.4)."""
    pairs, at = [], 0
    while at < len(data):
        text = data[at + 1 : at + 1 + data[at]].decode(errors="replace")
        key, _, value = text.partition("=")
        pairs.append((key.lower(), value))
        at += 1 + data[at]
    return pairs


def _read_name(packet: bytes, at: int) -> tuple[str, int]:
    """The name at a place, and where what follows it begins."""
    labels: list[str] = []
    after = -1
    for _ in range(MOST_LABELS):
        length = packet[at]
        if length == 0:
            return ".".join(labels), after if after >= 0 else at + 1
        if length & POINTER == POINTER:
            after = after if after >= 0 else at + 2
            at = struct.unpack_from(">H", packet, at)[0] & 0x3FFF
        else:
            label = packet[at + 1 : at + 1 + length]
            labels.append(label.decode(errors="replace").replace(".", "\\."))
            at += 1 + length
    raise NotDns


def _name(name: str) -> bytes:
    labels = [label.replace("\0", ".").encode()[:63] for label in name.replace("\\.", "\0").split(".")]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
