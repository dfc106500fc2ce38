"""How long ink lasts: a range where one is honest, and otherwise nothing."""

from datetime import timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from printers import outlook
from printers.forecast import LONGEST, Forecast, Point, forecast, is_coarse
from tests.factories.printers import NOW
from tests.printers.device import Device
from tests.properties import examples

DAY = timedelta(days=1)
LEVELS = st.lists(st.integers(0, 100) | st.none(), min_size=1, max_size=60)


def told(*levels: int | None, every: float = 7.0, new: int | None = None) -> list[Point]:
    """A history of these levels, the last one NOW; `new` is the place of a new cartridge."""
    count = len(levels)
    return [
        Point(NOW - (count - 1 - place) * every * DAY, level, replaced=place == new)
        for place, level in enumerate(levels)
    ]


def test_an_even_pace_is_told_with_some_room() -> None:
    assert forecast(told(80, 70, 60, 50, 40), NOW) == Forecast(least=23, most=33)  # 10 % a week, 40 % left: 28 days


def test_an_uneven_pace_is_told_with_more_room() -> None:
    even, uneven = forecast(told(80, 70, 60, 50, 40), NOW), forecast(told(80, 78, 60, 58, 40), NOW)
    assert even is not None
    assert uneven is not None
    assert (uneven.least < even.least, uneven.most > even.most) == (True, True)


def test_only_the_cartridge_that_is_in_now_counts() -> None:
    assert forecast(told(60, 20, 100, 90, 80, new=2), NOW) == forecast(told(100, 90, 80), NOW)


def test_more_ink_that_nobody_called_a_new_cartridge_begins_anew() -> None:
    assert forecast(told(60, 50, 75, 65, 55), NOW) == forecast(told(75, 65, 55), NOW)
    assert forecast(told(60, 50, 40, 75, 65), NOW) is None


def test_time_without_a_change_counts_once_the_printer_was_heard() -> None:
    at_once, a_month_on = (forecast(told(100, 90, 80), NOW + days * DAY) for days in (0, 28))
    assert at_once is not None
    assert a_month_on is not None
    assert a_month_on.most > at_once.most


@pytest.mark.parametrize(
    "history",
    [
        [],
        told(80),
        told(80, 70, every=13.9),
        told(80, 80, 80, 80),
        told(60, 65, 70),
        told(80, 70, None),
        told(80, 40, 0),
        told(100, 100, 10, 10),
        told(100, 0, 100, 0, new=2),
        told(60, 50, 40, 100, 99, new=3),
        told(100, 100, 100, 100, 99, every=80),
    ],
    ids=[
        "nothing",
        "one level",
        "a day short",
        "flat",
        "rising",
        "unknown",
        "empty",
        "three steps",
        "two steps",
        "new cartridge",
        "years",
    ],
)
def test_where_nobody_can_know_nothing_is_told(history: list[Point]) -> None:
    assert forecast(history, NOW) is None


def test_a_printer_of_steps_is_known_by_what_it_says() -> None:
    assert [is_coarse(told(*said)) for said in ((100, 10, 1), (100, 0), (100, 10, 9), (100,))] == [
        *(True, True, False, False)
    ]


@examples(60)
@given(LEVELS, st.floats(0.01, 40), st.floats(0, 400), st.none() | st.integers(0, 59))
def test_a_range_is_never_negative_or_upside_down_or_endless(
    levels: list[int | None], every: float, later: float, new: int | None
) -> None:
    found = forecast(told(*levels, every=every, new=new), NOW + later * DAY)
    assert found is None or 0 <= found.least <= found.most <= LONGEST


@examples(60)
@given(st.integers(3, 8), st.integers(1, 5), st.integers(10, 50), st.integers(0, 5))
def test_noise_never_narrows_the_range(weeks: int, pace: int, left: int, noise: int) -> None:
    even = [left + pace * (weeks - week) for week in range(weeks + 1)]
    noisy = [level + noise * (week % 2) if 0 < week < weeks else level for week, level in enumerate(even)]
    calm, shaken = forecast(told(*even), NOW), forecast(told(*noisy), NOW)
    assert calm is None or shaken is not None
    assert calm is None or shaken is None or (shaken.least <= calm.least and shaken.most >= calm.most)


@examples(60)
@given(st.integers(0, 100), st.integers(1, 40), st.floats(0.5, 30))
def test_a_flat_line_tells_nothing(level: int, count: int, every: float) -> None:
    assert forecast(told(*[level] * count, every=every), NOW) is None


@examples(60)
@given(st.integers(20, 60), st.integers(1, 10))
def test_more_ink_lasts_no_shorter(left: int, pace: int) -> None:
    def lasts(now: int) -> Forecast | None:
        return forecast(told(*(now + pace * week for week in (3, 2, 1, 0))), NOW)

    less, more = lasts(left), lasts(left + 1)
    assert less is None or more is None or less.most <= more.most


@time_machine.travel(NOW, tick=False)
def test_staff_see_how_long_each_supply_will_last(device: Device) -> None:
    for week, level in enumerate((80, 70, 60, 50, 40)):
        device.send({"slot": "PGBK", "level": level}, {"slot": "C", "level": None}, minute=(week - 4) * 7 * 24 * 60)
    device.printer.refresh_from_db()
    black, cyan = str(outlook.lines(device.printer, NOW)).split("</div><div>")
    assert black == "<div>Black: 40 % on 23 Nov 2026; enough for 23 to 33 days"
    assert cyan == "Cyan: level unknown on 23 Nov 2026; too little is known to say for how long</div>"
