"""A customer's page for staff: who they are, what is wrong right now, and everything that happened, in one look."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import cached_property
from django.utils.translation import get_language_info
from django.views.decorators.http import require_GET

from ars.account.order_rows import OrderRow
from ars.account.overview import Overview
from ars.account.printer_rows import PrinterRow, clock_of
from ars.backoffice import sets, wrong
from ars.backoffice.call_forms import CodeForm, FactsForm, NoteForm
from ars.backoffice.pages import show, staff_page
from ars.timeline import facts_of_user, of_user
from billing.models import Card
from enrollment import callers
from enrollment.acting import staff_of
from enrollment.models import Address, CallerCheck, Note, Plan, User
from orders import words
from orders.clock import Clock
from orders.money import display_amount
from printers.models import LowSignal, Slot

NO_MONEY: dict[str, Any] = {"charged": 0, "refunded": 0, "orders": [], "charges": []}
CHIPS = {"": "All", **{chip: chip.capitalize() for chip in facts_of_user.CHIPS}}


@dataclass(frozen=True)
class CustomerPage:
    """One customer as `staff` may see them, now. Each block is read once, and only by who may read it."""

    user: User
    staff: User
    now: datetime

    @cached_property
    def overview(self) -> Overview:
        return Overview(self.user, self.now)

    @cached_property
    def clock(self) -> Clock:
        """Of where their ink goes: of a plan that runs, before one that ended."""
        rows = sorted(self.plans, key=lambda row: row.plan.status != Plan.Status.ACTIVE)
        return next((clock_of(row.plan, self.now) for row in rows if row.plan.shipping_address), Clock(self.now))

    @cached_property
    def plans(self) -> list[PrinterRow]:
        return self.overview.plans if self._may("enrollment.view_plan") else []

    @cached_property
    def printers(self) -> list["ConnectedPrinter"]:
        rows = [row for row in self.plans if row.plan.status != Plan.Status.CANCELLED and row.plan.printer_id]
        decided = {known["plan"]: known for known in sets.rows_of(self.user, "known_decisions")}
        return [ConnectedPrinter(row, decided.get(row.plan.pk)) for row in rows]

    @cached_property
    def orders(self) -> list["OpenOrder"]:
        if not self._may("orders.view_order"):
            return []
        known = self._money if self._may("billing.add_refundrequest") else NO_MONEY
        charges = dict(zip(known["orders"], known["charges"], strict=True))
        return [OpenOrder(row, charges.get(row.order.pk)) for row in self.overview.under_way]

    @property
    def _money(self) -> dict[str, Any]:
        return getattr(self.user, "money", None) or NO_MONEY

    @cached_property
    def wrong(self) -> list[wrong.Wrong]:
        return wrong.of(self.overview, self.staff, self.clock)

    @cached_property
    def notes(self) -> list[Note]:
        """What is pinned, what is still to be followed up, and the newest."""
        return sets.models_of(self.user, "known_notes", Note)

    @property
    def notes_on_top(self) -> list[Note]:
        """What is pinned, or still to be followed up."""
        return [note for note in self.notes if note.pinned or note.waits]

    @property
    def notes_below(self) -> list[Note]:
        return [note for note in self.notes if not (note.pinned or note.waits)]

    @cached_property
    def checks(self) -> list[CallerCheck]:
        return sets.models_of(self.user, "known_checks", CallerCheck)

    @property
    def may_see_checks(self) -> bool:
        return self._may("enrollment.view_callercheck")

    @property
    def may_verify(self) -> bool:
        return self.user.is_active and self._may("enrollment.add_callercheck")

    @property
    def verified(self) -> "Verified | None":
        latest = callers.latest_verified(self.checks, self.now)
        return Verified(latest, self.clock) if latest else None

    @property
    def code_waits(self) -> CallerCheck | None:
        return callers.waiting(self.checks, self.now)

    @cached_property
    def addresses(self) -> list[Address]:
        return sets.models_of(self.user, "known_addresses", Address)

    @property
    def phones(self) -> list[str]:
        return list(dict.fromkeys(address.phone for address in self.addresses if address.phone))

    @cached_property
    def cards(self) -> list[Card]:
        return sets.models_of(self.user, "known_cards", Card)

    @property
    def money(self) -> dict[str, str]:
        """What was charged and given back, ever."""
        if not self._may("billing.view_charge"):
            return {}
        return {name: display_amount(self._money[name]) for name in ("charged", "refunded")}

    @property
    def local_time(self) -> str:
        return self.clock.moment(self.now)

    @property
    def since(self) -> str:
        return self.clock.dated(self.user.date_joined)

    @property
    def language(self) -> str:
        """What our mails and pages speak to them."""
        return str(get_language_info(settings.LANGUAGE_CODE)["name"])

    @property
    def last_contact(self) -> str:
        """'Tue 14 Oct, eve@example.com: “asked about XL”.'"""
        latest = max(self.notes, key=lambda note: note.at, default=None)
        return f"{self.clock.day(latest.at)}, {latest.by}: “{latest.text}”" if latest else ""

    def _may(self, right: str) -> bool:
        return self.staff.has_perm(right)


@dataclass(frozen=True)
class OpenOrder:
    """An order under way, with what staff do about it."""

    row: OrderRow
    charge: int | None

    @property
    def age(self) -> str:
        """How long ago it was placed: '3 days'."""
        days = (self.row.now - self.row.order.placed_at).days
        return "today" if not days else f"{days} day{'' if days == 1 else 's'} old"


@dataclass(frozen=True)
class ConnectedPrinter:
    """A printer, with what was decided for it last."""

    row: PrinterRow
    last: sets.Known | None

    @property
    def decided(self) -> str:
        """What its owner reads of the last decision; empty where they read nothing."""
        last = self.last
        if last is None or not words.is_shown(last["kind"]):
            return ""
        signal = LowSignal(level=last["level"], threshold=last["mark"], slot=Slot(name=last["supply"]))
        return words.decision(last["kind"], signal, datetime.fromisoformat(last["at"]), self.row.clock)


@dataclass(frozen=True)
class Verified:
    """By what a caller is known, and for how long."""

    check: CallerCheck
    clock: Clock

    @property
    def text(self) -> str:
        """'Verified today 10:42 am by code (dana@example.com), 22 min left.'"""
        assert self.check.verified_at is not None  # it is held
        left = self.check.verified_at + callers.VERIFIED_FOR - self.clock.now
        how, by = self.check.get_how_display(), self.check.verified_by
        return f"Verified {self.clock.moment(self.check.verified_at)} {how} ({by}), {_minutes(left)} min left."


def _minutes(left: timedelta) -> int:
    return max(1, round(left.total_seconds() / 60))


@staff_page("enrollment.view_user")
@require_GET
def customer(request: HttpRequest, user_id: int) -> HttpResponse:
    """The page; `chip` and `before` choose what of the story it shows."""
    staff, now = staff_of(request), timezone.now()
    user = get_object_or_404(sets.of(staff), pk=user_id)
    page = CustomerPage(user, staff, now)
    chip = request.GET.get("chip", "")
    before = _moment(request.GET.get("before", ""))
    story = of_user.read(user, staff, page.clock, chip if chip in CHIPS else "", before)
    return show(
        request,
        "backoffice/customer.html",
        user.full_name or user.email,
        customer=user,
        page=page,
        story=story,
        chips=CHIPS,
        chip=chip,
        before=before,
        note_form=NoteForm(initial={"key": uuid4()}),
        code_form=CodeForm(),
        facts_form=FactsForm(),
    )


def _moment(text: str) -> datetime | None:
    """The moment a link names; nothing for what is none."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment is not None and timezone.is_aware(moment) else None
