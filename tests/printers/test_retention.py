"""Old history goes: whole months when they are too old, and before that all but the last word of a supply and day."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from pytest_django import Settings

from printers import history, retention, silence
from printers.forecast import Forecast, forecast
from printers.models import LowSignal, Printer, Reading, Slot, Thinning
from printers.tasks import keep_history, make_partitions
from tests.factories.printers import NOW, LowSignalFactory, PrinterFactory, ReadingFactory, SlotFactory
from tests.races.threads import errors, race
from tests.waiting import eventually

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OLD = datetime(2026, 7, 14, tzinfo=UTC)  # a day of a month that is to be thinned at NOW, in November
FIRST = "printers_reading_2024_10"  # the first month that is kept at NOW
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def months() -> Iterator[None]:
    """Two years before NOW, whatever the clock of the machine says; what a test committed is put back."""
    make_months(datetime(2024, 8, 1, tzinfo=UTC), 30)
    yield
    if not connection.in_atomic_block:
        make_months(datetime(2024, 8, 1, tzinfo=UTC), 30)


def make_months(first: datetime, count: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT printers_make_partitions(%s, %s)", [first.date(), count])


def tables() -> set[str]:
    """Months that stand, attached or not."""
    with connection.cursor() as cursor:
        cursor.execute(r"SELECT relname FROM pg_class WHERE relname ~ '^printers_reading_\d{4}_\d\d$'")
        return {name for (name,) in cursor.fetchall()}


def keep(now: datetime = NOW) -> None:
    """The sweep, however long it takes."""
    while retention.drop(now) or retention.thin(now):
        pass


@pytest.fixture
def slot() -> Slot:
    return SlotFactory.create()


@pytest.fixture
def printer(slot: Slot) -> Printer:
    return PrinterFactory.create(model=slot.model, seen_at=NOW)


def say(printer: Printer, slot: Slot, at: datetime, level: int | None = 50, **more: object) -> Reading:
    return ReadingFactory.create(printer=printer, slot=slot, observed_at=at, level=level, **more)


def kept(printer: Printer, since: datetime = OLD) -> list[int]:
    """The hours after `since` of what is left."""
    times = Reading.objects.filter(printer=printer).order_by("observed_at").values_list("observed_at", flat=True)
    return [(at - since) // HOUR for at in times]


# Whole months


def test_a_month_goes_when_all_of_it_is_too_old(printer: Printer, slot: Slot) -> None:
    month = datetime(2024, 10, 1, tzinfo=UTC)
    for at in (month - HOUR, month, datetime(2024, 1, 5, tzinfo=UTC)):  # the last lies before all months
        say(printer, slot, at)
    keep()
    assert kept(printer, month) == [0]
    assert min(tables()) == FIRST


def test_at_the_end_of_a_month_the_next_is_not_yet_too_old() -> None:
    keep(datetime(2026, 11, 30, 23, 59, tzinfo=UTC))
    assert min(tables()) == FIRST
    keep(datetime(2026, 12, 1, tzinfo=UTC))
    assert min(tables()) == "printers_reading_2024_11"


def test_how_long_is_a_setting(settings: Settings) -> None:
    settings.HISTORY_MONTHS = 12
    keep()
    assert min(tables()) == "printers_reading_2025_11"


def test_a_month_that_was_only_detached_is_dropped_by_the_next_run() -> None:
    assert retention.drop(NOW)
    detached = min(tables())
    with connection.cursor() as cursor:
        cursor.execute("SELECT relispartition FROM pg_class WHERE relname = %s", [detached])
        assert cursor.fetchone() == (False,)
    keep()
    assert detached not in tables()


def test_what_was_dropped_is_not_made_again() -> None:
    keep()
    before = tables()
    make_partitions()
    assert min(tables()) == min(before) == FIRST


@pytest.mark.django_db(transaction=True)
def test_a_month_that_somebody_reads_is_dropped_another_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "PATIENCE", "50ms")
    before = tables()

    def read() -> None:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT count(*) FROM printers_reading")
            while not told:
                cursor.execute("SELECT pg_sleep(0.02)")
            cursor.execute("COMMIT")

    def drop() -> bool:
        try:
            assert eventually(held)
            return retention.drop(NOW)
        finally:
            told.append(True)

    told: list[bool] = []
    assert race(read, drop) == [None, False]
    assert tables() == before
    assert retention.drop(NOW)


def held() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
            " WHERE d.datname = current_database() AND relation = 'printers_reading'::regclass AND granted"
        )
        return bool(cursor.fetchone()[0])


# A reading a day


def test_of_a_day_its_last_reading_stays(printer: Printer, slot: Slot) -> None:
    for hours in (0, 5, 23, 24, 47, 48):
        say(printer, slot, OLD + hours * HOUR)
    keep()
    assert kept(printer) == [23, 47, 48]


def test_what_is_not_yet_old_stays_whole(printer: Printer, slot: Slot) -> None:
    """A month is thinned when all of it is older than 90 days: at the end of November that is July, not yet August."""
    for at in (datetime(2026, 7, 31, tzinfo=UTC), datetime(2026, 8, 1, tzinfo=UTC)):
        for hours in (1, 2):
            say(printer, slot, at + hours * HOUR)
    keep(datetime(2026, 11, 29, 23, 59, tzinfo=UTC))
    assert kept(printer, datetime(2026, 7, 31, tzinfo=UTC)) == [2, 25, 26]
    keep(datetime(2026, 11, 30, tzinfo=UTC))
    assert kept(printer, datetime(2026, 7, 31, tzinfo=UTC)) == [2, 26]


def test_supplies_are_not_mixed(printer: Printer, slot: Slot) -> None:
    say(printer, slot, OLD)
    say(printer, SlotFactory.create(model=slot.model, code="C"), OLD + HOUR)
    say(PrinterFactory.create(model=slot.model), slot, OLD + 2 * HOUR)
    keep()
    assert Reading.objects.count() == 3


def test_a_day_on_which_a_cartridge_was_changed_stays_whole(printer: Printer, slot: Slot) -> None:
    for hours in (1, 5, 9):
        say(printer, slot, OLD + hours * HOUR, replaced=hours == 5)
    keep()
    assert kept(printer) == [1, 5, 9]


def test_what_a_low_signal_was_about_stays(printer: Printer, slot: Slot) -> None:
    for hours in (1, 5, 9):
        say(printer, slot, OLD + hours * HOUR)
    about = OLD + 5 * HOUR
    LowSignalFactory.create(printer=printer, slot=slot, observed_at=about, closed_at=NOW, closed_cause="replaced")
    keep()
    assert kept(printer) == [5, 9]


def test_of_a_supply_that_is_low_all_stays(printer: Printer, slot: Slot) -> None:
    for hours in (1, 5, 9):
        say(printer, slot, OLD + hours * HOUR)
    LowSignalFactory.create(printer=printer, slot=slot, observed_at=NOW)
    keep()
    assert kept(printer) == [1, 5, 9]


def test_the_last_known_level_and_each_cartridges_last_word_stay(printer: Printer, slot: Slot) -> None:
    said = [(50, ""), (49, ""), (None, ""), (None, ""), (48, "A"), (47, "A"), (47, "B"), (46, "")]
    for hour, (level, serial) in enumerate(said):
        say(printer, slot, OLD + hour * HOUR, level, serial=serial)
    keep()
    assert kept(printer) == [3, 5, 6, 7]


@pytest.mark.parametrize("seed", range(3))
def test_no_page_shows_anything_else_after_thinning(printer: Printer, slot: Slot, seed: int) -> None:
    live(printer, slot, random.Random(seed))
    moments = [NOW - days * DAY - 7 * HOUR for days in (400, 150, 120, 100)]

    def shown() -> list[tuple[history.History, Forecast | None, timedelta]]:
        each = [history.of({printer.pk: since}, NOW) for since in moments]
        lasts = [forecast(points[printer.pk, slot.pk], NOW) for points in each]
        return [(points, lasting, silence.usual_gap(printer)) for points, lasting in zip(each, lasts, strict=True)]

    before, count = shown(), Reading.objects.count()
    keep()
    assert shown() == before
    assert before[0][1] is not None
    assert Reading.objects.count() < count


def live(printer: Printer, slot: Slot, dice: random.Random) -> None:
    """A year of a supply that is used unevenly, several readings a day, with new cartridges and gaps."""
    level, at, said = 90, NOW - 360 * DAY, []
    while at < NOW:
        known = None if dice.random() < 0.1 else level
        said.append((at, known, False))
        level, at = level - dice.choice((0, 0, 1, 2)), at + dice.randint(1, 30) * HOUR
        if level < 10 and at < NOW - 30 * DAY:
            level = 100
            said.append((at - timedelta(minutes=30), level, True))
        level = max(level, 5)
    Reading.objects.bulk_create(
        ReadingFactory.build(printer=printer, slot=slot, observed_at=at, level=level, replaced=new)
        for at, level, new in said
    )


# In steps


def two_printers_a_batch(monkeypatch: pytest.MonkeyPatch, slot: Slot) -> list[Printer]:
    monkeypatch.setattr(retention, "BATCH", 6)
    printers = PrinterFactory.create_batch(5, model=slot.model)
    for printer in printers:
        for hours in (1, 5, 9):
            say(printer, slot, OLD + hours * HOUR)
    return printers


def test_one_that_died_half_way_is_gone_on_with(monkeypatch: pytest.MonkeyPatch, slot: Slot) -> None:
    printers = two_printers_a_batch(monkeypatch, slot)
    wanted = retention.THIN

    def die(execute: object, sql: str, *rest: object) -> None:
        execute(sql, *rest)  # type: ignore[operator]
        if sql == wanted and Thinning.objects.get().printer_id >= printers[1].pk:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), connection.execute_wrapper(die):
        keep()
    assert [kept(printer) for printer in printers] == [[9], [9], *[[1, 5, 9]] * 3]
    keep()
    assert [kept(printer) for printer in printers] == [[9]] * 5
    done = Thinning.objects.get()
    keep()
    assert (Thinning.objects.get().month, Thinning.objects.get().printer_id) == (done.month, done.printer_id)


@pytest.mark.django_db(transaction=True)
def test_two_processes_at_once_do_what_one_does(monkeypatch: pytest.MonkeyPatch, slot: Slot) -> None:
    printers = two_printers_a_batch(monkeypatch, slot)
    assert errors(race(keep, keep, keep)) == []
    keep()
    assert [kept(printer) for printer in printers] == [[9]] * 5
    assert min(tables()) == FIRST


def test_the_sweep_ends_when_nothing_is_left() -> None:
    assert keep_history() > 0
    assert keep_history() == 0
    assert LowSignal.objects.count() == 0
