"""What staff see of a printer's ink: each supply's level, whether it is low, and how long it will last."""

from datetime import datetime

from django.utils.html import format_html_join

from printers import history, supplies
from printers.forecast import forecast
from printers.models import Printer, Slot


def lines(printer: Printer, now: datetime) -> str:
    """A line of HTML for each supply that was ever reported, in the order of its slots; empty for none."""
    known = history.of({printer.pk: now - history.KEPT}, now)
    reported = [slot for slot in printer.model.slots.all() if slot.code in printer.supplies]
    return format_html_join("", "<div>{}: {}</div>", ((slot.name, _words(printer, slot, known)) for slot in reported))


def _words(printer: Printer, slot: Slot, known: history.History) -> str:
    state = supplies.state(printer, slot.code)
    assert state is not None  # only reported ones are asked about
    level = "level unknown" if state.level is None else f"{state.level} %"
    low = ", low" if state.low else ""
    lasts = forecast(known.get((printer.pk, slot.pk), []), state.at)
    days = f"enough for {lasts.least} to {lasts.most} days" if lasts else "too little is known to say for how long"
    return f"{level}{low} on {state.at:%d %b %Y}; {days}"
