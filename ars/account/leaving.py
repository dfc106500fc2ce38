"""Cancel Plan, on one page; then what became of it, and the way back for 30 days (promises P15 to P17)."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import cached_property
from django.utils.translation import gettext

from ars.account import order_rows, printer_rows
from ars.account.acting import own_button, own_form, say
from ars.account.leaving_form import DROP, SEND, LeavingForm
from ars.account.order_rows import OrderRow
from ars.account.plan_page import PlanPage
from ars.account.printer_rows import PrinterRow
from billing import cards
from enrollment import lifecycle, renewal
from enrollment.models import Plan, User
from enrollment.network import address_of
from orders import wishes, words
from orders.models import Order

Status = Order.Status
# What is chosen at first for an order that may still be cancelled: what is being got ready ships (promise P16).
AT_FIRST: dict[str, str] = {Status.PLACED: DROP, Status.BACKORDERED: DROP, Status.RELEASED: SEND}


@dataclass(frozen=True)
class LeavingPage:
    """A plan that is to end, or has ended: its orders under way, and what may be chosen or comes of them."""

    row: PrinterRow

    @property
    def plan(self) -> Plan:
        return self.row.plan

    @cached_property
    def orders(self) -> list[OrderRow]:
        found = order_rows.of(self.plan.user).filter(plan=self.plan, status__in=wishes.UNDER_WAY)
        return [OrderRow(order, self.row.now) for order in found]

    @property
    def undecided(self) -> list[tuple[int, str]]:
        return [(row.order.pk, AT_FIRST[row.order.status]) for row in self.orders if row.order.status in AT_FIRST]

    @property
    def ended(self) -> str:
        return self.row.clock.moment(self.plan.ended_at) if self.plan.ended_at else ""

    @property
    def way_back(self) -> str:
        """The last day of *Start again*; empty when there is no way back."""
        if self.plan.ended_at is None or not renewal.may_renew(self.plan, self.row.now):
            return ""
        return self.row.clock.day(self.plan.ended_at + renewal.WAY_BACK)

    @property
    def mailed_to(self) -> str:
        """a...@example.com."""
        return self.plan.user.masked_email


@own_form
def cancel(request: HttpRequest, user: User, now: datetime, plan_id: int) -> HttpResponse:
    """One page with all there is to know; sent a second time, it shows what the first did."""
    plan = get_object_or_404(printer_rows.of(user), pk=plan_id)
    page = LeavingPage(PrinterRow(plan, now))
    if plan.status == Plan.Status.CANCELLED:
        return _over(request, page)
    if request.method != "POST":
        return _ask(request, page)
    form = LeavingForm(request.POST, undecided=page.undecided)
    form.full_clean()
    chosen = form.cleaned_data
    left = wishes.leave(plan, form.dropped, chosen["reason"], chosen.get("words", ""), now)
    say(request, *[_too_late(order) for order in left.too_late])
    return redirect("plan_cancel", plan_id)


@own_button
def start_again(request: HttpRequest, user: User, now: datetime, plan_id: int) -> HttpResponse:
    """A new plan like the ended one, agreed to anew; sent twice, there is one. Pending if its card is gone."""
    ended = get_object_or_404(printer_rows.of(user), pk=plan_id)
    with transaction.atomic():
        lifecycle.lock_plan(ended.pk)
        again = renewal.renewed(ended) or _renew(PrinterRow(ended, now), request)
    if again.status == Plan.Status.ACTIVE:
        say(request, gettext("It runs again, as before."))
    return redirect("plan", again.pk)


def _renew(row: PrinterRow, request: HttpRequest) -> Plan:
    now, again = row.now, renewal.renew(row.plan, row.now, wishes.CUSTOMER)
    lifecycle.agree(again, prices_of(row), address_of(request), now)
    if row.card:
        cards.use_card(again, row.card, now)
    again.refresh_from_db()
    return again


def prices_of(row: PrinterRow) -> dict[str, int]:
    """Each cartridge of a plan with its list price today, in cents: what stands beside the button."""
    found = PlanPage(row).cartridges
    return {each.sku.code: each.quote.list_cents for each in found if each.sku and each.quote}


def _ask(request: HttpRequest, page: LeavingPage) -> HttpResponse:
    form = LeavingForm(undecided=page.undecided)
    orders = [(row, form[f"order_{row.order.pk}"] if row.order.pk in form.orders else None) for row in page.orders]
    context = {"page": page, "row": page.row, "form": form, "orders": orders, "tab": "replenishment"}
    return render(request, "account/cancel.html", context)


def _over(request: HttpRequest, page: LeavingPage) -> HttpResponse:
    cartridges = PlanPage(page.row).cartridges if page.way_back else []
    context = {"page": page, "row": page.row, "cartridges": cartridges, "tab": "replenishment"}
    return render(request, "account/cancelled.html", context)


def _too_late(order: Order) -> str:
    return gettext(words.PACKED_MEANWHILE) % {"number": order.display_number}
