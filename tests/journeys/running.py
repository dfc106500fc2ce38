"""A demo as a process of its own in a home of its own: started, read from, killed, and looked for afterwards."""

import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 240.0
END_SECONDS = 60
# What the test run itself was given: a demo of ours brings its own.
FOREIGN = {
    *("DATABASE_URL", "CELERY_BROKER_URL", "CACHE_URL", "EMAIL_URL", "SECRET_KEY", "ALLOWED_HOSTS", "SITE_URL"),
    *("STRIPE_API_BASE", "STRIPE_SECRET_KEY", "STRIPE_PUBLISHABLE_KEY", "STRIPE_WEBHOOK_SECRET", "ORDER_GRACE_HOURS"),
}

RUNS = itertools.count()

Json = dict[str, Any]


class Demo:
    """One run of `python -m ars.demo`."""

    def __init__(self, home: Path, *arguments: str, port: int | None = None) -> None:
        self.home = home
        self.port = port or free_port()
        self.started = time.time()
        self.output = home.with_name(f"{home.name}-{next(RUNS)}.out")  # another of the same home may still be talking
        inherited = {name: value for name, value in os.environ.items() if name not in FOREIGN}
        environment = inherited | {"ARS_HOME": str(home), "PORT": str(self.port)}
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ars.demo", *arguments],
                cwd=ROOT,
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        """Everything it has printed."""
        return self.output.read_text()

    @property
    def credentials(self) -> Json:
        """As they stand now: a process that was started again has another id."""
        credentials: Json = json.loads((self.home / "credentials.json").read_text())
        return credentials

    def is_ready(self) -> bool:
        """A demo that was killed has left its credentials: they are not ours."""
        file = self.home / "credentials.json"
        return file.exists() and file.stat().st_mtime >= self.started

    def wait_until_ready(self) -> "Demo":
        ended = eventually(lambda: self.is_ready() or self.process.poll() is not None, READY_SECONDS)
        assert ended, self.said
        assert self.is_ready(), self.said
        return self

    def wait(self, seconds: float) -> int:
        """Its exit code."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"it runs on after {seconds} s: {self.said}") from None

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """As Ctrl-C does; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.wait(END_SECONDS)

    def kill(self, name: str) -> int:
        """As kill -9 of one of its processes does; the id that is gone."""
        pid: int = self.credentials["pids"][name]
        os.kill(pid, signal.SIGKILL)
        return pid

    def leaves_nothing(self) -> bool:
        """Whether every process that knows this home has ended."""
        return eventually(lambda: not processes_of(self.home), 60)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def processes_of(home: Path) -> list[int]:
    """Every process that was told of this home, or of something in it, and lives."""
    mark = os.fsencode(home)
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and _knows(entry, mark)]


def _knows(process: Path, mark: bytes) -> bool:
    """Who has ended and waits to be buried has neither a command line nor an environment."""
    try:
        told = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
    except OSError:
        return False
    return mark in told and process.name != str(os.getpid())
