#!/usr/bin/env python
"""Django's command line; without DATABASE_URL it brings PostgreSQL and Redis along for the life of the command."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from ars import embedded
from ars.environment import is_set

NEED_NO_SERVICES = {"help", "--help", "-h", "version", "--version"}


@contextmanager
def services(arguments: list[str]) -> Iterator[None]:
    """Name the embedded services in the environment, unless a database is named there already."""
    if is_set("DATABASE_URL") or not arguments or not NEED_NO_SERVICES.isdisjoint(arguments):
        yield
        return
    home = Path(os.environ.get("ARS_HOME", Path(__file__).resolve().parent / ".demo"))
    with embedded.start(home) as found:
        os.environ.update({name: url for name, url in found.environment.items() if not is_set(name)})
        yield


def main() -> None:
    """Run one management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ars.settings")
    try:
        with services(sys.argv[1:]):
            execute_from_command_line(sys.argv)
    except (embedded.EmbeddedError, ImproperlyConfigured) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
