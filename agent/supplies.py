"""What is known of a printer's supplies, in the words of RFC 3805 whoever told it. Pure; nothing is guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

CONSUMED, FILLED = "supplyThatIsConsumed", "receptacleThatIsFilled"
CLASSES = {1: "other", 3: CONSUMED, 4: FILLED}
# PrtMarkerSuppliesTypeTC of RFC 3805.
TYPES = {
    1: "other", 2: "unknown", 3: "toner", 4: "wasteToner", 5: "ink", 6: "inkCartridge", 7: "inkRibbon", 8: "wasteInk",
    9: "opc", 10: "developer", 11: "fuserOil", 12: "solidWax", 13: "ribbonWax", 14: "wasteWax", 15: "fuser",
    16: "coronaWire", 17: "fuserOilWick", 18: "cleanerUnit", 19: "fuserCleaningPad", 20: "transferUnit",
    21: "tonerCartridge", 22: "fuserOiler", 23: "water", 24: "wasteWater", 25: "glueWaterAdditive", 26: "wastePaper",
    27: "bindingSupply", 28: "bandingSupply", 29: "stitchingWire", 30: "shrinkWrap", 31: "paperWrap", 32: "staples",
    33: "inserts", 34: "covers",
}  # fmt: skip
FULL = 100
NOTHING_TOLD = -2  # RFC 3805: unknown. -1 is "other", -3 "some left"; none of them is a percentage.
COLOURS = {"#000000": "black", "#00FFFF": "cyan", "#FF00FF": "magenta", "#FFFF00": "yellow"}
LOW_REASONS = {
    "marker-supply-low", "marker-supply-empty", "toner-low", "toner-empty",
    "marker-ink-almost-empty", "marker-ink-empty", "marker-toner-almost-empty", "marker-toner-empty",
}  # fmt: skip
SUFFIX = re.compile(r"-(report|warning|error)$")


@dataclass(frozen=True)
class Supply:
    """One supply; None and the empty text mean that the printer did not say."""

    index: int | None = None
    name: str = ""
    type: str = ""
    class_: str = ""
    colorant: str = ""
    level: int | None = None
    low: bool | None = None
    raw_level: int | None = None
    raw_max: int | None = None
    source: str = ""

    @property
    def is_consumed(self) -> bool:
        """Whether it empties; what fills instead says nothing of ink."""
        return self.class_ != FILLED

    def as_json(self) -> dict[str, Any]:
        """In the shape of the contract."""
        told = {name.rstrip("_"): value for name, value in vars(self).items()}
        return {name: None if value == "" else value for name, value in told.items()}


@dataclass(frozen=True)
class Reading:
    """What a printer said of itself at one time."""

    make_and_model: str = ""
    printer_uuid: str = ""
    serial_number: str = ""
    state_reasons: list[str] = field(default_factory=list)
    supplies: list[Supply] = field(default_factory=list)

    @property
    def consumed(self) -> list[Supply]:
        """The supplies that empty."""
        return [supply for supply in self.supplies if supply.is_consumed]

    @property
    def says_nothing(self) -> bool:
        """A printer asleep may know of no level: that is no news of its ink."""
        told = any(each.raw_level not in (None, NOTHING_TOLD) or each.low for each in self.consumed)
        return not told and not LOW_REASONS.intersection(self.state_reasons)

    def as_json(self) -> dict[str, Any]:
        """In the shape of the contract."""
        told = {name: getattr(self, name) or None for name in ("make_and_model", "printer_uuid", "serial_number")}
        supplies = [supply.as_json() for supply in self.supplies]
        return {**told, "state_reasons": self.state_reasons, "supplies": supplies}


def percent(level: int | None, most: int | None) -> int | None:
    """Level of capacity in percent; None where either is unknown or they contradict each other."""
    if level is None or most is None or level < 0 or most <= 0 or level > most:
        return None
    return (200 * level + most) // (2 * most)


def capacity(most: int | None, *, in_percent: bool) -> int | None:
    """What the level is of: what counts in percent is full at a hundred, also where the printer does not say so."""
    return FULL if in_percent and (most is None or most in (-1, -2)) else most


def class_of(kind: str, told: str = "") -> str:
    """The class that was told, else what follows from the type: whatever takes waste fills."""
    if told in (CONSUMED, FILLED):
        return told
    if kind.lower().startswith("waste"):
        return FILLED
    return CONSUMED if kind and kind not in ("other", "unknown") else told


def camel(keyword: str) -> str:
    """`inkCartridge` of IPP's `ink-cartridge`."""
    head, *rest = keyword.split("-")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)


def colour(told: str) -> str:
    """The colorant that an `#RRGGBB` can only mean; empty for every other."""
    return COLOURS.get(told.upper(), "")


def reasons(told: list[str]) -> list[str]:
    """State reasons without their severity, each once; `none` is no reason."""
    bare = [SUFFIX.sub("", reason) for reason in told]
    return [reason for reason in dict.fromkeys(bare) if reason not in ("", "none")]


def called(model: str, serial_number: str) -> str:
    """A model and the last four of its serial number, which is on the printer."""
    return f"{model} (serial number ends {serial_number[-4:]})" if serial_number else model
