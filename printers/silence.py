"""Why nothing is heard of a printer: it is off, the helper beside it stopped, or it has never spoken at all."""

from datetime import datetime, timedelta
from enum import Enum
from itertools import pairwise

from django.db.models.functions import TruncDay

from printers.models import Printer, Reading

QUIET_AFTER = timedelta(days=4)  # longer than a weekend with a holiday: only then is what is known called old
NEVER_AFTER = timedelta(days=1)
LOOKED_BACK = timedelta(days=180)
HELPER_SPEAKS_EVERY = timedelta(days=1)  # it tries its printer every few hours; a night's rest is no silence


class Silence(Enum):
    """The three kinds, which ask three different things of the customer."""

    PRINTER_OFF = "printer_off"
    HELPER_STOPPED = "helper_stopped"
    NEVER_HEARD = "never_heard"


def of(printer: Printer, now: datetime) -> Silence | None:
    """Which silence it is; None while the last reading is fresh, or the first one not overdue."""
    if printer.seen_at is None:
        if printer_is_off(printer, now):
            return Silence.PRINTER_OFF
        return Silence.NEVER_HEARD if now - printer.created_at > NEVER_AFTER else None
    if not is_quiet(printer.seen_at, now):
        return None
    return Silence.PRINTER_OFF if printer_is_off(printer, now) else Silence.HELPER_STOPPED


def printer_is_off(printer: Printer, now: datetime) -> bool:
    """Whether the latest news is the helper's, and it is that the printer does not answer."""
    told = printer.heartbeat_at if printer.unreachable_reason else None
    if told is None or now - told > HELPER_SPEAKS_EVERY:
        return False
    return printer.seen_at is None or told > printer.seen_at


def is_quiet(heard_at: datetime | None, now: datetime) -> bool:
    """Whether nothing was heard for so long that what is known may no longer be so."""
    return heard_at is not None and now - heard_at > QUIET_AFTER


def usual_gap(printer: Printer) -> timedelta:
    """How long it is usually quiet between two days on which its ink changed: the middle pause of its last half year.

    Nothing for a printer that said too little to know.
    """
    if printer.seen_at is None:
        return timedelta()
    lately = Reading.objects.filter(printer=printer, observed_at__gt=printer.seen_at - LOOKED_BACK)
    days = lately.annotate(day=TruncDay("observed_at")).order_by("day").values_list("day", flat=True).distinct()
    pauses = sorted(later - earlier for earlier, later in pairwise(days))
    return pauses[len(pauses) // 2] if pauses else timedelta()
