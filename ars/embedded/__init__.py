"""PostgreSQL and Redis that come with pip: started when nothing else was named, gone when nobody uses them.

Imports nothing of Django, so that it can run before the settings are read.
"""

import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from ars.embedded import broker, postgres
from ars.embedded.broker import Broker, transport_options
from ars.embedded.home import EmbeddedError, Home, Lease, close_sockets, one_at_a_time, open_sockets, prepare
from ars.supervisor import Supervisor

__all__ = ["EmbeddedError", "Services", "start", "transport_options"]

OTHERS_SECONDS = 15.0  # how long another process may take to bring its database up again
ORPHANS_SECONDS = 3.0  # how long a reaper may take to end what nobody uses
POLL_SECONDS = 0.05


class Services:
    """Running services of a home. They live until the last process that uses them stops or dies."""

    def __init__(self, home: Home, lease: Lease, found: Broker, supervisor: Supervisor | None) -> None:
        self.database_url = postgres.url(home)
        self.broker_url = found.broker_url
        self.cache_url = found.cache_url
        self.notes: tuple[str, ...] = (f"Database: PostgreSQL in {home.data}.", found.note)
        self._home = home
        self._lease = lease
        self._supervisor = supervisor

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def environment(self) -> dict[str, str]:
        """The variables that tell the settings of these services."""
        return {
            "DATABASE_URL": self.database_url,
            "CELERY_BROKER_URL": self.broker_url,
            "CACHE_URL": self.cache_url,
        }

    def pids(self) -> dict[str, int]:
        """The process ids of the servers that run now, by name."""
        found = {postgres.NAME: postgres.pid(self._home), broker.NAME: broker.pid(self._home)}
        return {name: pid for name, pid in found.items() if pid is not None}

    def stop(self) -> None:
        """Use the services no longer; they end here if nobody else uses them, else with their last user."""
        if self._lease.ended:
            return
        if self._supervisor is not None:
            if self._lease.take_alone():
                self._supervisor.stop()
                close_sockets(self._home)
            else:
                self._supervisor.abandon()
        self._lease.end()


def start(
    home: Path,
    *,
    durable: bool = True,
    on_restart: Callable[[str, int], None] | None = None,
) -> Services:
    """Start the services of a home, or use those that another process has started there.

    `durable=False` survives kills but no power cut: for tests. A server of ours that dies is started again and
    `on_restart(name, pid)` is called. Raises EmbeddedError with one sentence for the person at the terminal.
    """
    postgres.binaries()
    place = prepare(home)
    with one_at_a_time(place):
        lease = Lease(place)
        try:
            if _join(place, lease):
                return Services(place, lease, broker.find(place), None)
            return _bring_up(place, lease, durable=durable, on_restart=on_restart)
        except BaseException:
            lease.end()
            raise


def _join(home: Home, lease: Lease) -> bool:
    """Share what runs; False, with the share in hand, when nothing does."""
    began = time.monotonic()
    while (waited := time.monotonic() - began) < OTHERS_SECONDS:
        if lease.take_alone():
            if waited > ORPHANS_SECONDS:  # nobody uses them, and their reaper was killed too
                postgres.end(home)
                broker.end(home)
            if not _anything_runs(home):
                lease.share()
                return False
            lease.give_back()  # their reaper waits for this
        else:
            lease.share()
            if postgres.answers(home):
                return True
        time.sleep(POLL_SECONDS)
    raise EmbeddedError(f"Another process uses {home.root} but its database does not answer: end it and try again.")


def _bring_up(home: Home, lease: Lease, *, durable: bool, on_restart: Callable[[str, int], None] | None) -> Services:
    supervisor = Supervisor(on_restart or (lambda name, pid: None), lock=home.lease)
    try:
        open_sockets(home)
        postgres.start(home, supervisor, durable=durable)
        found = broker.start(home, supervisor)
    except BaseException:
        supervisor.stop()
        raise
    supervisor.watch()
    return Services(home, lease, found, supervisor)


def _anything_runs(home: Home) -> bool:
    return postgres.pid(home) is not None or broker.answers(home)
