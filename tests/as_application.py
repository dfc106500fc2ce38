"""A pytest plugin: each test runs with the rights of the application's role alone, as `migrate` grants them.

    pytest -p tests.as_application tests/orders

Tests that commit are left out: what empties the tables after them is the owner's to do.
"""

import os
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connection
from pytest_django import DjangoDbBlocker

from ars import database_roles


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Only what rolls back."""
    commits = [item for item in items if any(mark.kwargs.get("transaction") for mark in item.iter_markers("django_db"))]
    config.hook.pytest_deselected(items=commits)
    items[:] = [item for item in items if item not in commits]


@pytest.fixture(scope="session")
def applications_role(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """Made for this run, and dropped after it."""
    name = f"ars_suite_{os.getpid()}"
    settings.DATABASE_APPLICATION_ROLE = name
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {name}")
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {name}")
        database_roles.install("default")
    yield name
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(f"DROP OWNED BY {name}")
        cursor.execute(f"DROP ROLE {name}")


@pytest.fixture(autouse=True)
def as_application(request: pytest.FixtureRequest) -> None:
    """Taking it on goes with the test's transaction."""
    if request.node.get_closest_marker("django_db") or "db" in request.fixturenames:
        role = request.getfixturevalue("applications_role")  # before the transaction
        request.getfixturevalue("db")
        with connection.cursor() as cursor:
            cursor.execute(f"SET ROLE {role}")
