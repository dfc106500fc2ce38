"""How long a supply will last at the pace it has been used: an honest range of days, or nothing. Pure.

The time since the last new cartridge is cut into equal spans. How much each used says how fast ink goes on average;
how much they differ says how sure that is. Both the pace itself and what is still to come are uncertain, so the range
is wide after a short or uneven history and narrows as more is known. It never promises less than TOO_SURE.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import ceil, sqrt
from statistics import pstdev

ENOUGH_HISTORY = timedelta(days=14)
SPAN = timedelta(days=7)
MOST_SPANS = 8
TOO_SURE, TOO_UNSURE = 0.15, 0.6  # a range no narrower, and no wider, than this share of the middle on either side
REFILLED = 10  # a rise of so many points is more ink, whether anybody called it a new cartridge or not
LONGEST = 730  # days; what would last longer is not worth a number
STEPS = {0, 1, 10, 100}  # all that a printer of three steps, or of two, ever says (full, low, almost empty)


@dataclass(frozen=True)
class Point:
    """A level somebody heard: percent, None where the printer could not say. `replaced`: of a new cartridge."""

    at: datetime
    level: int | None
    replaced: bool = False


@dataclass(frozen=True)
class Forecast:
    """It lasts from `least` to `most` days more."""

    least: int
    most: int


def forecast(history: Sequence[Point], heard_at: datetime) -> Forecast | None:
    """How long the level last known will do, counted from `heard_at`, when the printer last spoke of it.

    `history` is of one supply, oldest first, written on change. None before ENOUGH_HISTORY with two levels, for a
    printer that speaks in steps, for a level that is unknown or does not fall.
    """
    if not history or history[-1].level is None or is_coarse(history):
        return None
    known = _since_replaced(history)
    left = known[-1][1]
    if heard_at - known[0][0] < ENOUGH_HISTORY or left <= 0:
        return None
    used = _used(known, heard_at)
    mean = sum(used) / len(used)
    if mean <= 0:
        return None
    spans = left / mean
    uncertain = pstdev(used) / mean * sqrt(1 / len(used) + 1 / max(spans, 1))
    share = min(max(uncertain, TOO_SURE), TOO_UNSURE)
    days = spans * (heard_at - known[0][0]) / len(used) / timedelta(days=1)
    if days * (1 - share) > LONGEST:
        return None
    return Forecast(int(days * (1 - share)), min(ceil(days * (1 + share)), LONGEST))


def is_coarse(history: Sequence[Point]) -> bool:
    """Whether the printer speaks in steps: between them nobody knows what is left."""
    levels = {point.level for point in history if point.level is not None}
    return len(levels) > 1 and levels <= STEPS


def _since_replaced(history: Sequence[Point]) -> list[tuple[datetime, int]]:
    """The known levels of the cartridge that is in now, since it was last seen to have more."""
    new = max((place for place, point in enumerate(history) if point.replaced), default=0)
    known = [(point.at, point.level) for point in history[new:] if point.level is not None]
    more = [place for place in range(1, len(known)) if known[place][1] >= known[place - 1][1] + REFILLED]
    return known[more[-1] :] if more else known


def _used(known: list[tuple[datetime, int]], heard_at: datetime) -> list[int]:
    """How much each span used; a level holds until the next one is heard."""
    began = known[0][0]
    count = min((heard_at - began) // SPAN, MOST_SPANS)
    ends = [began + (heard_at - began) * (place / count) for place in range(1, count)] + [heard_at]
    levels = [known[0][1], *(_level_at(known, end) for end in ends)]
    return [before - after for before, after in pairwise(levels)]


def _level_at(known: list[tuple[datetime, int]], when: datetime) -> int:
    return next((level for at, level in reversed(known) if at <= when), known[0][1])
