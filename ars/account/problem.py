"""Something is wrong with an order: what, how many, what comes of it; then a new one is sent, or it goes back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import cached_property
from django.utils.translation import gettext

from ars.account import order_rows
from ars.account.acting import own_form, say
from ars.account.order_page import OrderPage
from ars.account.order_rows import OrderRow
from ars.account.problem_form import ProblemForm
from ars.account.views import own_page
from billing.models import Charge
from enrollment.models import User
from orders import aftercare, follow_up, replacements, returns, words_after
from orders.aftercare import Pieces
from orders.models import Order, Return
from orders.money import display_amount
from printers.facts import Refused


@dataclass(frozen=True)
class ProblemPage:
    """One order of which something may be wrong."""

    page: OrderPage
    now: datetime

    @property
    def order(self) -> Order:
        return self.page.order

    @cached_property
    def known(self) -> dict[int, Pieces]:
        return aftercare.pieces(self.order)

    @property
    def left(self) -> list[Pieces]:
        return [each for each in self.known.values() if each.left]

    @property
    def seen(self) -> int:
        return aftercare.claimed(self.known)

    @property
    def not_late(self) -> str:
        """From when on it may be said that it has not come; empty once it may."""
        late = follow_up.is_late(self.order, self.now)
        return "" if late else words_after.not_late(follow_up.last_day(self.order), self.page.row.clock)

    def form(self, data: Any = None, what: str = "") -> ProblemForm:
        initial, clock = {"seen": self.seen, "what": what}, self.page.row.clock
        last_day = follow_up.last_day(self.order)
        return ProblemForm(data, initial=initial, left=self.left, last_day=last_day, clock=clock)


@dataclass(frozen=True)
class Outcome:
    """What comes of what was said, before it is done."""

    asked: ProblemPage
    form: ProblemForm

    @property
    def sends_back(self) -> bool:
        return bool(self.form.cleaned_data["what"] == words_after.NOT_NEEDED)

    @property
    def meant(self) -> list[tuple[Pieces, int]]:
        return [(self.asked.known[line_id], count) for line_id, count in self.form.pieces.items()]

    @property
    def what(self) -> list[str]:
        """'2 x Cyan' each."""
        return [f"{count} × {order_rows.name_of(each.line)}" for each, count in self.meant]

    @property
    def waits_for_staff(self) -> bool:
        cents = replacements.value(self.meant, self.asked.now)
        return not self.sends_back and not replacements.needs_nobody(self.asked.order.user_id, cents, self.asked.now)

    @property
    def heading(self) -> str:
        if not self.sends_back:
            return gettext("We send a new one free of charge")
        paid, cents = self._paid, self._owed
        if paid is None or not cents:
            return gettext("Send it back")
        facts = {"amount": display_amount(cents, self.asked.order.currency), "card": paid.card or gettext("your card")}
        return gettext("Send it back; %(amount)s returns to %(card)s") % facts

    @property
    def _paid(self) -> Charge | None:
        return next((charge for charge in self.asked.page.charges if charge.status == Charge.Status.PAID), None)

    @property
    def _owed(self) -> int:
        owed = sum(returns.owed_for(self.asked.order, each, count) for each, count in self.meant)
        return min(owed, self._paid.amount_cents - self._paid.refunded_cents) if self._paid else 0


@own_form
def problem(request: HttpRequest, user: User, now: datetime, number: str) -> HttpResponse:
    """GET asks, and then shows what would come of it; POST does it. Sent twice, it shows what the first did."""
    page = OrderPage(OrderRow(get_object_or_404(order_rows.of(user), number=number), now))
    asked = ProblemPage(page, now)
    if page.order.status not in aftercare.LEFT_US:
        raise Refused(gettext("There is nothing to replace or to send back of this order."), "not_left")
    if not asked.left:
        return _told_before(request, page.order)
    typed = request.POST if request.method == "POST" else request.GET if "seen" in request.GET else None
    form = asked.form(typed, request.GET.get("what", ""))
    if typed is None or not form.is_valid() or _not_to_be_sent_back(form, asked):
        context = {"asked": asked, "form": form, "order": page.order, "row": page.row, "tab": "orders"}
        return render(request, "account/order_problem.html", context)
    outcome = Outcome(asked, form)
    if request.method == "POST":
        return _act(request, outcome)
    context = {"outcome": outcome, "form": form, "order": page.order, "row": page.row, "tab": "orders"}
    return render(request, "account/order_problem_confirm.html", context)


def _not_to_be_sent_back(form: ProblemForm, asked: ProblemPage) -> bool:
    """Too late, or free: said beside the choice."""
    not_needed: bool = form.cleaned_data["what"] == words_after.NOT_NEEDED
    wrong = not_needed and not returns.may_be_sent_back(asked.order, asked.now)
    if wrong and asked.order.kind == Order.Kind.REPLACEMENT:
        form.add_error("what", gettext("It was free, so there is no money to give back. Keep it, or call us."))
    elif wrong:
        form.add_error("what", gettext("It is too late to send this order back. Call us, and we see what we can do."))
    return wrong


def _act(request: HttpRequest, outcome: Outcome) -> HttpResponse:
    order, form, now = outcome.asked.order, outcome.form, outcome.asked.now
    typed = form.cleaned_data
    try:
        if outcome.sends_back:
            returns.announce(order, form.pieces, now, seen=typed["seen"])
            return redirect("order_return", order.number)
        told = replacements.complain(order, typed["what"], form.pieces, now, seen=typed["seen"])
    except Refused as refused:
        if refused.code == "told_before":
            return _told_before(request, order)
        raise
    say(request, _said(told.sent_at is not None))
    return redirect("order", order.number)


def _said(sent: bool) -> str:
    """What came of it at once."""
    return (
        gettext("We send a new one, free of charge. You find it below.") if sent else gettext(words_after.PERSON_LOOKS)
    )


def _told_before(request: HttpRequest, order: Order) -> HttpResponse:
    """A second click, another window, or all of it was told of: what came of that stands on these pages."""
    if request.method != "POST":
        say(request, gettext("You have told us about all of this order. What comes of it stands below."))
    latest = order.complaints.order_by("-at").first()
    back = Return.objects.filter(order=order).order_by("-at").first()
    return redirect("order_return" if back and (latest is None or back.at > latest.at) else "order", order.number)


@own_page
def return_slip(request: HttpRequest, user: User, now: datetime, number: str) -> HttpResponse:
    """What goes back, where to, by when, and under which number; to print."""
    order = get_object_or_404(order_rows.of(user), number=number)
    slips = Return.objects.filter(order=order).prefetch_related("lines__line__slot", "lines__line__sku").order_by("-at")
    if not slips:
        return redirect("order_problem", number)
    row = OrderRow(order, now)
    context = {
        "order": order,
        "row": row,
        "slips": [(slip, row.clock.day(slip.send_by)) for slip in slips],
        "address": returns.address(),
        "tab": "orders",
    }
    return render(request, "account/order_return.html", context)
