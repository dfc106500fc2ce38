"""The printers that are paired: each a file with its token, and beside it what has become of its reports."""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from agent import home
from agent.errors import AgentError
from agent.supplies import Reading, called

PRINTERS, STATES = "printers", "states"


@dataclass(frozen=True)
class Paired:
    """A printer and the service it reports to; the token is its credential there."""

    uri: str
    server: str
    token: str = field(repr=False)
    paired_at: str
    make_and_model: str = ""
    printer_uuid: str = ""
    serial_number: str = ""
    key: str = field(default_factory=lambda: secrets.token_hex(8))
    also: str = ""  # its address for SNMP, where it is not the usual one of the same host

    @property
    def name(self) -> str:
        """What people tell it by."""
        return called(self.make_and_model or self.uri, self.serial_number)

    def is_another(self, reading: Reading) -> bool:
        """Whether what was read is another printer: addresses are given to whoever comes next."""
        for told in ("serial_number", "printer_uuid"):
            ours, read = getattr(self, told), getattr(reading, told)
            if ours and read:
                return bool(ours != read)
        return False

    def keep(self) -> None:
        """Keep it."""
        home.write(_path(PRINTERS, self.key), asdict(self))


@dataclass
class State:
    """How it goes with a printer's reports; times are seconds since 1970, 0 for never."""

    reported_at: float = 0
    refused_at: float = 0
    not_before: float = 0  # the service asked for it
    retry_at: float = 0  # nobody did, but it does not help to try sooner
    next_at: float = 0
    failures: int = 0
    low: list[str] = field(default_factory=list)
    display_message: str = ""
    problem: str = ""

    def keep(self, printer: Paired) -> None:
        """Keep it."""
        home.write(_path(STATES, printer.key), asdict(self))


def everything() -> list[Paired]:
    """All paired printers, in the order of pairing."""
    files = sorted(home.private_folder(PRINTERS).glob("*.json"))
    return sorted((Paired(**_known(Paired, home.load(file))) for file in files), key=lambda printer: printer.paired_at)


def state_of(printer: Paired) -> State:
    """What is known of its reports; nothing, where the disk has spoilt it: it can be learnt again."""
    try:
        return State(**_known(State, home.load(_path(STATES, printer.key)) or {}))
    except AgentError:
        return State()


def forget(printer: Paired) -> None:
    """Its token and all about it."""
    for place in (PRINTERS, STATES):
        with suppress(FileNotFoundError):
            _path(place, printer.key).unlink()


def _path(place: str, key: str) -> Path:
    return home.private_folder(place) / f"{key}.json"


def _known(kind: type, kept: Any) -> dict[str, Any]:
    """What another version of the helper kept besides is left alone."""
    names = {each.name for each in fields(kind)}
    if not isinstance(kept, dict):
        raise AgentError(f"A file in {home.folder()} is damaged: pair the printer again.")
    return {name: value for name, value in kept.items() if name in names}
