"""Which printer is meant, where none was named: the only one, or the one a person picks."""

from __future__ import annotations

import sys
from typing import Callable

from agent import address, discovery
from agent.address import Address
from agent.errors import AgentError, UsageError
from agent.paired import Paired


def chosen_printer(named: str | None, say: Callable[[str], None]) -> Address:
    """The address that was named, else that of the only printer there is, else of the one that is picked."""
    if named:
        return address.parse(named)
    say("Looking for printers ...")
    found = discovery.discover()
    if not found:
        raise AgentError(discovery.HELP.replace("ars-agent read", "ars-agent pair --server URL --printer"))
    if len(found) == 1:
        return address.parse(found[0].uri)
    for place, each in enumerate(found, 1):
        say(f"{place}. {each.make_and_model or each.name} at {each.address}")
    if not sys.stdin.isatty():
        raise UsageError(f"{len(found)} printers were found: say which with --printer {found[0].uri}.")
    return address.parse(found[_picked(len(found))].uri)


def _picked(count: int) -> int:
    try:
        told = input(f"Which one, 1 to {count}? ").strip()
    except EOFError:
        told = ""
    if not told.isdecimal() or not 1 <= int(told) <= count:
        raise UsageError(f"Say a number from 1 to {count}.")
    return int(told) - 1


def chosen_to_unpair(printers: list[Paired], named: str | None, *, everyone: bool) -> list[Paired]:
    """The one that was named, or the only one, or all; AgentError when there is none."""
    if not printers:
        raise AgentError("No printer is paired.")
    if everyone:
        return printers
    meant = [each for each in printers if named in (None, each.uri)]
    if len(meant) == 1:
        return meant
    known = ", ".join(each.uri for each in printers)
    raise UsageError(f"Say which printer with --printer, or --all: {known}.")
