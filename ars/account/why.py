"""Why: all that happened to one supply of a plan, from the printer's word to the doorstep."""

from dataclasses import dataclass
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.functional import cached_property

from ars.account import printer_rows
from ars.account.printer_rows import PrinterRow
from ars.account.views import own_page
from ars.timeline import story
from ars.timeline.entry import Entry, told
from enrollment.models import User
from printers.models import Slot

SHOWN = 15


@dataclass(frozen=True)
class Why:
    """One supply's story, its latest part and what was before."""

    row: PrinterRow
    slot: Slot

    @property
    def shown(self) -> list[Entry]:
        return self._told[:SHOWN]

    @property
    def older(self) -> list[Entry]:
        return self._told[SHOWN:]

    @cached_property
    def _told(self) -> list[Entry]:
        found = story.needs_of(self.row.plan, self.slot.pk)
        return told(story.of_needs(self.row.plan, found, self.row.clock))


@own_page
def why(request: HttpRequest, user: User, now: datetime, plan_id: int, slot_id: int) -> HttpResponse:
    """Of a plan that runs, and of one that ended."""
    row = PrinterRow(get_object_or_404(printer_rows.of(user), pk=plan_id), now)
    slot = next((each for each in row.plan.model.slots.all() if each.pk == slot_id), None)
    if slot is None:
        raise Http404
    return render(request, "account/why.html", {"row": row, "why": Why(row, slot), "tab": "replenishment"})
