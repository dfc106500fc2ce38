"""The play itself: prepares the database, starts every process, tells what happens, ends when asked to."""

import time
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from http.client import HTTPException
from urllib.request import urlopen

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from ars.celery import app
from ars.demo import cards, casting, credentials, setting
from ars.demo.commentary import Commentary
from ars.demo.door import LOOPBACK
from ars.demo.home import DemoError
from ars.demo.people import Cast
from ars.demo.processes import Processes
from ars.demo.stage import POLL_SECONDS, STRIPE, Stage, Stopped, say
from ars.demo.verdict import FirstOrder
from ars.supervisor import Child, Supervisor, tail

READY_SECONDS = 120.0
ONCE_AFTER = timedelta(minutes=3)
TELL_SECONDS = 0.3
PING_SECONDS = 0.5
ANSWER_SECONDS = 2.0
LAST_TRY_SECONDS = 3.0  # twice what Stripe's SDK waits in all before it gives up on a door that is shut


def play(stage: Stage) -> int:
    """The exit code. Whatever happens, every process has ended when it returns."""
    for note in stage.services.notes if stage.services else ():
        say("demo", note)
    with Supervisor(stage.note_restart) as supervisor:
        try:
            return Play(stage, supervisor).run()
        except Stopped:
            return _stopped(stage)
        finally:
            connection.close()


def _stopped(stage: Stage) -> int:
    """Ctrl-C is how the endless demo ends; the other one has not done what it was to do."""
    say("demo", "stopped")
    return int(stage.asked.once)


class Play:
    """One run, from the empty stage to its end."""

    def __init__(self, stage: Stage, supervisor: Supervisor) -> None:
        self._stage = stage
        self._supervisor = supervisor
        self._processes = Processes(stage.home, stage.asked.port, stage.environment)
        self._commentary = Commentary(stage.since)
        self._pids = stage.services.pids() if stage.services else {}
        self._stripe_forgot = False

    def run(self) -> int:
        """Until it is over."""
        self._supervisor.watch()
        if self._stage.door:
            self._start(self._processes.stripe(self._stage.door.inner_port))
        setting.prepare(self._stage)
        self._remind_stripe()
        self._start(self._processes.web(), self._processes.worker(), self._processes.outside(), self._processes.beat())
        cast = casting.gather(self._stage.keyring, timezone.now())
        self._wait_for("web", self._web_answers)
        self._wait_for("worker", self._worker_answers)
        self._open(cast)
        return self._follow(cast)

    def _open(self, cast: Cast) -> None:
        """Tell everybody how to get in, and let the outside world begin."""
        self._commentary.tell(everything=True)
        credentials.write_parts(self._stage, cast)
        credentials.write(self._stage, cast, self._pids)
        say("ready", f"{self._stage.base_url}  (Ctrl-C stops everything)")
        say("ready", f"customer {cast.customer['email']}  password {cast.customer['password']}")
        say("ready", f"staff    {cast.staff['email']}  password {cast.staff['password']}")
        say("ready", f"for programs: {self._stage.home.credentials}")
        if self._stage.asked.quiet:
            say("ready", "the simulated printers are quiet: nothing happens until someone posts")
            return
        self._start(*self._processes.simulators())
        credentials.write(self._stage, cast, self._pids)

    def _follow(self, cast: Cast) -> int:
        """Tell what happens until told to stop, or until the first order is at its door."""
        first_order = FirstOrder(self._stage.since)
        deadline = timezone.now() + ONCE_AFTER
        while True:
            self._pause(TELL_SECONDS)
            late = self._stage.asked.once and timezone.now() > deadline
            try:
                self._note_restarts(cast)
                self._commentary.tell()
                if self._stage.asked.once and first_order.is_done():
                    self._commentary.tell(everything=True)
                    say("done", "the first order is at its door")
                    return 0
                if late:
                    raise DemoError(f"After 3 minutes {first_order.what_is_missing(self._stage.home)}")
            except (OperationalError, InterfaceError) as error:
                connection.close()  # the database is being started again: go on when it is there
                if late:
                    raise DemoError(f"After 3 minutes the database does not answer: {error}") from error

    def _note_restarts(self, cast: Cast) -> None:
        """Who died was started again: say so, and give its new process id to whoever reads the credentials."""
        while not self._stage.restarts.empty():
            name, pid = self._stage.restarts.get()
            say("restarted", f"{name} was restarted (process {pid})")
            self._pids[name] = pid
            credentials.write(self._stage, cast, self._pids)
            self._stripe_forgot |= name == STRIPE
        if self._stripe_forgot:
            self._remind_stripe(LAST_TRY_SECONDS)
            self._stripe_forgot = False

    def _remind_stripe(self, quiet_seconds: float = 0) -> None:
        """Our stand-in keeps nothing but in memory; another one may have been started again, too.

        Who is asking it for something now names a card it has never seen, and would hear that there is none. The door
        stays shut for as long as they may try.
        """
        door = self._stage.door
        if door is None:
            if not cards.remind(timezone.now(), everybody=False):
                raise DemoError(f"{settings.STRIPE_API_BASE} does not keep the demo's cards: is Stripe there?")
            return
        now = timezone.now()
        self._wait_for(STRIPE, lambda: answers(door.health) and cards.remind(now, everybody=True))
        self._pause(quiet_seconds)
        door.open.set()

    def _start(self, *children: Child) -> None:
        for child in children:
            self._pids[child.name] = self._supervisor.start(child)

    def _web_answers(self) -> bool:
        return answers(f"http://{LOOPBACK}:{self._stage.asked.port}/healthz")

    def _worker_answers(self) -> bool:
        return bool(app.control.ping(timeout=PING_SECONDS))

    def _wait_for(self, name: str, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not ready():
            self._pause()
            if time.monotonic() > deadline:
                log = self._stage.home.log / f"{name}.log"
                told = tail(log) if log.exists() else ""
                raise DemoError(f"{name} is not ready after {READY_SECONDS:.0f} s; the end of {log}:\n{told}")

    def _pause(self, seconds: float = POLL_SECONDS) -> None:
        """Stopped when asked for, DemoError when a process dies again and again."""
        self._stage.pause(seconds)
        if self._supervisor.failure:
            raise DemoError(f"The demo cannot go on: {self._supervisor.failure}")


def answers(address: str) -> bool:
    """Whether somebody serves there."""
    try:
        with urlopen(address, timeout=ANSWER_SECONDS) as answer:
            return bool(answer.status == HTTPStatus.OK)
    except (OSError, HTTPException):
        return False
