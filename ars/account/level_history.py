"""What a supply's level did: how long it will last in words, and its chart, drawn as one small SVG with a table."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from math import ceil

from django.utils.dateformat import format as translated
from django.utils.functional import cached_property
from django.utils.translation import gettext, ngettext

from ars.account.tanks import Supply
from orders import words
from orders.clock import Clock
from printers.forecast import Forecast, Point, forecast, is_coarse
from printers.silence import QUIET_AFTER

DAYS_UP_TO, WEEKS_UP_TO = 21, 84  # days: what lasts longer is told in weeks, then in months
WEEK, MONTH = 7, 30

# The chart stands in a box of 320 x 132: one unit a percent, the days across.
LEFT, RIGHT, TOP, BOTTOM = 30, 312, 14, 114
MOST_POINTS = 40
MISSED = 10  # percent: so much less after a silence was not seen to go, so no line is drawn through it


@dataclass(frozen=True)
class Tick:
    """A word at a place of the time axis; `flip` where it would leave the box."""

    x: str
    text: str
    flip: bool = False


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    day: str
    level: str
    note: str


@dataclass(frozen=True)
class LevelHistory:
    """One supply over time: what was heard, up to what is known now."""

    supply: Supply
    points: tuple[Point, ...]

    @property
    def clock(self) -> Clock:
        return self.supply.clock

    @property
    def span(self) -> str:
        """How long it will do: '9 to 14 days'; empty where nobody can know."""
        state = self.supply.state
        found = forecast(self.points, state.at) if state is not None and not self.supply.quiet else None
        return span(found) if found else ""

    @property
    def lasts(self) -> str:
        return gettext("Enough for about %(span)s at your pace.") % {"span": self.span} if self.span else ""

    @property
    def is_drawn(self) -> bool:
        """Whether there is anything to draw: more than one moment."""
        return len(self.points) > 1

    @cached_property
    def line(self) -> str:
        """The path: a level holds until the next is heard; nothing is drawn where nobody was listening."""
        drawn: list[str] = []
        last: Point | None = None
        for point in self.points:
            if point.level is None:
                last = None
                continue
            x, y = self._x(point.at), height(point.level)
            drawn.append(f"M{x} {y}" if last is None or _was_missed(last, point) else f"H{x}V{y}")
            last = point
        return "".join(drawn)

    @property
    def mark(self) -> str:
        return height(self.supply.slot.low_threshold)

    @property
    def replacements(self) -> list[Tick]:
        """When a new cartridge was seen."""
        ticks = []
        for point in self.points:
            if point.replaced:
                text = gettext("new %(day)s") % {"day": translated(self.clock.date_of(point.at), "j M")}
                ticks.append(Tick(self._x(point.at), text, flip=float(self._x(point.at)) > (LEFT + RIGHT) / 2))
        return ticks

    @property
    def months(self) -> list[Tick]:
        """The first day of each month; the day itself where the whole is shorter than that."""
        first, last = self.clock.date_of(self.points[0].at), self.clock.today
        starts = [day for day in _month_starts(first, last) if day > first]
        at = self.points[0].at
        ticks = [Tick(self._x(at + (day - first)), translated(day, "M")) for day in starts]
        return ticks or [Tick(str(LEFT), translated(first, "j M"))]

    @property
    def rows(self) -> list[Row]:
        """The same as a table, the newest first."""
        return [
            Row(
                self.clock.day(point.at),
                gettext("not known") if point.level is None else words.percent(point.level),
                gettext("New cartridge") if point.replaced else "",
            )
            for point in reversed(self.points)
        ]

    @property
    def spoken(self) -> str:
        """The picture for those who hear it."""
        return gettext("%(supply)s since %(day)s: the table says the same.") % {
            "supply": self.supply.slot.name,
            "day": self.clock.day(self.points[0].at),
        }

    def _x(self, at: datetime) -> str:
        began, now = self.points[0].at, self.clock.now
        return f"{LEFT + (RIGHT - LEFT) * ((at - began) / max(now - began, timedelta(days=1))):.1f}"


def of(supply: Supply, said: Sequence[Point]) -> LevelHistory:
    """The history of a supply with what is known now, thinned to what can be seen; it tells who speaks in steps."""
    points = list(said)
    state = supply.state
    if state is not None and (not points or points[-1].at < state.at):
        points.append(Point(state.at, state.level))
    return LevelHistory(replace(supply, coarse=is_coarse(points)), tuple(_thinned(points)))


def span(found: Forecast) -> str:
    """'9 to 14 days', '7 to 10 weeks', '3 to 5 months'."""
    if found.most <= DAYS_UP_TO:
        least, most, unit = found.least, max(found.most, 1), ngettext("day", "days", max(found.most, 1))
    elif found.most <= WEEKS_UP_TO:
        least, most = found.least // WEEK, ceil(found.most / WEEK)
        unit = ngettext("week", "weeks", most)
    else:
        least, most = found.least // MONTH, ceil(found.most / MONTH)
        unit = ngettext("month", "months", most)
    if least == 0:
        return gettext("%(most)d %(unit)s at most") % {"most": most, "unit": unit}
    return gettext("%(least)d to %(most)d %(unit)s") % {"least": least, "most": most, "unit": unit}


def height(level: int) -> str:
    """Where a level stands in the chart."""
    return f"{BOTTOM - (BOTTOM - TOP) * level / 100:.1f}"


def _was_missed(before: Point, after: Point) -> bool:
    fell = (before.level or 0) - (after.level or 0)
    return after.at - before.at > QUIET_AFTER and fell >= MISSED


def _thinned(points: list[Point]) -> list[Point]:
    """At most about MOST_POINTS: the first, the last and every new cartridge, and between them every so many."""
    every = ceil(len(points) / MOST_POINTS)
    last = len(points) - 1
    return [point for place, point in enumerate(points) if place in (0, last) or point.replaced or place % every == 0]


def _month_starts(first: date, last: date) -> list[date]:
    months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [date(month // 12, month % 12 + 1, 1) for month in months]
