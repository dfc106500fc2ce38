"""What is known of a printer's supplies now: read by everybody, told by orders what is on its way."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from printers import facts
from printers.models import LowSignal, Printer, Slot
from printers.reports import Report

NOTE = """
UPDATE printers_printer SET supplies = supplies || news.kept
  FROM (SELECT p.id AS printer_id,
               jsonb_object_agg(code, p.supplies -> code || jsonb_build_object('replenishment', said)) AS kept
          FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS told(printer_id, code, said)
          JOIN printers_printer p ON p.id = told.printer_id AND p.supplies -> code ->> 'replenishment' <> said
         GROUP BY p.id) AS news
 WHERE id = news.printer_id
"""
REARM = """
UPDATE printers_printer
   SET supplies = jsonb_set(
       supplies, ARRAY[%s], supplies -> %s || '{"signal": null, "rise": null, "replenishment": "none"}'::jsonb
                            || jsonb_build_object('met_at', %s::timestamptz, 'met_level', supplies -> %s -> 'level'))
 WHERE id = %s AND supplies ? %s
"""


@dataclass(frozen=True)
class SupplyState:
    """The latest state of one slot, as `printers_ingest()` keeps it.

    `jumped`: the level rose as with a new cartridge, and the next report must show whether that is so.
    """

    at: datetime
    level: int | None
    last_level: int | None
    low: bool
    jumped: bool
    genuine: bool | None
    serial_number: str | None
    replenishment: str


def usual(report: Report, now: datetime) -> dict[str, dict[str, Any]] | None:
    """What `printers_ingest()` keeps of a report, by slot, if nothing is low, new, jumped or on its way.

    None where the report itself says otherwise, or does not say of which slots it is, or how much is left.
    """
    if report.says_low:
        return None
    ahead = {"sent": report.observed_at.isoformat()} if report.observed_at > now else {}
    of_all = {"at": min(report.observed_at, now).isoformat(), "low": False, "rise": None, "signal": None} | ahead
    kept = {}
    for item in report.items:
        level = item["level"]
        if level is None or "slot" not in item or item.get("low"):
            return None
        told = {"level": level, "last": level, "genuine": item.get("genuine"), "serial": item.get("serial_number")}
        kept[item["slot"]] = {**of_all, **told, "replenishment": "none"}
    return kept


def state(printer: Printer, slot_code: str) -> SupplyState | None:
    """The latest state of a slot; None when it was never reported."""
    kept: dict[str, Any] | None = printer.supplies.get(slot_code)
    if kept is None:
        return None
    return SupplyState(
        at=datetime.fromisoformat(kept["at"]),
        level=kept["level"],
        last_level=kept["last"],
        low=kept["low"],
        jumped=kept.get("rise") is not None,
        genuine=kept["genuine"],
        serial_number=kept["serial"],
        replenishment=kept["replenishment"],
    )


def is_fine(printer: Printer, slot_code: str) -> bool:
    """Whether a slot is known not to be low: the printer says how much is left, and does not say low."""
    known = state(printer, slot_code)
    return known is not None and not known.low and known.level is not None


def note(printer_id: int, replenishments: Mapping[str, str]) -> None:
    """Keep what orders says of each slot (none, deciding, on_order, waiting), for the answer to the next report."""
    note_all({printer_id: replenishments})


def note_all(printers: Mapping[int, Mapping[str, str]]) -> None:
    """The same for many printers; their rows are locked in pk order, and only what is new is written."""
    told = [(pk, code, said) for pk, slots in printers.items() for code, said in slots.items()]
    if not told:
        return
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        locked = Printer.objects.filter(pk__in=printers).order_by("pk").select_for_update(no_key=True)
        list(locked.values_list("pk"))
        cursor.execute(NOTE, [list(column) for column in zip(*told, strict=True)])


def replaced(printer_id: int, slot: Slot, now: datetime) -> bool:
    """A person says that a new supply is in: as when a report shows it, the open signal ends and the slot is armed.

    The next low opens another; a report from before, or one of a low that only goes on as it was, does not: it is
    what made us ask. False when nothing was open.
    """
    with transaction.atomic():
        Printer.objects.select_for_update(no_key=True).get(pk=printer_id)  # as whoever takes a report does
        still_open = LowSignal.objects.filter(printer_id=printer_id, slot=slot, closed_at=None)
        ended = still_open.update(closed_at=now, closed_cause=LowSignal.ClosedCause.REPLACED, due_at=now)
        with connection.cursor() as cursor:
            cursor.execute(REARM, [slot.code, slot.code, now, slot.code, printer_id, slot.code])
        facts.nudge("low_signal")
    return ended == 1
