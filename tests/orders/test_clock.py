"""Dates as people read them, on the clock of the place their ink goes to."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import translation

from orders.clock import Clock

NOW = datetime(2025, 11, 26, 3, 0, tzinfo=UTC)  # still the 25th in all of the mainland USA


def test_a_day_is_that_of_the_place() -> None:
    assert Clock(NOW, "OR").day(NOW) == "Tue 25 Nov"
    assert Clock(NOW, "OR").today == date(2025, 11, 25)


def test_a_day_of_another_year_names_it() -> None:
    assert Clock(NOW).day(date(2024, 3, 1)) == "Fri 1 Mar 2024"


@pytest.mark.parametrize(
    ("state", "said"), [("OR", "7:00 pm"), ("NY", "10:00 pm"), ("HI", "5:00 pm"), ("", "10:00 pm")]
)
def test_a_moment_is_told_by_the_clock_on_the_wall_there(state: str, said: str) -> None:
    assert Clock(NOW, state).moment(NOW) == f"Tue 25 Nov, {said}"


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (timedelta(seconds=30), "just now"),
        (timedelta(seconds=-30), "just now"),
        (timedelta(minutes=2), "2 minutes ago"),
        (timedelta(minutes=59), "59 minutes ago"),
        (timedelta(hours=1), "1 hour ago"),
        (timedelta(hours=23, minutes=59), "23 hours ago"),
        (timedelta(days=1), "Mon 24 Nov"),
        (timedelta(days=400), "Mon 21 Oct 2024"),
    ],
)
def test_what_is_long_ago_is_told_by_its_date(ago: timedelta, said: str) -> None:
    assert Clock(NOW).since(NOW - ago) == said


def test_days_and_moments_follow_the_language() -> None:
    with translation.override("es"):
        clock = Clock(NOW, "OR")
        said = [
            clock.day(NOW),
            clock.days((date(2025, 11, 28), date(2025, 12, 4))),
            clock.since(NOW - timedelta(days=3)),
        ]
    assert said == ["mar 25 Nov", "vie 28 Nov - jue 4 Dic", "sáb 22 Nov"]
