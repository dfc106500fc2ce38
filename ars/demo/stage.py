"""What a run of the demo stands on: what was asked for, the home, the services, and the voice that tells of it."""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from queue import SimpleQueue
from threading import Event

from ars.demo.door import Door
from ars.demo.home import Home, Keyring
from ars.embedded import Services

POLL_SECONDS = 0.1
STRIPE = "stripe"  # the name of its process


class Stopped(Exception):
    """Somebody asked us to stop while we were waiting for something else."""


@dataclass(frozen=True)
class Options:
    """What the person at the terminal asked for."""

    once: bool
    quiet: bool
    fresh: bool
    port: int


@dataclass(frozen=True)
class Stage:
    """One run. `restarts` gets the name and new process id of whatever was started again."""

    asked: Options
    home: Home
    keyring: Keyring
    services: Services | None
    stop: Event
    restarts: SimpleQueue[tuple[str, int]]
    door: Door | None
    environment: Mapping[str, str]
    parent: int = field(default_factory=os.getppid)
    since: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def base_url(self) -> str:
        """Where the service is for people and printers."""
        return f"http://localhost:{self.asked.port}"

    def note_restart(self, name: str, pid: int) -> None:
        """Called at once by whoever started it again. A stand-in has forgotten everything: it gets no visitors yet."""
        if self.door and name == STRIPE:
            self.door.open.clear()
        self.restarts.put((name, pid))

    def pause(self, seconds: float) -> None:
        """Wait a little. Stopped when somebody asked for that, or killed the `make` that runs us."""
        if self.stop.wait(seconds) or ("MAKELEVEL" in self.environment and os.getppid() != self.parent):
            raise Stopped


def say(verb: str, text: str, at: datetime | None = None) -> None:
    """One line of the running commentary, in the time of this machine."""
    moment = (at or datetime.now(UTC)).astimezone()
    with suppress(OSError):  # the terminal is closed: we are about to be told to stop
        print(f"{moment:%H:%M:%S}  {verb:<10} {text}", flush=True)
