"""What printers said of their supplies over time: one bounded query for all that a page shows."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db.models import Q
from django.db.models.functions import TruncDay

from printers.forecast import Point
from printers.models import Reading

KEPT = timedelta(days=180)  # how far back pages look

History = dict[tuple[int, int], list[Point]]


def of(since: Mapping[int, datetime], now: datetime, slot_id: int | None = None) -> History:
    """By (printer, slot): what was said since a printer's moment in `since`, oldest first, at most one point a day.

    A day's point is its last word; of a day on which a cartridge was changed, the word that told of it.
    """
    if not since:
        return {}
    whose = Q()
    for printer_id, moment in since.items():
        whose |= Q(printer=printer_id, observed_at__gte=max(moment, now - KEPT))
    found = Reading.objects.filter(whose, observed_at__lte=now)
    if slot_id is not None:
        found = found.filter(slot=slot_id)
    ordered = found.annotate(day=TruncDay("observed_at")).order_by(
        *("printer_id", "slot_id", "day", "-replaced", "-observed_at")
    )
    daily = ordered.distinct("printer_id", "slot_id", "day")
    history: History = {}
    fields = ("printer_id", "slot_id", "day", "observed_at", "level", "replaced")
    for printer, slot, _, at, level, replaced in daily.values_list(*fields):
        history.setdefault((printer, slot), []).append(Point(at, level, replaced))
    return history
