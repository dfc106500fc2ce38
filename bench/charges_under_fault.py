"""`python -m bench.charges_under_fault`: thousands of parcels packed at once while Stripe and the workers fail.

The service runs as in production (web server, Celery workers, clock) against the local stand-in for Stripe, whose proxy
makes a share of all calls and webhooks fail in every way it knows; workers are killed in the middle. When all is quiet
the books must agree to the cent: 1 if they do not, with what differs.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django
from django.utils.module_loading import import_string

from ars import embedded
from ars.demo.surroundings import free_port
from ars.standin.process import Handle, start
from bench import scratch
from bench.order_sweep import keep

SECRET = "whsec_bench"


@dataclass(frozen=True)
class Surroundings:
    """Where the run happens: the stand-in, our web server's port, the folder of the logs."""

    standin: Handle
    port: int
    home: Path


def main() -> int:
    """0 when every parcel was charged once or is held with a reason, and the books agree."""
    parser = argparse.ArgumentParser(prog="python -m bench.charges_under_fault", description=__doc__)
    parser.add_argument("--orders", type=int, default=2000, help="parcels packed at once (default: %(default)s)")
    parser.add_argument("--kills", type=int, default=3, help="workers killed in the middle (default: %(default)s)")
    parser.add_argument("--share", type=float, default=0.05, help="of each fault (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the dice (default: %(default)s)")
    parser.add_argument("--processes", type=int, default=4, help="that speak to Stripe (default: %(default)s)")
    parser.add_argument("--minutes", type=float, default=60, help="until we give up (default: %(default)s)")
    asked = parser.parse_args()
    with surroundings() as around:
        django.setup()
        run: Any = import_string("bench.storm.run")  # what reads the settings, and they exist only now
        found, problems = run(around, asked)
    keep("charges_under_fault", found)
    for name, value in found.items():
        print(f"{name.replace('_', ' '):<34} {value!s:>12}")
    for problem in problems:
        print(f"WRONG: {problem}")
    print(json.dumps({"cases": {"charges_under_fault": found}}))
    return 1 if problems else 0


@contextmanager
def surroundings() -> Iterator[Surroundings]:
    """A database of our own, a broker, the stand-in; this process's settings, once read, are for them."""
    with tempfile.TemporaryDirectory(prefix="ars-storm-") as home, _services(Path(home)):
        broker = os.environ["CELERY_BROKER_URL"]
        with scratch.database() as _:
            port = free_port()
            standin = start(webhook_url=f"http://localhost:{port}/webhooks/stripe", webhook_secret=SECRET)
            os.environ.update(
                STRIPE_API_BASE=standin.url,
                STRIPE_WEBHOOK_SECRET=SECRET,
                CELERY_BROKER_URL=broker,
                EMAIL_URL="dummymail://",
            )
            try:
                yield Surroundings(standin, port, Path(home))
            finally:
                standin.stop()


@contextmanager
def _services(home: Path) -> Iterator[None]:
    """PostgreSQL and Redis: those that were named, or our own."""
    if os.environ.get("DATABASE_URL") and os.environ.get("CELERY_BROKER_URL"):
        yield
        return
    with embedded.start(home / "services") as services:
        os.environ.update(services.environment)
        yield


if __name__ == "__main__":
    sys.exit(main())
