"""A database of our own on the server that DATABASE_URL names, or on one of our own: made empty, dropped at the end."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django
import psycopg2
from django.utils.module_loading import import_string

from ars import embedded

# As in production but for the outside: no debugging, and a broker that takes every nudge and wakes nobody.
ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "ars.settings",
    "DEBUG": "0",
    "SECRET_KEY": "for-measurements-only",
    "ALLOWED_HOSTS": "localhost,127.0.0.1",
    "SITE_URL": "http://localhost",
    "STRIPE_SECRET_KEY": "sk_test_bench",
    "STRIPE_PUBLISHABLE_KEY": "pk_test_bench",
    "STRIPE_WEBHOOK_SECRET": "whsec_bench",
    "STRIPE_API_BASE": "http://localhost:9",
    "CELERY_BROKER_URL": "memory://",
    "LOG_LEVEL": "CRITICAL",
}


@contextmanager
def database() -> Iterator[str]:
    """The URL of an empty database; this process's settings, once read, are for it."""
    with _server() as server:
        name = f"ars_bench_{os.getpid()}"
        _execute(server, f"CREATE DATABASE {name}")
        try:
            url = urlsplit(server)._replace(path=f"/{name}").geturl()
            os.environ.update(ENVIRONMENT, DATABASE_URL=url)
            yield url
        finally:
            _execute(server, f"DROP DATABASE {name} WITH (FORCE)")


def measure(case: str, *asked: Any, **more: Any) -> Any:
    """What the function at `bench.module.name` finds on such a database: the settings it reads exist only then."""
    with database():
        django.setup()
        return import_string(case)(*asked, **more)


@contextmanager
def _server() -> Iterator[str]:
    if named := os.environ.get("DATABASE_URL"):
        yield named
        return
    with tempfile.TemporaryDirectory(prefix="ars-bench-") as home, embedded.start(Path(home)) as services:
        yield services.database_url


def _execute(server: str, statement: str) -> None:
    connection = psycopg2.connect(server)
    connection.autocommit = True  # neither statement may stand in a transaction
    try:
        connection.cursor().execute(statement)
    finally:
        connection.close()
