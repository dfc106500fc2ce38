"""Orders that staff end: what changes in goods, money and the mail is shown first, and the button does just that."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from ars.backoffice.pages import show, staff_page
from ars.timeline.proof import preview
from enrollment.acting import staff_of
from enrollment.models import User
from notifications import after_messages, mailbox
from notifications.models import Message
from orders import calls, lifecycle
from orders.lifecycle import NOT_PACKED
from orders.models import Order, OrderEvent, Reservation
from orders.money import display_amount
from printers.facts import Refused

AT_ONCE = 200
Until = Literal["in_stock", "paid", ""]
BY_PHONE = "Cancelled as you asked us to."


class CancelForm(forms.Form):
    """Whose wish it is, and what the customer reads as the reason."""

    wish = forms.ChoiceField(
        widget=forms.RadioSelect,
        choices=[
            ("customer", "The customer asked for it: nothing is ordered instead"),
            ("again", "We end it, and order it again"),
            ("in_stock", "We end it, and order it again once it is in stock"),
        ],
        label="Whose wish is it?",
        initial="customer",
    )
    reason = forms.CharField(
        max_length=160,
        label="Why, as the customer reads it",
        initial=BY_PHONE,
        error_messages={"required": "Say why; the customer reads it."},
    )

    @property
    def by_customer(self) -> bool:
        """Whether nothing is ordered instead."""
        return bool(self.cleaned_data["wish"] == "customer")

    @property
    def until(self) -> Until:
        """What ordering it again waits for."""
        return "in_stock" if self.cleaned_data["wish"] == "in_stock" else ""


@dataclass(frozen=True)
class Ending:
    """An order that ends, what was quoted for it, and the mail its owner gets; None where they are told nothing."""

    order: Order
    quoted: str
    mail: Message | None

    @property
    def seen(self) -> str:
        """How it stands, as its page sends back."""
        return seen(self.order)


@dataclass(frozen=True)
class Effect:
    """What will happen: the orders that end, those that cannot and why, and what is set aside for them."""

    endings: Sequence[Ending]
    skipped: Sequence[tuple[Order, str]]
    freed: Sequence[str]

    @property
    def orders(self) -> Sequence[Order]:
        """Those that end."""
        return [ending.order for ending in self.endings]

    @property
    def mail(self) -> Message | None:
        """The first one's."""
        return self.endings[0].mail if self.endings else None

    @property
    def mailed(self) -> int:
        """How many owners get a mail."""
        return sum(ending.mail is not None for ending in self.endings)

    @property
    def pieces(self) -> Sequence[str]:
        """3 × PGI-280 Black: what is not sent, by cartridge."""
        wanted = Counter[str]()
        for line in (line for order in self.orders for line in order.lines.all()):
            wanted[line.sku.name] += line.quantity
        return [f"{quantity} × {name}" for name, quantity in sorted(wanted.items())]

    @property
    def quoted(self) -> str:
        """$74.97: what their owners were told they would pay. All orders are in one currency."""
        return display_amount(sum(order.total_cents for order in self.orders))

    @property
    def button(self) -> str:
        """Names what it does."""
        if len(self.orders) != 1:
            return f"Cancel {len(self.orders)} orders" + (" and mail their owners" if self.mailed else "")
        owner = self.orders[0].user
        return f"Cancel the order and mail {owner.full_name or owner.email}" if self.mail else "Cancel the order"


@staff_page("orders.change_order")
@require_http_methods(["GET", "HEAD", "POST"])
def cancel_orders(request: HttpRequest) -> HttpResponse:
    """`?order=ID`, as often as orders are meant, 200 at most. Sent twice, it is done once."""
    staff, now = staff_of(request), timezone.now()
    given = request.POST if request.method == "POST" else request.GET
    chosen = list(_chosen(given.getlist("order")))
    form = CancelForm(request.POST if request.method == "POST" else _first_look())
    if form.is_valid() and request.POST.get("act") == "cancel":
        return _cancel(request, [order.pk for order in chosen], form, staff, now)
    effect = effect_on(chosen, form, staff, now) if form.is_valid() else None
    return show(request, "backoffice/cancel.html", "Cancel orders", form=form, chosen=chosen, effect=effect)


