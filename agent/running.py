"""Runs: every paired printer in its turn, once or for as long as the computer is on."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from agent import home, paired
from agent.errors import AgentError
from agent.turn import Outside, Turn

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

LOOK_EVERY = 15 * 60.0  # seconds: how soon a cartridge that has just become low is noticed
NAP = 30.0  # a computer that slept is not relied on to count
LOCK = "running"


def once(outside: Outside) -> bool:
    """One turn for each printer; whether all went well. AgentError when none is paired."""
    printers = paired.everything()
    if not printers:
        raise AgentError("No printer is paired: run ars-agent pair first.")
    with _alone():
        went_well = [take_turn(printer, outside, now_or_never=True) for printer in printers]
    return all(went_well)


def until_stopped(outside: Outside) -> None:
    """Turns for ever; ends when the user or the system says so."""
    signal.signal(signal.SIGTERM, _stop)
    if not paired.everything():
        raise AgentError("No printer is paired: run ars-agent pair first.")
    looked: dict[str, float] = {}
    with _alone():
        while True:
            for printer in paired.everything():
                if _is_due(printer, looked.get(printer.key, 0.0)):
                    looked[printer.key] = time.time()
                    take_turn(printer, outside)
            time.sleep(_pause(looked))


def take_turn(printer: paired.Paired, outside: Outside, *, now_or_never: bool = False) -> bool:
    """Whether it went well; one printer's damaged file or a full disk is no other printer's trouble."""
    try:
        return Turn(printer, outside, now_or_never=now_or_never).take()
    except AgentError as error:
        outside.complain(str(error))
        return False


def _is_due(printer: paired.Paired, looked_at: float) -> bool:
    """Time to look again, to report, or to try once more; a clock that was set back makes it so too."""
    now, state = time.time(), paired.state_of(printer)
    if not looked_at <= now < looked_at + LOOK_EVERY:
        return True
    moments = (state.next_at, state.not_before, state.retry_at)
    return any(looked_at < moment <= now for moment in moments)


def _pause(looked: dict[str, float]) -> float:
    """Until the next moment anything is due, in naps."""
    now = time.time()
    moments = [at + LOOK_EVERY for at in looked.values()]
    for printer in paired.everything():
        state = paired.state_of(printer)
        moments += [moment for moment in (state.next_at, state.not_before, state.retry_at) if moment > now]
    return min(max(min(moments, default=now + NAP) - now, 0.2), NAP)


@contextmanager
def _alone() -> Iterator[None]:
    """AgentError when another one runs: the two would send everything twice."""
    path = home.private_folder() / LOCK
    with path.open("a") as file:
        try:
            _lock(file.fileno())
        except OSError as error:
            raise AgentError("Another ars-agent is running already.") from error
        yield


def _lock(number: int) -> None:
    """Until the process ends, however it ends."""
    if sys.platform == "win32":
        msvcrt.locking(number, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
