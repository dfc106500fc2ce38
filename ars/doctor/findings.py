"""What the doctor finds, and how it looks: each check for a bounded time, none of them in another's way."""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from ars.watch.scrubbing import clean

log = logging.getLogger(__name__)

SECONDS = 20.0  # for one check; whatever it asks is asked with less patience than that
Level = Literal["ok", "note", "trouble"]


@dataclass(frozen=True)
class Finding:
    """A sentence on how something is, and one on what to do. A note is no trouble: it may be meant so."""

    level: Level
    says: str
    do: str = ""


def ok(says: str) -> Finding:
    """As it should be."""
    return Finding("ok", says)


def note(says: str, do: str) -> Finding:
    """Worth knowing."""
    return Finding("note", says, do)


def trouble(says: str, do: str) -> Finding:
    """To be mended."""
    return Finding("trouble", says, do)


@dataclass(frozen=True)
class Check:
    """A part of the installation.

    `apart`: it may hang in a name look-up, so it runs in a thread that can be left. `needs` names a check before it
    without which there is nothing to look at.
    """

    name: str
    look: Callable[[], Iterator[Finding]]
    apart: bool = False
    needs: str = ""


@dataclass(frozen=True)
class Found:
    """One finding of one check; without anything that nobody is to read."""

    check: str
    level: Level
    says: str
    do: str


def examine(checks: Iterable[Check], seconds: float = SECONDS) -> Iterator[Found]:
    """What each finds, in order. One that begins with trouble leaves those that need it nothing to look at."""
    barred: set[str] = set()
    for check in checks:
        if check.needs in barred:
            barred.add(check.name)
            continue
        findings = _apart(check, seconds) if check.apart else _look(check)
        if findings and findings[0].level == "trouble":
            barred.add(check.name)
        for finding in findings:
            yield Found(check.name, finding.level, clean(finding.says), clean(finding.do))


def _look(check: Check) -> list[Finding]:
    found: list[Finding] = []
    try:
        found.extend(check.look())
    except Exception as error:  # one that cannot look must not keep the others from it
        log.debug("%s cannot look", check.name, exc_info=True)
        found.append(
            trouble(
                f"This could not be looked at: {type(error).__name__}: {first_line(error)}",
                "Mend what is told above first; if nothing is, run it again with LOG_LEVEL=DEBUG.",
            )
        )
    return found


def _apart(check: Check, seconds: float) -> list[Finding]:
    found: list[Finding] = []
    thread = threading.Thread(target=lambda: found.extend(_look(check)), daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        return [
            trouble(
                f"There was no answer within {seconds:.0f} seconds, not even a refusal.",
                "Look at the network and the name service: does the host's name resolve, does a firewall swallow it?",
            )
        ]
    return found


def first_line(error: BaseException) -> str:
    """What an error says, without what follows."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
