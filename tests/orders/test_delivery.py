"""Business days, federal holidays, and dates as people read them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from orders import delivery

YEARS = range(2020, 2060)


def test_thanksgiving_and_the_weekend_are_skipped() -> None:
    assert delivery.delivery_window(date(2025, 11, 26)) == (date(2025, 12, 2), date(2025, 12, 8))


def test_a_plain_week_counts_three_to_seven() -> None:
    assert delivery.delivery_window(date(2026, 3, 2)) == (date(2026, 3, 5), date(2026, 3, 11))


def test_a_parcel_of_saturday_counts_from_monday() -> None:
    assert delivery.delivery_window(date(2026, 3, 7)) == (date(2026, 3, 11), date(2026, 3, 17))


def test_christmas_and_new_year_are_skipped() -> None:
    assert delivery.delivery_window(date(2026, 12, 23)) == (date(2026, 12, 29), date(2027, 1, 5))


def test_the_holidays_of_2026() -> None:
    days = ("01-01", "01-19", "02-16", "05-25", "06-19", "07-03", "09-07", "10-12", "11-11", "11-26", "12-25")
    assert delivery.federal_holidays(2026) == {date.fromisoformat(f"2026-{day}") for day in days}


def test_a_holiday_on_sunday_is_kept_on_monday() -> None:
    assert not delivery.is_business_day(date(2027, 7, 5))


def test_new_year_on_saturday_is_kept_in_the_old_year() -> None:
    assert not delivery.is_business_day(date(2027, 12, 31))


@pytest.mark.parametrize("year", YEARS)
def test_every_year_has_eleven_holidays_on_weekdays(year: int) -> None:
    holidays = delivery.federal_holidays(year)
    assert len(holidays) == 11
    assert all(day.weekday() < 5 for day in holidays)


def test_an_evening_in_hawaii_is_tomorrow_in_new_york() -> None:
    evening = datetime(2026, 3, 3, 7, 0, tzinfo=UTC)
    assert delivery.local_date(evening, "HI") == date(2026, 3, 2)
    assert delivery.local_date(evening, "NY") == date(2026, 3, 3)


def test_an_order_is_expected_by_the_day_it_is_where_it_goes() -> None:
    evening = datetime(2026, 3, 3, 7, 0, tzinfo=UTC)
    assert delivery.expected_window(evening, "HI") == (date(2026, 3, 5), date(2026, 3, 11))
    assert delivery.expected_window(evening, "NY") == (date(2026, 3, 6), date(2026, 3, 12))


@pytest.mark.parametrize(
    ("state", "hours"),
    [("NY", -5), ("TX", -6), ("co", -7), ("CA", -8), ("AK", -9), ("HI", -10), ("PR", -4), ("GU", 10), ("", -5)],
)
def test_noon_in_winter_where_it_goes(state: str, hours: int) -> None:
    noon = datetime(2026, 1, 15, 12, 0, tzinfo=UTC).astimezone(delivery.zone(state))
    assert noon.utcoffset() == timedelta(hours=hours)


def test_arizona_keeps_no_summer_time() -> None:
    summer = datetime(2026, 7, 15, 12, 0, tzinfo=UTC)
    assert summer.astimezone(delivery.zone("AZ")).hour == 5
    assert summer.astimezone(delivery.zone("CO")).hour == 6


@pytest.mark.parametrize(
    ("first", "last", "today", "read"),
    [
        (date(2025, 12, 2), date(2025, 12, 8), None, "Tue 2 - Mon 8 Dec"),
        (date(2025, 11, 28), date(2025, 12, 3), None, "Fri 28 Nov - Wed 3 Dec"),
        (date(2025, 12, 30), date(2026, 1, 6), date(2025, 12, 23), "Tue 30 Dec - Tue 6 Jan 2026"),
        (date(2025, 12, 30), date(2026, 1, 6), date(2026, 1, 2), "Tue 30 Dec 2025 - Tue 6 Jan"),
        (date(2025, 12, 2), date(2025, 12, 8), date(2026, 2, 1), "Tue 2 - Mon 8 Dec 2025"),
    ],
)
def test_a_window_in_words(first: date, last: date, today: date | None, read: str) -> None:
    assert delivery.words(first, last, today) == read


def test_a_day_of_another_year_says_so() -> None:
    assert delivery.day_words(date(2025, 12, 10), date(2025, 11, 26)) == "Wed 10 Dec"
    assert delivery.day_words(date(2026, 1, 5), date(2025, 12, 22)) == "Mon 5 Jan 2026"
