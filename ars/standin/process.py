"""Starts the stand-in as a process of its own on a free port, steers its faults, and stops it."""

import json
import select
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 20
STOP_SECONDS = 5


@dataclass
class Handle:
    """A running stand-in; `url` is what `STRIPE_API_BASE` is set to."""

    url: str
    process: subprocess.Popen[str]

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()

    def flush(self) -> None:
        """As new: no objects, keys, faults, log or events; webhooks as at start."""
        self._ask("DELETE", "/_config/data")

    def fault(self, match: str, kind: str, **wish: object) -> None:
        """`fault("POST /v1/payment_intents/*/confirm", "lost_answer", times=2)`; see `faults.py`."""
        self._ask("POST", "/_fault", {"match": match, "kind": kind, **wish})

    def faults(self) -> list[dict[str, Any]]:
        """Those that are planned, with how often each was `seen` to match and `hits`."""
        planned: list[dict[str, Any]] = self._ask("GET", "/_fault")
        return planned

    def clear_faults(self) -> None:
        self._ask("DELETE", "/_fault")

    def requests(self, *, everything: bool = False) -> list[dict[str, Any]]:
        """What was executed, oldest first; or everything that arrived, replays and refusals too."""
        log: list[dict[str, Any]] = self._ask("GET", f"/_requests?all={str(everything).lower()}")
        return log

    def webhooks(self, **wish: object) -> dict[str, Any]:
        """Sets any of url, secret, paused, duplicate, reverse, skew, waits, or sends an event; tells how it stands."""
        state: dict[str, Any] = self._ask("POST", "/_webhooks", wish)
        return state

    def is_quiet(self) -> bool:
        """Whether nothing is being executed or delivered any more, for those included who wait no longer."""
        return not any(self._ask("GET", "/_running").values())

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        with urlopen(Request(self.url + path, data, method=method), timeout=10) as answer:
            return json.load(answer)


def start(port: int = 0, webhook_url: str | None = None, webhook_secret: str | None = None) -> Handle:
    """Returns once it serves; port 0 takes a free one. It ends with `stop()`, or when this process is gone."""
    command = [sys.executable, "-m", "ars.standin", "--port", str(port)]
    if webhook_url:
        command += ["--webhook-url", webhook_url, "--webhook-secret", webhook_secret or ""]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    handle = Handle(_ready_address(process), process)
    if not handle.url:
        handle.stop()
        raise RuntimeError("The Stripe stand-in did not start; its own message is on standard error.")
    return handle


def _ready_address(process: subprocess.Popen[str]) -> str:
    """The address of its ready line, empty when it gave none in time."""
    if not (process.stdout and select.select([process.stdout], [], [], START_SECONDS)[0]):
        return ""
    line: str = process.stdout.readline()
    return line.removeprefix("ready ").strip()
