"""Printers of the local network, each once however often it announces itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from agent.address import Address
from agent.ipp.printer import uuid_of
from agent.mdns.browse import SECONDS, Found, browse
from agent.text import clean

HELP = (
    "No printer was found. Is it switched on, and in the same network or Wi-Fi as this computer (not a guest network)? "
    "A firewall or a VPN may hide it: give its address yourself, as in ars-agent read ipp://192.168.1.20."
)


@dataclass(frozen=True)
class Discovered:
    """A printer that announced itself."""

    name: str
    make_and_model: str
    printer_uuid: str
    address: str
    uris: list[str] = field(default_factory=list)

    @property
    def uri(self) -> str:
        """The one to read it at: without TLS where there is a choice, for printers' TLS often fails."""
        return self.uris[0]

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        told = {name: getattr(self, name) or None for name in ("make_and_model", "printer_uuid", "address", "name")}
        return {"uri": self.uri, **told, "uris": self.uris}


def discover(seconds: float = SECONDS) -> list[Discovered]:
    """Who answers in time."""
    return each_once(browse(seconds))


def find(printer_uuid: str) -> str | None:
    """The address of a printer that is known; None when it does not announce itself."""
    return next((each.uri for each in discover() if each.printer_uuid == printer_uuid), None)


def each_once(found: Iterable[Found]) -> list[Discovered]:
    """By UUID; who has none, by address and path."""
    grouped: dict[str, list[Found]] = {}
    for each in found:
        grouped.setdefault(uuid_of(each.about.get("uuid", "")) or f"{each.address} {_path(each)}", []).append(each)
    return sorted((_one(group) for group in grouped.values()), key=lambda printer: (printer.name, printer.uri))


def _one(group: list[Found]) -> Discovered:
    group = sorted(group, key=lambda each: (each.scheme, ":" in each.address))
    first = group[0]
    uris = [str(Address(each.scheme, each.address, each.port, _path(each))) for each in group]
    return Discovered(
        name=clean(first.name),
        make_and_model=clean(first.about.get("ty", "") or first.about.get("product", "").strip("()")),
        printer_uuid=uuid_of(first.about.get("uuid", "")),
        address=first.address,
        uris=list(dict.fromkeys(uris)),
    )


def _path(found: Found) -> str:
    return "/" + clean(found.about.get("rp", "") or "ipp/print").strip("/").replace(" ", "%20")
