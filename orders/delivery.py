"""When a parcel arrives: business days, federal holidays, dates as people read them. Pure."""

from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from django.utils.dateformat import format as translated

FASTEST, SLOWEST = 3, 7  # business days from shipping to the door (promise P10)
DAY = timedelta(days=1)
OVER_AFTER = timedelta(days=60)  # a parcel that left so long ago has come or never will, reported or not
MONDAY, THURSDAY, SATURDAY, SUNDAY = 0, 3, 5, 6

# Where most of a state's people live; whatever is not named keeps Eastern time.
EASTERN = "America/New_York"
ZONES = {
    "America/Chicago": "AL AR IA IL KS LA MN MO MS ND NE OK SD TN TX WI",
    "America/Denver": "CO ID MT NM UT WY",
    "America/Phoenix": "AZ",
    "America/Los_Angeles": "CA NV OR WA",
    "America/Anchorage": "AK",
    "Pacific/Honolulu": "HI",
    "America/Puerto_Rico": "PR VI",
    "Pacific/Guam": "GU MP",
    "Pacific/Pago_Pago": "AS",
}
ZONE_OF = {state: zone for zone, states in ZONES.items() for state in states.split()}


def _nth(year: int, month: int, weekday: int, n: int) -> date:
    """The nth given weekday of a month."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (n - 1))


def _observed(day: date) -> date:
    """One on a Saturday is kept on Friday, one on a Sunday on Monday (5 U.S.C. 6103(b), Executive Order 11582)."""
    return day + {SATURDAY: -DAY, SUNDAY: DAY}.get(day.weekday(), timedelta())


@cache
def federal_holidays(year: int) -> frozenset[date]:
    """The days kept as federal holidays of `year` (5 U.S.C. 6103); New Year's may fall in the year before."""
    return frozenset(
        {
            _observed(date(year, 1, 1)),
            _nth(year, 1, MONDAY, 3),  # Martin Luther King, Jr.
            _nth(year, 2, MONDAY, 3),  # Washington's Birthday
            _nth(year, 6, MONDAY, 1) - 7 * DAY,  # Memorial Day: the last Monday of May
            _observed(date(year, 6, 19)),  # Juneteenth
            _observed(date(year, 7, 4)),
            _nth(year, 9, MONDAY, 1),  # Labor Day
            _nth(year, 10, MONDAY, 2),  # Columbus Day
            _observed(date(year, 11, 11)),  # Veterans Day
            _nth(year, 11, THURSDAY, 4),  # Thanksgiving
            _observed(date(year, 12, 25)),
        }
    )


def is_business_day(day: date) -> bool:
    """A weekday that is no federal holiday."""
    return day.weekday() < SATURDAY and day not in federal_holidays(day.year) | federal_holidays(day.year + 1)


def after_business_days(day: date, count: int) -> date:
    """The `count`th business day after `day`."""
    while count:
        day += DAY
        count -= is_business_day(day)
    return day


def delivery_window(shipped_on: date) -> tuple[date, date]:
    """The first and last day a parcel handed over on `shipped_on` is expected: 3 to 7 business days later."""
    return after_business_days(shipped_on, FASTEST), after_business_days(shipped_on, SLOWEST)


def expected_window(ordered_at: datetime, state: str) -> tuple[date, date]:
    """The window of an order that is not shipped yet, if it ships on the day it can be packed, where it goes."""
    return delivery_window(local_date(ordered_at, state))


def local_date(moment: datetime, state: str) -> date:
    """The day it is at `moment` where the parcel goes; `state` is its two letters."""
    return moment.astimezone(zone(state)).date()


def zone(state: str) -> ZoneInfo:
    """The time zone of a state."""
    return ZoneInfo(ZONE_OF.get(state.upper(), EASTERN))


def words(first: date, last: date, today: date | None = None) -> str:
    """'Tue 2 - Mon 8 Dec': the month twice when it differs, a year where it is not that of `today` (or of `first`)."""
    today = today or first
    if (first.year, first.month) == (last.year, last.month):
        return f"{translated(first, 'D j')} - {day_words(last, today)}"
    if first.year == last.year:
        return f"{translated(first, 'D j M')} - {day_words(last, today)}"
    return f"{day_words(first, today)} - {day_words(last, today)}"


def day_words(day: date, today: date | None = None) -> str:
    """'Wed 10 Dec', with the year when it is not that of `today`."""
    same_year = today is None or day.year == today.year
    return translated(day, "D j M" if same_year else "D j M Y")
