"""The house: everything of ours that runs, each process by name: services, web servers, workers, and the clock of all.

Whoever dies is started again, as an init system would. A process can be killed or be told a wrong time; Redis can be
away for a while.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import redis

from ars.demo.surroundings import free_port
from ars.embedded import broker, postgres
from ars.embedded.home import Home, close_sockets, open_sockets, prepare
from ars.standin.process import Handle
from ars.standin.process import start as start_standin
from ars.supervisor import Child, Supervisor
from bench.chaos.plan import BEAT, REDIS, WEBS, WORKERS
from bench.driving import group
from bench.scratch import ENVIRONMENT

SECRET = "whsec_chaos"
FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")  # Debian's package libfaketime
FAKED = Path(__file__).parent / "faked"


@dataclass(frozen=True)
class Wishes:
    """How the house is run.

    `bug`: one of bench.chaos.planted, in the workers. `broker_url`: another broker than its own Redis. Without `clocks`
    none can be wrong.
    """

    bug: str = ""
    broker_url: str = ""
    workers: Mapping[str, str] = field(default_factory=lambda: dict(WORKERS))  # and their queues
    processes: int = 2  # of each worker
    clocks: bool = FAKETIME.exists()
    durable: bool = True


class House:
    """Running processes by name; `environment` is what each finds in its own, but for its clock."""

    def __init__(self, home: Home, wishes: Wishes, supervisor: Supervisor, standin: Handle, mail_port: int) -> None:
        self.home, self.standin = home, standin
        self.ports = dict(zip(WEBS, (free_port() for _ in WEBS), strict=True))
        self._wishes, self._supervisor = wishes, supervisor
        self.environment = self._environment(mail_port)
        standin.webhooks(url=f"http://localhost:{self.ports[WEBS[0]]}/webhooks/stripe", secret=SECRET)

    @property
    def database_url(self) -> str:
        return postgres.url(self.home)

    @property
    def failure(self) -> str | None:
        """What keeps dying, in a sentence."""
        return self._supervisor.failure

    def start(self) -> None:
        """The processes of production."""
        for child in [*map(self._web, WEBS), *map(self._worker, self._wishes.workers), self._beat()]:
            self._supervisor.start(child)
        self._supervisor.watch()

    def run(self, module: str, *arguments: str) -> None:
        """A program of ours to its end, in the house's environment."""
        subprocess.run([sys.executable, "-m", module, *arguments], env=self.environment, check=True)

    def pids(self) -> dict[str, int]:
        return self._supervisor.pids()

    def kill(self, name: str, part: int | None = None) -> bool:
        """With all its processes, as a machine that loses its power, or one of them; False when it does not run."""
        leader = self.pids().get(name)
        if leader is None:
            return False
        with suppress(ProcessLookupError):
            if part is None:
                os.killpg(leader, signal.SIGKILL)
            else:
                every = sorted(group(leader))
                os.kill(every[part % len(every)] if every else leader, signal.SIGKILL)
            return True
        return False

    def signal(self, name: str, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pids()[name], number)

    def take_redis_away(self) -> None:
        if REDIS in self.pids():
            self._supervisor.dismiss(REDIS)

    def bring_redis_back(self) -> None:
        if REDIS not in self.pids():
            broker.start(self.home, self._supervisor)

    def flush_redis(self) -> None:
        """Whatever it held is forgotten; where it is away there is nothing to forget."""
        with suppress(redis.ConnectionError):
            redis.Redis(unix_socket_path=str(broker.socket_path(self.home))).flushall()

    def step_clock(self, name: str, seconds: int) -> None:
        """Its processes see another time within a second."""
        self._clock(name).write_text(f"{seconds:+d}\n")

    def _environment(self, mail_port: int) -> dict[str, str]:
        services = broker.find(self.home)
        return {
            **os.environ,
            **ENVIRONMENT,
            "DATABASE_URL": self.database_url,
            "CELERY_BROKER_URL": self._wishes.broker_url or services.broker_url,
            "CACHE_URL": services.cache_url,
            "SITE_URL": f"http://localhost:{self.ports[WEBS[0]]}",
            "STRIPE_API_BASE": self.standin.url,
            "STRIPE_WEBHOOK_SECRET": SECRET,
            "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
            "LOG_LEVEL": "INFO",
            "PYTHONUNBUFFERED": "1",
        }

    def _web(self, name: str) -> Child:
        options = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(self.ports[name]), "--workers", "1"]
        options += ["--blocking-threads", "4", "--respawn-failed-workers", "--no-ws", "--log-level", "warning"]
        return self._child(name, "granian", *options, "ars.wsgi:application")

    def _worker(self, name: str) -> Child:
        words = [
            "--app",
            "ars.celery",
            "--quiet",
            "worker",
            "--loglevel",
            "INFO",
            "--queues",
            self._wishes.workers[name],
        ]
        words += ["--concurrency", str(self._wishes.processes), "--hostname", f"{name}@%h"]
        if self._wishes.bug:
            return self._child(name, "bench.chaos.planted", self._wishes.bug, *words)
        return self._child(name, "celery", *words)

    def _beat(self) -> Child:
        place = str(self.home.root / "beat")
        words = ["--app", "ars.celery", "--quiet", "beat", "--schedule", place, "--pidfile", "", "--loglevel", "INFO"]
        return self._child(BEAT, "celery", *words)

    def _child(self, name: str, module: str, *words: str) -> Child:
        environment = {**self.environment, **self._own_time(name)}
        return Child(name, [sys.executable, "-m", module, *words], environment, self.home.log / f"{name}.log")

    def _own_time(self, name: str) -> Mapping[str, str]:
        if not self._wishes.clocks:
            return {}
        self.step_clock(name, 0)
        return {
            "LD_PRELOAD": str(FAKETIME),
            "FAKETIME_TIMESTAMP_FILE": str(self._clock(name)),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",  # waits are no dates
            "PYTHONPATH": os.pathsep.join([str(FAKED), os.environ.get("PYTHONPATH", "")]).strip(os.pathsep),
        }

    def _clock(self, name: str) -> Path:
        return self.home.root / f"{name}.clock"


@contextmanager
def standing(root: Path, wishes: Wishes, mail_port: int) -> Iterator[House]:
    """The services and the stand-in, for as long as they are needed; the processes follow by `start()`."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # as by Ctrl-C: nothing is left behind
    home = prepare(root)
    open_sockets(home)
    standin = start_standin()
    try:
        with Supervisor() as supervisor:
            postgres.start(home, supervisor, durable=wishes.durable)
            broker.start(home, supervisor)
            yield House(home, wishes, supervisor, standin, mail_port)
    finally:
        standin.stop()
        close_sockets(home)