def _first_look() -> dict[str, Any]:
    return {name: field.initial for name, field in CancelForm.base_fields.items()}


def _chosen(ids: Sequence[str]) -> QuerySet[Order]:
    known = [int(each) for each in ids if each.isdecimal() and len(each) < 19]
    orders = Order.objects.filter(pk__in=known[:AT_ONCE]).select_related("user__closure", "plan__printer__model")
    return orders.prefetch_related("lines__sku", "lines__slot", "lines__promotions").order_by("placed_at", "pk")


def effect_on(chosen: Sequence[Order], form: CancelForm, staff: User, now: datetime) -> Effect:
    """What cancelling these would do."""
    refusals = [(order, _why_not(order, staff, now)) for order in chosen]
    ending = [order for order, why in refusals if not why]
    skipped = [(order, why) for order, why in refusals if why]
    held = Reservation.objects.filter(line__order__in=ending).select_related("line__sku").order_by("pk")
    freed = [f"{each.quantity} × {each.line.sku.name}" for each in held]
    return Effect([_ending(order, form, staff, now) for order in ending], skipped, freed)


def _ending(order: Order, form: CancelForm, staff: User, now: datetime) -> Ending:
    return Ending(order, display_amount(order.total_cents, order.currency), _mail(order, form, staff, now))


def seen(order: Order) -> str:
    """How an order stands, as the page that showed it sends back: what stands otherwise by then is left alone."""
    return f"{order.pk}.{order.status}.{order.revision}"


def _why_not(order: Order, staff: User, now: datetime) -> str:
    """Why it cannot be cancelled now; empty when it can."""
    if order.status not in NOT_PACKED:
        last = order.events.order_by("-at", "-pk").first()
        since = f" since {last.at:%Y-%m-%d %H:%M} UTC, by {last.by}" if last else ""
        stands = f"It is {order.get_status_display().lower()}{since}"
        over = order.status == Order.Status.CANCELLED
        return f"{stands}." if over else f"{stands}, so it cannot be cancelled. Offer a return."
    return calls.refusal(staff, order, now)


def _mail(order: Order, form: CancelForm, staff: User, now: datetime) -> Message | None:
    """As it will go out; None where its owner is told nothing."""
    note = form.cleaned_data["reason"]
    order.at_wish = form.by_customer
    step = OrderEvent(order=order, status=Order.Status.CANCELLED, at=now, by=staff.get_username(), note=note)
    kind = after_messages.mail_for(step)
    return preview(kind, step, now) if kind and mailbox.of(order.user, kind.kind) else None


def _cancel(request: HttpRequest, ids: Sequence[int], form: CancelForm, staff: User, now: datetime) -> HttpResponse:
    """Each in a transaction of its own: what changed since it was shown is named, and the others end."""
    ended, shown = 0, set(request.POST.getlist("seen"))
    for order_id in sorted(ids):
        try:
            _end(order_id, shown, form, staff, now)
        except Refused as refused:
            messages.error(request, str(refused))
        else:
            ended += 1
    if ended:
        messages.success(request, "1 order is cancelled." if ended == 1 else f"{ended} orders are cancelled.")
    if len(ids) == 1:
        return HttpResponseRedirect(reverse("admin:orders_order_change", args=ids))
    return HttpResponseRedirect(reverse("backoffice:queue", args=["backorders"]))


def _end(order_id: int, shown: Collection[str], form: CancelForm, staff: User, now: datetime) -> None:
    """Refused where it may not end, or is not as it was `shown`; its row is locked, so that it stays as it is read."""
    with transaction.atomic():
        order = (
            Order.objects.select_for_update(of=["self"], no_key=True).select_related("user", "plan").get(pk=order_id)
        )
        if why := _why_not(order, staff, now):
            raise Refused(f"Order {order}: {why}", "not_cancelled")
        if seen(order) not in shown:
            stands = order.get_status_display().lower()
            raise Refused(f"Order {order} changed since it was shown and is left as it is: {stands}.", "order_changed")
        note = form.cleaned_data["reason"]
        lifecycle.cancel(order, now, staff.get_username(), note, by_customer=form.by_customer, until=form.until)
