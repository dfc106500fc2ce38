"""The world outside: cartridges with ink in them, printers that speak of them in their own way, owners who change them.

Knows nothing of our rules: whatever is decided is held against this.
"""

import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any

DAY = timedelta(days=1)
DRY_FOR = 20  # days without ink after which an owner buys a cartridge elsewhere


class Speech(Enum):
    """How a printer tells what is left."""

    FINE = "in percent"
    THREE_STEPS = "100, 10, 1"
    TWO_STEPS = "100, 0"
    FLAG = "low or not"


@dataclass(eq=False)
class Cartridge:
    """One piece of plastic. `orders`: what was ordered because this one ran low, and not cancelled."""

    level: float
    serial: str
    genuine: bool = True
    orders: set[int] = field(default_factory=set)
    excused: bool = False  # its owner wants none for it
    wanted: bool = False  # its owner clicked: order it
    shaken: bool = False


@dataclass(eq=False)
class Supply:
    """A slot of one printer: what is in it, what is at home for it, what was last heard of it."""

    code: str
    slot_id: int
    consumable: bool
    pace: float  # percent a day
    low_at: int  # percent: its model's mark
    cartridge: Cartridge
    part_number: str = ""
    drawer: int = 0  # ours, delivered
    bought: int = 0  # its owner's own
    skip: bool = False
    spares: int = 0
    dry: int = 0
    heard_at: datetime | None = None
    heard: Cartridge | None = None
    heard_low: bool = False
    waits: int = 0  # days it has been low with nothing ordered


@dataclass(frozen=True)
class Said:
    """A report under way: when its printer made it, what it says, and of which cartridges."""

    observed: datetime
    supplies: list[dict[str, Any]]
    of: list[Cartridge]


@dataclass(eq=False)
class Machine:
    """A printer, its owner and what happens to them."""

    printer_id: int
    token: str
    plan_id: int
    speech: Speech
    tells_serial: bool
    tells_genuine: bool
    eager: bool  # changes a cartridge when the parcel comes, not when it is empty
    supplies: list[Supply]
    dice: random.Random
    active: bool = True
    asks: bool = False
    paused_until: date | None = None
    unpaid: bool = False  # no card of its owner pays
    moody: set[date] = field(default_factory=set)  # days on which it cannot tell a level
    names_parts_from: date | None = None
    offline: int = 0
    held: list[Said] = field(default_factory=list)
    made: int = 0

    def live(self, today: date) -> None:
        """One day's printing, and what its owner does about it."""
        for supply in self.supplies:
            supply.cartridge.level = max(0.0, supply.cartridge.level - supply.pace * self.dice.uniform(0.5, 1.5))
            if supply.consumable:
                self._change_if_empty(supply)
                self._shake_perhaps(supply)

    def _change_if_empty(self, supply: Supply) -> None:
        level = supply.cartridge.level
        empty = level <= 2
        supply.dry = supply.dry + 1 if empty else 0
        if supply.drawer and (empty or (self.eager and level <= supply.low_at)):
            supply.drawer -= 1
            self.put_in(supply)
        elif empty and supply.bought:
            supply.bought -= 1
            self.put_in(supply)
        elif supply.dry > DRY_FOR:
            self.put_in(supply, genuine=not (self.tells_genuine and self.dice.random() < 0.5))

    def put_in(self, supply: Supply, *, genuine: bool = True) -> None:
        """A full cartridge goes in, the old one into the bin."""
        self.made += 1
        supply.cartridge = Cartridge(100.0, f"{self.printer_id}-{supply.code}-{self.made}", genuine)
        supply.dry = 0

    def _shake_perhaps(self, supply: Supply) -> None:
        """An owner shakes a low cartridge: for some days it seems to have more.

        Not where the printer knows steps alone: from empty to full is a new cartridge to whoever hears it.
        """
        cartridge = supply.cartridge
        if self.speech in (Speech.TWO_STEPS, Speech.THREE_STEPS):
            return
        if 2 < cartridge.level <= supply.low_at and not cartridge.shaken and self.dice.random() < 0.05:
            cartridge.shaken = True
            cartridge.level += 8

    def report(self, now: datetime) -> Said:
        """What it says of itself at this moment."""
        said = [self._word(supply, now.date()) for supply in self.supplies]
        return Said(now, said, [supply.cartridge for supply in self.supplies])

    def _word(self, supply: Supply, today: date) -> dict[str, Any]:
        level, cartridge = supply.cartridge.level, supply.cartridge
        word: dict[str, Any] = {"slot": supply.code}
        if self.speech is Speech.FLAG:
            word |= {"level": -3, "low": level <= supply.low_at}
        elif today in self.moody:
            word |= {"level": -2, "low": False}
        else:
            word["level"] = self._percent(level, supply.low_at)
        if self.tells_serial:
            word["serial_number"] = cartridge.serial
        if self.tells_genuine:
            word["genuine"] = cartridge.genuine
        if self.names_parts_from and today >= self.names_parts_from and supply.part_number:
            word["part_number"] = supply.part_number
        return word

    def _percent(self, level: float, low_at: int) -> int:
        if self.speech is Speech.TWO_STEPS:
            return 100 if level > low_at else 0
        if self.speech is Speech.THREE_STEPS:
            return 100 if level > low_at else 10 if level > 2 else 1
        return int(level)

    def sent(self, now: datetime) -> list[Said]:
        """What leaves the house today: most days one report, now and then none, a late one, one twice, a pile."""
        said = self.report(now)
        luck = self.dice.random()
        if self.offline:
            self.offline -= 1
            self.held.append(said)
            return []
        if luck < 0.004:
            self.offline = self.dice.randint(2, 12)
        if luck < 0.02:
            self.held.append(said)
            return []
        pile, self.held = self.held, []
        if len(pile) > 2 and luck < 0.7:
            return [*pile, said]
        if luck > 0.98:
            return [*pile, said, said]
        if luck > 0.96:
            ahead = self.dice.randint(1, 40) * DAY
            return [*pile, Said(now + ahead, said.supplies, said.of)]
        self.dice.shuffle(pile)
        return [said, *pile]

    def hear(self, said: Said, now: datetime) -> None:
        """That report arrived: what anybody may know of the supplies now."""
        at = min(said.observed, now)
        for supply, word, cartridge in zip(self.supplies, said.supplies, said.of, strict=True):
            if supply.heard_at is None or at > supply.heard_at:
                supply.heard_at, supply.heard = at, cartridge
                supply.heard_low = bool(word.get("low")) or 0 <= word["level"] <= supply.low_at

    def is_paused(self, today: date) -> bool:
        return self.paused_until is not None and today < self.paused_until
