"""The demo's processes: how each is started. Whoever dies is started again by the supervisor."""

import sys
from collections.abc import Mapping

from ars.demo.door import LOOPBACK
from ars.demo.home import Home
from ars.demo.stage import STRIPE
from ars.supervisor import Child

SIMULATORS = ("warehouse", "carrier", "fleet")


class Processes:
    """Makes the children, all with the same environment and each with its own log."""

    def __init__(self, home: Home, port: int, environment: Mapping[str, str]) -> None:
        self._home = home
        self._port = port
        self._environment = environment

    def stripe(self, port: int) -> Child:
        """Stripe's stand-in, behind its door."""
        webhook_url = f"http://{LOOPBACK}:{self._port}/webhooks/stripe"
        secret = self._environment["STRIPE_WEBHOOK_SECRET"]
        options = {"--port": str(port), "--webhook-url": webhook_url, "--webhook-secret": secret}
        return self._module(STRIPE, "ars.standin", *(word for option in options.items() for word in option))

    def web(self) -> Child:
        """The web server."""
        options = {
            "--interface": "wsgi",
            "--host": LOOPBACK,
            "--port": str(self._port),
            "--workers": "2",
            "--blocking-threads": "4",
            "--workers-kill-timeout": "5",
        }
        words = [word for option in options.items() for word in option]
        return self._module("web", "granian", *words, "--respawn-failed-workers", "--no-ws", "ars.wsgi:application")

    def worker(self) -> Child:
        """Celery's worker for what is ours to decide."""
        return self._worker("worker", "celery")

    def outside(self) -> Child:
        """Celery's worker for what waits for Stripe and the mail server."""
        return self._worker("outside", "outside")

    def beat(self) -> Child:
        """Celery's clock."""
        return self._celery("beat", "beat", "--schedule", str(self._home.root / "beat-schedule"), "--pidfile", "")

    def simulators(self) -> list[Child]:
        """The world outside: it knows addresses and keys, and nothing of ours."""
        parts = str(self._home.parts)
        return [self._module(name, f"ars.demo.{name}", parts) for name in SIMULATORS]

    def _worker(self, name: str, queue: str) -> Child:
        """What it would ask of other workers at its start it does not ask: it starts faster."""
        silent = ("--without-gossip", "--without-mingle", "--without-heartbeat")
        pool = ("--pool", "prefork", "--concurrency", "2", "--queues", queue, "--hostname", f"{name}@%h")
        return self._celery(name, "worker", *pool, *silent)

    def _celery(self, name: str, command: str, *options: str) -> Child:
        level = self._environment["LOG_LEVEL"]
        return self._module(name, "celery", "--app", "ars.celery", "--quiet", command, *options, "--loglevel", level)

    def _module(self, name: str, module: str, *arguments: str) -> Child:
        log = self._home.log / f"{name}.log"
        return Child(name, [sys.executable, "-m", module, *arguments], self._environment, log)
