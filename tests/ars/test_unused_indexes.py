"""`manage.py unused_indexes` names what nobody reads, and nothing else."""

from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

pytestmark = pytest.mark.django_db(transaction=True)  # what was read is counted when it is committed


def told() -> str:
    out = StringIO()
    call_command("unused_indexes", stdout=out)
    return out.getvalue()


@pytest.fixture(autouse=True)
def shelf(transactional_db: None) -> Iterator[None]:
    """A table whose indexes on `sku` and `note` are not unique."""
    run("CREATE TABLE shelf (id bigint PRIMARY KEY, place int UNIQUE, sku int, note text)")
    run("CREATE INDEX shelf_sku ON shelf (sku)")
    run("CREATE INDEX shelf_note ON shelf (note)")
    yield
    run("DROP TABLE shelf")


def run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def test_an_index_that_nobody_reads_is_named_with_its_size() -> None:
    report = told()
    assert "8192 bytes  shelf                            shelf_note" in report
    assert "shelf_sku" in report
    assert "Never read since " in report


def test_one_that_is_read_is_not() -> None:
    run("SET enable_seqscan = off", "SELECT FROM shelf WHERE sku = 7", "RESET enable_seqscan")
    run("SELECT pg_stat_force_next_flush()")
    report = told()
    assert ("shelf_note" in report, "shelf_sku" in report) == (True, False)


def test_what_keeps_rows_apart_is_not_named_read_or_not() -> None:
    assert not {"shelf_pkey", "shelf_place_key"} & set(told().split())
