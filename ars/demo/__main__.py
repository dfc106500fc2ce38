"""`python -m ars.demo`: checks what can be checked at once, starts the services, and hands over to the play."""

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from queue import SimpleQueue
from threading import Event
from typing import Any

import django
from django.utils.module_loading import import_string

from ars.demo import surroundings
from ars.demo.home import DemoError, Home, Keyring, opened
from ars.demo.stage import Options, Stage
from ars.embedded import EmbeddedError
from ars.supervisor import asked_to_stop


def options(arguments: Sequence[str] | None = None) -> Options:
    """What was asked for, on the command line and in the environment."""
    parser = argparse.ArgumentParser(prog="python -m ars.demo", description="The whole service on this machine.")
    parser.add_argument("--once", action="store_true", help="end when the first order is delivered and mailed about")
    parser.add_argument("--quiet-printers", action="store_true", help="no simulated printers, warehouse and carrier")
    parser.add_argument("--fresh", action="store_true", help="throw the demo's data away and start over")
    asked = parser.parse_args(arguments)
    if asked.once and asked.quiet_printers:
        parser.error("--once waits for an order, and with --quiet-printers nobody places one: choose one of them")
    return Options(asked.once, asked.quiet_printers, asked.fresh, _port(os.environ.get("PORT") or "8000"))


def _port(word: str) -> int:
    if not (word.isascii() and word.isdigit() and 1 <= int(word) <= 65535):
        raise DemoError(f"PORT={word} is no port: choose a number from 1 to 65535.")
    return int(word)


def run(asked: Options, home: Home, stop: Event) -> int:
    """The exit code of a demo in this home."""
    surroundings.check_port(asked.port, home)
    keyring = Keyring(home)
    restarts: SimpleQueue[tuple[str, int]] = SimpleQueue()
    with (
        surroundings.services(home, lambda name, pid: restarts.put((name, pid))) as services,
        surroundings.own_stripe() as door,
    ):
        found = services.environment if services else {}
        if door:
            found["STRIPE_API_BASE"] = door.address
        os.environ.update(surroundings.environment(home, keyring, asked.port, found))
        stage = Stage(asked, home, keyring, services, stop, restarts, door, dict(os.environ))
        if door:
            os.environ["STRIPE_API_BASE"] = door.inner_address  # we tell the stand-in its cards behind the shut door
        django.setup()
        # This terminal is for the commentary.
        logging.getLogger().handlers[:] = [logging.FileHandler(home.log / "demo.log", delay=True)]
        # What follows reads the settings when it is imported, and they exist only from here on.
        play: Any = import_string("ars.demo.play.play")
        return int(play(stage))


def main() -> int:
    """0 for a demo that ended as it should, 1 with one sentence for one that could not."""
    try:
        asked = options()
        root = Path(os.environ.get("ARS_HOME") or surroundings.ROOT / ".demo")
        with asked_to_stop() as stop, opened(root, fresh=asked.fresh) as home:
            return run(asked, home, stop)
    except (DemoError, EmbeddedError) as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
