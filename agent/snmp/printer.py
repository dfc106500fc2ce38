"""Reads a printer by SNMP: the Printer MIB (RFC 3805) and the Host Resources MIB (RFC 2790)."""

from __future__ import annotations

from dataclasses import replace

from agent.address import Address
from agent.ipp.markers import LONGEST_NAME, LONGEST_WORD, NOT_SAID
from agent.snmp.ber import Oid, Told
from agent.snmp.walk import Walker
from agent.supplies import CLASSES, TYPES, Reading, Supply, capacity, class_of, percent
from agent.text import clean

SECONDS = 20.0
LONGEST_SERIAL = 64
MIB: Oid = (1, 3, 6, 1, 2, 1)
SYSTEM_DESCRIPTION: Oid = (*MIB, 1, 1)
DEVICE_TYPES: Oid = (*MIB, 25, 3, 2, 1, 2)
DEVICE_DESCRIPTIONS: Oid = (*MIB, 25, 3, 2, 1, 3)
PRINTER_TYPE: Oid = (*MIB, 25, 3, 1, 5)
ERROR_STATES: Oid = (*MIB, 25, 3, 5, 1, 2)
SERIALS: Oid = (*MIB, 43, 5, 1, 1, 17)
SUPPLIES: Oid = (*MIB, 43, 11, 1, 1)
COLORANTS: Oid = (*MIB, 43, 12, 1, 1, 4)
ALERT_GROUPS: Oid = (*MIB, 43, 18, 1, 1, 4)
ALERT_PLACES: Oid = (*MIB, 43, 18, 1, 1, 5)
ALERT_CODES: Oid = (*MIB, 43, 18, 1, 1, 7)
PERCENT = 19  # PrtMarkerSuppliesSupplyUnitTC
MARKER_SUPPLIES = 11  # PrtAlertGroupTC: the place of such an alert is a row of the supplies
COLORANT, CLASS, TYPE, DESCRIPTION, UNIT, CAPACITY, LEVEL = range(3, 10)  # columns of prtMarkerSuppliesTable
# PrtAlertCodeTC, in the words of IPP's state reasons.
ALERTS = {
    1101: "marker-toner-empty",
    1102: "marker-ink-empty",
    1104: "marker-toner-almost-empty",
    1105: "marker-ink-almost-empty",
    1107: "marker-waste-toner-receptacle-almost-full",
    1108: "marker-waste-ink-receptacle-almost-full",
    1109: "marker-waste-toner-receptacle-full",
    1110: "marker-waste-ink-receptacle-full",
}

LOW_CODES = (1101, 1102, 1104, 1105)

# hrPrinterDetectedErrorState of RFC 2790, first byte: printers with one cartridge may say no more than this.
ERRORS = {0x20: "marker-supply-low", 0x10: "marker-supply-empty", 0x08: "door-open", 0x04: "media-jam"}

Rows = dict[Oid, dict[int, Told]]


def read(address: Address, seconds: float = SECONDS) -> Reading:
    """What the printer says of itself, or PrinterError."""
    with Walker(address, seconds) as walker:
        table, codes = walker.walk(SUPPLIES), walker.walk(ALERT_CODES)
        low = _low(walker, codes) if table else set()
        return Reading(
            make_and_model=_model(walker),
            serial_number=_text(walker.walk(SERIALS), LONGEST_SERIAL),
            state_reasons=_reasons(codes, walker.walk(ERROR_STATES)),
            supplies=supplies(table, walker.walk(COLORANTS) if table else {}, low),
        )


def supplies(table: dict[Oid, Told], colorants: dict[Oid, Told], low: set[Oid]) -> list[Supply]:
    """A supply for each row, whichever of its columns are there; of several devices, the first that has any.

    `low` are the rows, by device and supply, that an alert calls low or empty.
    """
    rows: Rows = {}
    for oid, told in table.items():
        if len(oid) == 3:  # column, device, supply
            rows.setdefault(oid[1:], {})[oid[0]] = told
    devices = sorted({device for device, _ in rows})
    found = {oid: _supply(oid, rows[oid], colorants) for oid in sorted(rows) if oid[0] == devices[0]}
    return [replace(each, low=True) if oid in low and each.is_consumed else each for oid, each in found.items()]


def _supply(oid: Oid, row: dict[int, Told], colorants: dict[Oid, Told]) -> Supply:
    level, most = _number(row.get(LEVEL)), _number(row.get(CAPACITY))
    kind = TYPES.get(_number(row.get(TYPE)) or 0, "")
    colorant = _cleaned(colorants.get((oid[0], _number(row.get(COLORANT)) or 0)), LONGEST_WORD)
    return Supply(
        index=oid[1],
        name=_cleaned(row.get(DESCRIPTION), LONGEST_NAME),
        type=kind,
        class_=class_of(kind, CLASSES.get(_number(row.get(CLASS)) or 0, "")),
        colorant="" if colorant.lower() in NOT_SAID else colorant,
        level=percent(level, capacity(most, in_percent=row.get(UNIT) == PERCENT)),
        raw_level=level,
        raw_max=most,
        source="snmp",
    )


def _model(walker: Walker) -> str:
    """The description of the first device that is a printer, or may be one; else of the system."""
    kinds, named = walker.walk(DEVICE_TYPES), walker.walk(DEVICE_DESCRIPTIONS)
    printers = {oid: told for oid, told in named.items() if kinds.get(oid, PRINTER_TYPE) == PRINTER_TYPE}
    return _text(printers) or _text(walker.walk(SYSTEM_DESCRIPTION))


def _low(walker: Walker, codes: dict[Oid, Told]) -> set[Oid]:
    """The rows of the supplies table that an alert calls low or empty."""
    alerts = [oid for oid, code in codes.items() if code in LOW_CODES]
    if not alerts:
        return set()
    groups, places = walker.walk(ALERT_GROUPS), walker.walk(ALERT_PLACES)
    named = {oid: _number(places.get(oid)) for oid in alerts if groups.get(oid) == MARKER_SUPPLIES}
    return {(oid[0], place) for oid, place in named.items() if oid and place is not None}


def _reasons(codes: dict[Oid, Told], states: dict[Oid, Told]) -> list[str]:
    """In the words of IPP, each once."""
    alerts = [ALERTS.get(_number(code) or 0, "") for code in codes.values()]
    state = next((told[0] for told in states.values() if isinstance(told, bytes) and told), 0)
    errors = [reason for bit, reason in ERRORS.items() if state & bit]
    return [reason for reason in dict.fromkeys([*alerts, *errors]) if reason]


def _text(told: dict[Oid, Told], longest: int = 255) -> str:
    return next((text for _, value in sorted(told.items()) if (text := _cleaned(value, longest))), "")


def _cleaned(told: Told, longest: int) -> str:
    return clean(told, longest) if isinstance(told, bytes) else ""


def _number(told: Told) -> int | None:
    return told if isinstance(told, int) else None
