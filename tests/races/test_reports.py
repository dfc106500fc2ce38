"""Reports of one printer that meet: what a report has looked at may be another's by the time it writes."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction

from printers import telemetry, tokens
from printers.models import Printer, Reading
from printers.reports import Report
from tests.factories.printers import NOW
from tests.printers.device import Device, make_device
from tests.races.threads import somebody_waits_for_us
from tests.waiting import eventually

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOW + timedelta(hours=2)


@pytest.fixture
def device() -> Device:
    """Seen an hour ago with 90 %, so that a report of less is an ordinary one."""
    device = make_device("C")
    hear(device, 90, minute=0)
    return device


def hear(device: Device, level: int, minute: int) -> None:
    report = Report(f"m-{minute}", NOW + timedelta(minutes=minute), False, [{"slot": "C", "level": level}])
    assert telemetry.ingest(report, tokens.digest(device.token), LATER) is not None


def meet(device: Device, first: tuple[int, int], second: tuple[int, int]) -> None:
    """The second (level, minute) has looked and is about to write while the first is written."""

    def late() -> None:
        hear(device, *second)
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            hear(device, *first)
            ended = pool.submit(late)
            assert eventually(somebody_waits_for_us)
        ended.result(timeout=60)


def known(device: Device) -> tuple[int, int]:
    """The level that is the printer's state, and the minute it is of."""
    state = Printer.objects.get(pk=device.printer.pk).supplies["C"]
    times = Reading.objects.filter(level=state["level"]).values_list("observed_at", flat=True)
    return state["level"], (times[0] - NOW) // timedelta(minutes=1)


@pytest.mark.parametrize(("first", "second"), [((80, 10), (70, 20)), ((70, 20), (80, 10))])
def test_the_later_one_is_the_state_and_both_are_history(
    device: Device, first: tuple[int, int], second: tuple[int, int]
) -> None:
    meet(device, first, second)
    assert known(device) == (70, 20)
    assert set(Reading.objects.values_list("level", flat=True)) == {70, 80, 90}


def test_control_writing_what_was_looked_at_goes_back_in_time(device: Device) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('printers_ingest'::regproc)")
        right: str = cursor.fetchone()[0]
        cursor.execute(right.replace("AND supplies = printer.supplies", ""))
        try:
            meet(device, (70, 20), (80, 10))
        finally:
            cursor.execute(right)  # the database is other tests' too
    assert known(device) == (80, 10)
