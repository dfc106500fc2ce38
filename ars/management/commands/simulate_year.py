"""`manage.py simulate_year`: a year of printers in a database of its own; fails when an order was missed or doubled."""

import secrets
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.utils import OperationalError
from django.test.utils import override_settings

from ars.simulation import year


class Command(BaseCommand):
    """Never touches the database the settings name: it makes one beside it, and drops that at the end."""

    help = "Play a year of printers against the real endpoint and sweeps, in a temporary database, and audit it."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--printers", type=int, default=100, help="how many (100)")
        parser.add_argument("--seed", type=int, default=1, help="the same seed plays the same year (1)")
        parser.add_argument("--days", type=int, default=year.DAYS, help="how many days (365)")

    def handle(self, *args: Any, printers: int, seed: int, days: int, **options: Any) -> None:
        began = time.monotonic()
        with scratch_database() as name, override_settings(DEBUG=False, TELEMETRY_REPORTS_PER_MINUTE=1_000_000):
            self.stdout.write(f"{printers} printers, {days} days, seed {seed}, in the temporary database {name}.")
            audit = year.run(printers, seed, self.stdout.write, days)
            good, report = audit.verdict()
        for line in report:
            self.stdout.write(line)
        self.stdout.write(f"{time.monotonic() - began:.0f} s.")
        if not good:
            raise CommandError("The year was not without fault.")


@contextmanager
def scratch_database() -> Iterator[str]:
    """An empty database of a random name on the server the settings name, gone afterwards; nobody else's is opened.

    Raises CommandError where the server does not answer or does not let us make one.
    """
    settings, name = dict(connection.settings_dict), f"ars_year_{secrets.token_hex(8)}"
    try:
        _on_server(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
    except OperationalError as error:
        raise CommandError(f"There is no PostgreSQL to make a temporary database on: {error}") from error
    try:
        connection.close()
        connection.settings_dict |= {"NAME": name, "CONN_HEALTH_CHECKS": False}
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
        connection.close()
        call_command("migrate", verbosity=0)
        yield name
    finally:
        connection.close()
        connection.settings_dict |= settings
        _on_server(f"DROP DATABASE {name} WITH (FORCE)")


def _on_server(statement: str) -> None:
    """Run a statement that is of no database, where every server has one."""
    connection.close()
    named = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = "postgres"
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = named
