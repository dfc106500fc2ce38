"""Asks the local network for its printers: one-shot questions from a port of our own, so no daemon is in the way."""

from __future__ import annotations

import select
import socket
import struct
import sys
import time
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from dataclasses import dataclass

from agent.mdns.packet import AAAA, PTR, SRV, TXT, A, Record, question, records

GROUP, PORT = "224.0.0.251", 5353
SERVICES = {"_ipp._tcp.local": "ipp", "_ipps._tcp.local": "ipps"}
SECONDS = 3.0
ASK_EVERY = 0.8  # seconds: what is lost once is asked for again
LARGEST = 9000
MOST_RECORDS = 5000


@dataclass(frozen=True)
class Found:
    """A printer's service as the network announces it."""

    scheme: str
    name: str
    address: str
    port: int
    about: dict[str, str]


def browse(seconds: float = SECONDS) -> list[Found]:
    """Every service that answered in time, on whichever network this computer is part of."""
    heard: dict[Record, None] = {}
    with ExitStack() as stack:
        sockets = [stack.enter_context(each) for each in _sockets()]
        end, ask_at = time.monotonic() + seconds, 0.0
        while (now := time.monotonic()) < end and sockets:
            if now >= ask_at:
                _ask(sockets, heard)
                ask_at = now + ASK_EVERY
            readable, _, _ = select.select(sockets, [], [], max(min(ask_at, end) - now, 0.0))
            known = len(heard)
            for each in readable:
                heard.update(dict.fromkeys(_hear(each)))
            if len(heard) > known:
                ask_at = min(ask_at, time.monotonic() + 0.1)  # what was named is asked about
            if len(heard) > MOST_RECORDS:
                break
    return found_in(heard)


def found_in(heard: Iterable[Record]) -> list[Found]:
    """The services that these records describe completely."""
    records_of: dict[tuple[str, int], list[Record]] = {}
    for record in heard:
        records_of.setdefault((record.name.lower(), record.type), []).append(record)
    found = []
    for service, scheme in SERVICES.items():
        for pointer in records_of.get((service, PTR), []):
            name = pointer.told.lower()
            about = {key: value for each in records_of.get((name, TXT), []) for key, value in each.pairs}
            for place in records_of.get((name, SRV), [])[:1]:
                addresses = [each for kind in (A, AAAA) for each in records_of.get((place.told.lower(), kind), [])]
                reachable = [each.told for each in addresses if not each.told.startswith("fe80:")]
                title = pointer.told[: -len(service) - 1].replace("\\.", ".")
                found += [Found(scheme, title, address, place.port, about) for address in reachable[:1]]
    return found


def _ask(sockets: list[socket.socket], heard: Iterable[Record]) -> None:
    """For the services, and for what is not known yet of those that were named."""
    known = {(record.name.lower(), record.type) for record in heard}
    names = [record.told.lower() for record in heard if record.type == PTR and record.name.lower() in SERVICES]
    hosts = [record.told.lower() for record in heard if record.type == SRV]
    wanted = [(name, kind) for name in names for kind in (SRV, TXT)] + [(host, A) for host in hosts]
    missing = [each for each in dict.fromkeys(wanted) if each not in known][:20]
    for each in sockets:
        with suppress(OSError):  # a network that does not carry it
            each.sendto(question([(service, PTR) for service in SERVICES]), (GROUP, PORT))
            if missing:
                each.sendto(question(missing), (GROUP, PORT))


def _hear(channel: socket.socket) -> list[Record]:
    try:
        return records(channel.recv(LARGEST))
    except OSError:
        return []


def _sockets() -> list[socket.socket]:
    """One for each network this computer is part of."""
    sockets = []
    with suppress(OSError):
        for number, _ in socket.if_nameindex():
            channel = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            try:
                channel.bind(("", 0))
                channel.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, _interface(number))
                channel.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
                sockets.append(channel)
            except OSError:
                channel.close()
    return sockets


def _interface(number: int) -> bytes:
    """By its number: Windows takes it as an address 0.0.0.n, the others as the last part of an ip_mreqn."""
    if sys.platform == "win32":
        return struct.pack("!I", number)
    return struct.pack("@4s4si", bytes(4), bytes(4), number)
