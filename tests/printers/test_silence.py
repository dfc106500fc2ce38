"""Which silence it is, from what was heard last and from whom."""

from datetime import timedelta

import pytest

from printers import silence
from printers.models import Printer
from printers.silence import Silence
from tests.factories.printers import NOW, PrinterFactory, ReadingFactory, SlotFactory

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def printer(
    seen: timedelta | None, beat: timedelta | None = None, reason: str = "", age: timedelta = 30 * DAY
) -> Printer:
    """Last read and last heard of from its helper so long ago."""
    return Printer(
        created_at=NOW - age,
        seen_at=None if seen is None else NOW - seen,
        heartbeat_at=None if beat is None else NOW - beat,
        unreachable_reason=reason,
    )


@pytest.mark.parametrize(
    ("heard", "kind"),
    [
        (printer(HOUR), None),
        (printer(4 * DAY), None),
        (printer(HOUR, beat=timedelta(0), reason="asleep"), None),
        (printer(5 * DAY), Silence.HELPER_STOPPED),
        (printer(5 * DAY, beat=HOUR, reason="asleep"), Silence.PRINTER_OFF),
        (printer(5 * DAY, beat=HOUR), Silence.HELPER_STOPPED),
        (printer(5 * DAY, beat=2 * DAY, reason="no_answer"), Silence.HELPER_STOPPED),
        (printer(5 * DAY, beat=6 * DAY, reason="no_answer"), Silence.HELPER_STOPPED),
        (printer(None, age=HOUR), None),
        (printer(None, age=2 * DAY), Silence.NEVER_HEARD),
        (printer(None, beat=HOUR, reason="refused", age=2 * DAY), Silence.PRINTER_OFF),
        (printer(None, beat=2 * DAY, reason="refused", age=3 * DAY), Silence.NEVER_HEARD),
    ],
)
def test_silence_has_a_kind(heard: Printer, kind: Silence | None) -> None:
    assert silence.of(heard, NOW) == kind


def test_a_reading_is_newer_news_than_an_older_sign_of_life() -> None:
    assert silence.printer_is_off(printer(2 * HOUR, beat=HOUR, reason="asleep"), NOW)
    assert not silence.printer_is_off(printer(HOUR, beat=2 * HOUR, reason="asleep"), NOW)


def test_the_usual_gap_is_the_middle_pause_of_the_last_half_year(db: None) -> None:
    heard = PrinterFactory.create(seen_at=NOW)
    slot = SlotFactory.create(model=heard.model)
    for days in (0, 1, 4, 25, 300):
        for hours in (0, 1, 2):  # a day is one, however much was said on it
            ReadingFactory.create(printer=heard, slot=slot, observed_at=NOW - days * DAY - hours * HOUR)
    assert silence.usual_gap(heard) == 3 * DAY


def test_one_that_said_too_little_has_no_usual_gap(db: None) -> None:
    heard = PrinterFactory.create(seen_at=NOW)
    ReadingFactory.create(printer=heard, observed_at=NOW)
    assert silence.usual_gap(heard) == silence.usual_gap(PrinterFactory.create()) == timedelta()
