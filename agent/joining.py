"""What two lists say of the same supplies, made one: which belongs to which, and whose level is finer. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import reduce
from math import gcd
from typing import Callable

from agent.supplies import FULL, Reading, Supply

BASIC = ("black", "cyan", "magenta", "yellow")
CONTRADICTION = 25  # percent: coarse steps are a quarter at most; of what lies further apart one is not this supply
LEVEL = ("level", "raw_level", "raw_max", "source")

Pair = tuple[Supply, Supply]


def pairs(ours: list[Supply], theirs: list[Supply]) -> list[Pair] | None:
    """Which belongs to which, by index, else by order; None where neither way agrees."""
    if len(ours) != len(theirs):
        return None
    by_index = {supply.index: supply for supply in theirs}
    ways = [list(zip(ours, theirs))]
    if set(by_index) == {supply.index for supply in ours}:
        ways.insert(0, [(supply, by_index[supply.index]) for supply in ours])
    return next((way for way in ways if all(agree(*pair) for pair in way)), None)


def agree(one: Supply, other: Supply) -> bool:
    """No word of one contradicts the other; a pigment black is black."""
    if one.class_ and other.class_ and one.is_consumed != other.is_consumed:
        return False
    told = other.colorant.lower()
    return not one.colorant or not told or one.colorant.lower() in told or told not in BASIC


def merged(ours: Reading, theirs: Reading) -> Reading:
    """One printer read by two protocols: ours, with what only theirs tells, and each level from whoever tells it finer.

    Two serial numbers are two printers: then, and where the supplies fit in no way, it stays ours.
    """
    if ours.serial_number and theirs.serial_number and ours.serial_number != theirs.serial_number:
        return ours
    if ours.supplies and theirs.supplies:
        found, is_finer = _found(ours.supplies, theirs.supplies), _step(theirs.consumed) < _step(ours.consumed)
        supplies = [_merged(each, other, is_finer) if other else each for each, other in found]
    else:
        supplies = ours.supplies or theirs.supplies
    return Reading(
        make_and_model=ours.make_and_model or theirs.make_and_model,
        printer_uuid=ours.printer_uuid or theirs.printer_uuid,
        serial_number=ours.serial_number or theirs.serial_number,
        state_reasons=list(dict.fromkeys([*ours.state_reasons, *theirs.state_reasons])),
        supplies=supplies,
    )


def _found(ours: list[Supply], theirs: list[Supply]) -> list[tuple[Supply, Supply | None]]:
    """For each of ours theirs, if it is known which: the two lists need neither be as long nor in the same order."""
    whole = pairs(ours, theirs)
    if whole is not None and all(_level_fits(*pair) for pair in whole):
        return [*whole]
    ways: list[Callable[[Supply], str]] = [lambda each: _bare(each.name), lambda each: each.colorant.lower()]
    return [(each, _alike(each, ours, theirs, ways)) for each in ours]


def _alike(one: Supply, ours: list[Supply], theirs: list[Supply], ways: list[Callable[[Supply], str]]) -> Supply | None:
    """The one supply of theirs with the same name, else of the same colour; None where two share it."""
    for word in ways:
        counted = Counter(word(each) for each in ours)
        alike = [each for each in theirs if word(each) and word(each) == word(one)]
        if len(alike) == 1 == counted[word(one)] and agree(one, alike[0]) and _level_fits(one, alike[0]):
            return alike[0]
    return None


def _level_fits(one: Supply, other: Supply) -> bool:
    if one.level is None or other.level is None or not (one.is_consumed and other.is_consumed):
        return True
    return abs(one.level - other.level) <= CONTRADICTION


def _merged(ours: Supply, theirs: Supply, is_finer: bool) -> Supply:
    """What fills keeps its level: one protocol tells how full it is, the other what room is left."""
    joined = replace(
        ours,
        name=ours.name or theirs.name,
        type=ours.type or theirs.type,
        class_=ours.class_ or theirs.class_,
        colorant=ours.colorant or theirs.colorant,
        low=True if theirs.low or ours.low else ours.low,
    )
    if joined.is_consumed and theirs.level is not None and (ours.level is None or is_finer):
        joined = replace(joined, **{name: getattr(theirs, name) for name in LEVEL})
    return joined


def _step(supplies: list[Supply]) -> float:
    """The steps that these levels come in, as a part of the whole: a fifth for 20, 60 and 80 of 100."""
    told = [(each.raw_level or 0, _whole(each)) for each in supplies if each.level is not None]
    wholes = {whole for _, whole in told}
    return max((_common([level for level, of in told if of == whole], whole) / whole for whole in wholes), default=1.0)


def _whole(supply: Supply) -> int:
    return supply.raw_max if supply.raw_max is not None and supply.raw_max > 0 else FULL


def _common(levels: list[int], whole: int) -> int:
    return reduce(gcd, levels, whole)


def _bare(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))
