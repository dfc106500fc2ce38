"""Supplies as IPP tells them: CUPS' `marker-*` lists and PWG 5100.13's `printer-supply`, joined. Pure."""

from __future__ import annotations

from dataclasses import replace
from itertools import zip_longest

from agent.ipp.codec import Attributes, integers, texts
from agent.joining import LEVEL, pairs
from agent.supplies import CLASSES, FILLED, FULL, TYPES, Supply, camel, capacity, class_of, colour, percent
from agent.text import clean

MOST = 100  # supplies; no printer has as many
LONGEST_NAME, LONGEST_WORD = 120, 40
LOW_ALERTS = {
    "markerSupplyLow", "markerSupplyEmpty", "markerInkAlmostEmpty", "markerInkEmpty",
    "markerTonerAlmostEmpty", "markerTonerEmpty", "supplyLow", "supplyEmpty",
}  # fmt: skip
MARKER, PRINTER_SUPPLY = "ipp-marker", "ipp-printer-supply"
PERCENT = "19"  # the number of the MIB
NOT_SAID = ("unknown", "other", "none")


def supplies(attributes: Attributes) -> list[Supply]:
    """All supplies, each once: what both lists tell is joined by index, else by order, where they do not disagree."""
    markers, listed = _markers(attributes), _listed(attributes)
    if not markers or not listed:
        return markers or listed
    joined = pairs(markers, listed)
    if joined is None:
        return max(markers, listed, key=lambda found: sum(supply.level is not None for supply in found))
    return [_joined(marker, supply) for marker, supply in joined]


def _markers(attributes: Attributes) -> list[Supply]:
    names, colours = texts(attributes, "marker-names"), texts(attributes, "marker-colors")
    kinds, levels = texts(attributes, "marker-types"), integers(attributes, "marker-levels")
    lows = integers(attributes, "marker-low-levels")
    columns = list(zip_longest(names, colours, kinds, levels))
    return [
        _marker(place, name or "", shade or "", kind or "", level, lows[place] if place < len(lows) else None)
        for place, (name, shade, kind, level) in enumerate(columns[:MOST])
    ]


def _marker(place: int, name: str, shade: str, kind: str, raw: int | None, low_level: int | None) -> Supply:
    kind = camel(kind)[:LONGEST_WORD]
    level, class_ = percent(raw, FULL), class_of(kind)
    low = None
    if level is not None and low_level is not None and low_level > 0 and class_ != FILLED:
        low = level <= low_level
    return Supply(
        index=place + 1,
        name=name[:LONGEST_NAME],
        type=kind,
        class_=class_,
        colorant=colour(shade),
        level=level,
        low=low,
        raw_level=raw,
        raw_max=FULL,  # marker levels are percentages
        source=MARKER,
    )


def _listed(attributes: Attributes) -> list[Supply]:
    names = texts(attributes, "printer-supply-description")
    told = [_fields(value) for value in texts(attributes, "printer-supply") if "=" in value]
    alerts = [_fields(value) for value in texts(attributes, "printer-alert")]
    low = {_number(each.get("groupindex")) for each in alerts if each.get("code") in LOW_ALERTS}
    found = [
        _from_fields(place, fields, names[place] if place < len(names) else "")
        for place, fields in enumerate(told[:MOST])
    ]
    return [replace(each, low=True) if each.is_consumed and each.index in low else each for each in found]


def _fields(value: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in value.split(";"))
    return {key.strip().lower(): clean(told, LONGEST_WORD) for key, equals, told in pairs if equals}


def _from_fields(place: int, fields: dict[str, str], name: str) -> Supply:
    kind = _word(fields.get("type", ""), TYPES)
    level, most = _number(fields.get("level")), _number(fields.get("maxcapacity"))
    index, colorant = _number(fields.get("index")), fields.get("colorantname", "")
    return Supply(
        index=place + 1 if index is None else index,
        name=name[:LONGEST_NAME],
        type=kind,
        class_=class_of(kind, _word(fields.get("class", ""), CLASSES)),
        colorant="" if colorant.lower() in NOT_SAID else colorant,
        level=percent(level, capacity(most, in_percent=fields.get("unit") in ("percent", PERCENT))),
        raw_level=level,
        raw_max=most,
        source=PRINTER_SUPPLY,
    )


def _word(told: str, table: dict[int, str]) -> str:
    """Some printers write the number of the MIB instead of its word."""
    number = _number(told)
    return camel(told) if number is None else table.get(number, "")


def _number(told: str | None) -> int | None:
    try:
        return int(told) if told else None
    except ValueError:
        return None


def _joined(marker: Supply, supply: Supply) -> Supply:
    """The marker, with what only the other tells; its level too where the marker's is unknown."""
    joined = replace(
        marker,
        index=supply.index,
        name=marker.name or supply.name,
        type=marker.type or supply.type,
        class_=supply.class_ or marker.class_,
        colorant=supply.colorant or marker.colorant,
        low=True if marker.low or supply.low else marker.low,
    )
    if joined.level is None and supply.level is not None:
        joined = replace(joined, **{name: getattr(supply, name) for name in LEVEL})
    return joined
