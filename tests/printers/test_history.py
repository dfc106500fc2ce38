"""The history pages read: a point a day, of the last half year, of the printers and the time that are asked for."""

from datetime import timedelta

import pytest

from printers import history
from printers.forecast import Point
from tests.factories.printers import NOW, PrinterFactory, ReadingFactory, SlotFactory

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LONG_AGO = NOW - 999 * DAY


def test_a_days_point_is_its_last_word_and_a_new_cartridge_beats_it() -> None:
    slot = SlotFactory.create()
    printer = PrinterFactory.create(model=slot.model)
    said = ((34, 20, False), (33, 18, False), (6, 99, True), (5, 98, False), (0, 90, False))
    for hours, level, new in said:
        at = NOW - hours * HOUR
        ReadingFactory.create(printer=printer, slot=slot, observed_at=at, level=level, replaced=new)
    (points,) = history.of({printer.pk: LONG_AGO}, NOW).values()
    assert points == [Point(NOW - 33 * HOUR, 18), Point(NOW - 6 * HOUR, 99, True)]


def test_it_reaches_back_half_a_year_or_to_the_moment_asked_for() -> None:
    first, second, other = ReadingFactory.create(), ReadingFactory.create(), ReadingFactory.create()
    for reading in (first, second, other):
        for days in (50, 150, 200):
            at = NOW - days * DAY
            ReadingFactory.create(printer=reading.printer, slot=reading.slot, observed_at=at)
    found = history.of({first.printer_id: LONG_AGO, second.printer_id: NOW - 60 * DAY}, NOW)
    assert {key: len(points) for key, points in found.items()} == {
        (first.printer_id, first.slot_id): 3,
        (second.printer_id, second.slot_id): 2,
    }


def test_one_slot_can_be_asked_for() -> None:
    reading = ReadingFactory.create()
    other = ReadingFactory.create(printer=reading.printer, slot=SlotFactory.create(model=reading.slot.model, code="C"))
    found = history.of({reading.printer_id: LONG_AGO}, NOW, other.slot_id)
    assert list(found) == [(reading.printer_id, other.slot_id)]


def test_for_no_printer_there_is_none() -> None:
    assert history.of({}, NOW) == {}
