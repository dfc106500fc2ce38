"""A supply as its owner sees it: the tank to draw, and the words beside it."""

from dataclasses import dataclass
from functools import lru_cache

from django.template.loader import render_to_string
from django.utils.translation import gettext

from orders import words
from orders.clock import Clock
from printers import supplies
from printers.models import Printer, Slot
from printers.silence import is_quiet
from printers.supplies import SupplyState

# The tank is drawn in a box of 48 x 96; ink stands in it from BOTTOM upwards, this much a percent.
BOTTOM = 90
PER_PERCENT = 0.8
CODE_AT, CODE_ENDS, CODE_BELOW = 26, 30, 20
CODE_FITS = 3
INK_LEFT, INK_WIDTH = 6, 36
TRI_COLOR = {"cmy"}
# For a printer of steps three blocks stand in it instead, the lowest first.
BLOCK_TOPS = (65, 39, 13)
BLOCK_LEFT, BLOCK_WIDTH = 9, 30
FULL, LOW, ALMOST_EMPTY = len(BLOCK_TOPS), 2, 1  # how many of them are filled
TOLD_AS_ALMOST_EMPTY = 1  # percent


@dataclass(frozen=True)
class Tank:
    """What to draw. `level` None is hatched: half full when there is `some`, else all of it. Colour is data here.

    With `steps`, so many of three blocks are filled instead: between them nobody knows where the ink stands.
    """

    code: str
    ink: str
    level: int | None
    mark: int
    some: bool = False
    faded: bool = False
    foreign: bool = False
    steps: int | None = None

    @property
    def bands(self) -> list[tuple[str, str, str]]:
        """Ink, place and width of each colour: a cartridge of three is drawn as three."""
        return bands(self.ink, INK_LEFT, INK_WIDTH)

    @property
    def blocks(self) -> list[tuple[int, list[tuple[str, str, str]]]]:
        """Where each block begins, the lowest first, and its bands; an empty one has none."""
        filled = bands(self.ink, BLOCK_LEFT, BLOCK_WIDTH)
        return [(top, filled if place < (self.steps or 0) else []) for place, top in enumerate(BLOCK_TOPS)]

    @property
    def height(self) -> str:
        return f"{PER_PERCENT * (self.level or 0):.1f}"

    @property
    def top(self) -> str:
        return f"{BOTTOM - PER_PERCENT * (self.level or 0):.1f}"

    @property
    def mark_at(self) -> str:
        return f"{BOTTOM - PER_PERCENT * self.mark:.1f}"

    @property
    def code_at(self) -> str:
        """Where the letters stand: near the top, or below the surface of ink that reaches them."""
        surface = BOTTOM - PER_PERCENT * (self.level or 0)
        return f"{CODE_AT if surface >= CODE_ENDS else surface + CODE_BELOW:.1f}"

    @property
    def long_code(self) -> bool:
        return len(self.code) > CODE_FITS


@dataclass(frozen=True)
class Supply:
    """One slot of one printer now."""

    slot: Slot
    state: SupplyState | None
    clock: Clock
    coarse: bool = False  # whether its printer speaks in steps, where the page knows its history

    @property
    def low(self) -> bool:
        return self.state is not None and self.state.low

    @property
    def on_order(self) -> bool:
        return self.low and self.state is not None and self.state.replenishment == "on_order"

    @property
    def quiet(self) -> bool:
        return is_quiet(self.state.at if self.state else None, self.clock.now)

    @property
    def level(self) -> int | None:
        """The level to draw: the last one that was a number."""
        return self.state.last_level if self.state else None

    @property
    def steps(self) -> int | None:
        """What a printer of steps last said: full, low or almost empty; None for one that counts."""
        if not self.coarse or self.level is None:
            return None
        if self.level <= TOLD_AS_ALMOST_EMPTY:
            return ALMOST_EMPTY
        return LOW if self.low or self.level < 100 else FULL

    @property
    def tank(self) -> Tank:
        return Tank(
            code=self.slot.code,
            ink=self.slot.colorant,
            level=self.level,
            mark=self.slot.low_threshold,
            some=self.state is not None,
            faded=self.quiet or (self.state is not None and self.state.level is None),
            foreign=self.state is not None and self.state.genuine is False,
            steps=self.steps,
        )

    @property
    def mini_tank(self) -> str:
        """The tank with its words, as an item of a list."""
        return drawn(self.tank, self.spoken)

    @property
    def sentence(self) -> str:
        """How much is left, in words."""
        if not self.slot.consumable:
            return gettext(words.NOT_IN_PLAN)
        if self.state is None:
            return gettext("No reading yet.")
        facts = {
            "level": self._told(self.state.level),
            "last": self._told(self.state.last_level),
            "mark": words.percent(self.slot.low_threshold),
            "day": self.clock.day(self.state.at),
        }
        wording = _wording(self.state, quiet=self.quiet, mark=self.slot.low_threshold, steps=self.steps)
        return gettext(wording) % facts

    @property
    def spoken(self) -> str:
        """The picture for those who hear it: 'Cyan, 12 percent, low'."""
        parts = [self.slot.name]
        if self.steps is not None:
            return ", ".join([*parts, gettext(words.LEVEL_STEPS[self.steps])])
        if self.level is None:
            parts.append(gettext("level not known"))
        else:
            parts.append(gettext("%(level)s percent") % {"level": self.level})
        if self.low:
            parts.append(gettext("low"))
        return ", ".join(parts)

    @property
    def pill(self) -> words.State | None:
        """What to know at a glance; nothing while all is well."""
        if self.tank.foreign:
            return words.NOT_RECOGNISED
        if self.low:
            return words.ON_ORDER if self.on_order else words.LOW
        return None

    def _told(self, level: int | None) -> str:
        return words.percent(level or 0) if self.steps is None else gettext(words.LEVEL_STEPS[self.steps])


@lru_cache(maxsize=4096)
def drawn(tank: Tank, spoken: str) -> str:
    """A small tank and its words, which look the same for whoever it is drawn again."""
    return render_to_string("components/mini_tank.html", {"tank": tank, "spoken": spoken})


def bands(colorant: str, left: float, width: float) -> list[tuple[str, str, str]]:
    """Ink, place and width of each color of a cartridge, side by side from `left` over `width`."""
    inks = list(colorant) if colorant in TRI_COLOR else [colorant]
    each = width / len(inks)
    return [(ink, f"{left + place * each:.1f}", f"{each:.1f}") for place, ink in enumerate(inks)]


def of(printer: Printer | None, slots: list[Slot], clock: Clock) -> list[Supply]:
    """All supplies of a printer, in the printer's own order."""
    return [Supply(slot, supplies.state(printer, slot.code) if printer else None, clock) for slot in slots]


def _wording(state: SupplyState, *, quiet: bool, mark: int, steps: int | None) -> str:
    if state.level is None:
        return words.LEVEL_LOW_UNKNOWN if state.low else _unmeasured(state)
    if quiet:
        return words.LEVEL_OLD
    if steps is not None:
        return words.LEVEL_IN_STEPS
    return words.LEVEL_SAID_LOW if state.low and state.level > mark else words.LEVEL


def _unmeasured(state: SupplyState) -> str:
    return words.LEVEL_SOME if state.last_level is None else words.LEVEL_LAST
