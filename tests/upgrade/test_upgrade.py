"""The database of each release so far, upgraded to this one: every row is there, and the service goes on."""

import gzip
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils.module_loading import import_string

from ars import timetable
from enrollment.models import User
from orders.models import Order
from printers.models import Printer
from tests.deploy.test_intact import broken
from tests.factories import NOW
from tests.printers.device import Device
from tests.staff import with_second_factor
from tests.upgrade.before import CUSTOMER, STAFF, TOKEN

RELEASES = sorted(Path(__file__).parent.glob("*.sql.gz"))
Rows = dict[str, int]


def test_there_is_a_release_to_start_from() -> None:
    assert RELEASES


@pytest.fixture(params=RELEASES, ids=lambda path: path.name.removesuffix(".sql.gz"))
def upgraded(request: pytest.FixtureRequest, transactional_db: None) -> Iterator[Rows]:
    """Rows by table of the release before; this process's connection is to its database, after the upgrade."""
    name, ours = f"test_upgrade_{os.getpid()}", connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    try:
        _turn_to(name)
        with connection.cursor() as cursor:
            cursor.execute(gzip.decompress(request.param.read_bytes()).decode())
        _turn_to(name)  # a dump leaves settings of its own
        before = _rows()
        call_command("migrate", verbosity=0)
        yield before
    finally:
        _turn_to(ours)
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _turn_to(database: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = database


def _rows() -> Rows:
    """Of every table that a model of ours or of a package has, and that is there."""
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))
        tables = sorted(there & set(connection.introspection.django_table_names()))
        return {table: _count(table) for table in tables}


def _count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT count(*) FROM "{table}"')
        return int(cursor.fetchone()[0])


def test_every_row_is_kept_and_the_service_goes_on(upgraded: Rows) -> None:
    assert {table: rows for table, rows in _rows().items() if rows < upgraded.get(table, 0)} == {}
    assert broken() == set()
    for model in apps.get_models(include_auto_created=True):
        list(model._default_manager.all())  # each column that the code knows is there
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        _pages_open()
        _low_ink_is_ordered()
    assert broken() == set()


def _pages_open() -> None:
    """The customer's, and those of staff about her."""
    customer, staff = User.objects.get(email=CUSTOMER), User.objects.get(email=STAFF)
    order = Order.objects.get()
    for user, address in (
        (customer, "/account/"),
        (customer, f"/account/orders/{order.number}/"),
        (with_second_factor(staff), "/admin/"),
        (staff, f"/admin/enrollment/user/{customer.pk}/change/"),
        (staff, f"/admin/orders/order/{order.pk}/change/"),
    ):
        client = Client()
        client.force_login(user)
        assert client.get(address).status_code == 200, address


def _low_ink_is_ordered() -> None:
    """By the token that her printer has had since before, and by every sweep that asks nobody outside."""
    device = Device(Printer.objects.exclude(supplies={}).get(), TOKEN)
    answer = device.send({"slot": "C", "level": 5}, minute=60)
    assert answer.status_code == 202, answer.content
    for task in timetable.EVERY.keys() - timetable.ROUTES.keys():
        import_string(task)()
    assert Order.objects.filter(status=Order.Status.RELEASED, lines__slot__code="C").count() == 1
