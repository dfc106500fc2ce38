"""After a test that commits the database is as `migrate` left it."""

import threading

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import IntegrityError, connection, transaction

from ars.roles import ROLES
from enrollment.models import User
from orders.models import Order
from printers.models import Reading
from tests import emptying
from tests.emptying import Emptying
from tests.factories.orders import OrderFactory
from tests.factories.printers import ReadingFactory, SeriesFactory
from tests.waiting import eventually

pytestmark = pytest.mark.django_db(transaction=True)


def rows() -> dict[str, int]:
    """How many there are, by table."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        cursor.execute(" UNION ALL ".join(f"SELECT '{table}', count(*) FROM {table}" for table in tables))
        return dict(cursor.fetchall())


@pytest.mark.parametrize("large", [emptying.LARGE, -1])
def test_what_was_written_is_gone(monkeypatch: pytest.MonkeyPatch, large: int) -> None:
    """In whatever table: one that others refer to, one in months, one that nobody may empty."""
    monkeypatch.setattr(emptying, "LARGE", large)
    empty, before = Emptying(), rows()
    order = OrderFactory.create()
    reading = ReadingFactory.create()
    assert rows() != before
    empty()
    assert rows() == before
    assert Order.objects.count() == Reading.objects.count() == 0
    assert OrderFactory.create().pk > order.pk  # no number is given twice
    assert ReadingFactory.create().printer_id > reading.printer_id


def test_the_database_refuses_afterwards_what_it_refused_before() -> None:
    empty = Emptying()
    order = OrderFactory.create()
    empty()
    with pytest.raises(IntegrityError), transaction.atomic():
        Order.objects.bulk_create([order])  # whose plan is gone


def test_what_migrate_wrote_stays_or_is_written_again() -> None:
    empty = Emptying()
    group = Group.objects.get(name="Support")
    empty()
    assert Group.objects.get(name="Support") == group
    group.permissions.clear()
    Group.objects.create(name="Guests")
    empty()
    assert {group.name for group in Group.objects.all()} == ROLES.keys()
    assert Group.objects.get(name="Support").permissions.exists()
    user = User.objects.create_user("ana@example.com", "correct horse")
    user.user_permissions.add(Permission.objects.get(codename="view_order"))
    empty()
    assert not User.objects.exists()
    assert Permission.objects.filter(codename="view_order").exists()


def test_a_thread_that_still_writes_is_waited_for() -> None:
    empty, written, goes_on = Emptying(), threading.Event(), threading.Event()

    def write() -> None:
        with transaction.atomic():
            SeriesFactory.create()
            written.set()
            goes_on.wait(60)
        connection.close()

    def empty_it() -> None:
        empty()
        connection.close()

    writer, emptier = threading.Thread(target=write), threading.Thread(target=empty_it)
    before = rows()
    writer.start()
    assert written.wait(60)
    emptier.start()
    assert eventually(somebody_waits)
    goes_on.set()
    writer.join()
    emptier.join()
    assert rows() == before


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted AND relation IS NOT NULL")
        return cursor.fetchone() is not None
