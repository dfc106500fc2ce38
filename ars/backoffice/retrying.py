"""A refused card asked once more for a caller: the amount, the card and both ends of it are shown first."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from ars.account.printer_rows import clock_of
from ars.backoffice.acts import Act, Effect, Typed, answer
from ars.backoffice.call_forms import WhyForm
from ars.backoffice.pages import staff_page
from ars.timeline.proof import preview
from billing import by_hand
from enrollment.models import User
from notifications.messages import Mail, shipped
from orders import unpaid, words
from orders.models import Order, OrderEvent
from orders.money import display_amount


class RetryForm(WhyForm):
    """`attempt`: the one that failed, as the page shows it. It gives a second click away."""

    attempt = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    @property
    def asks(self) -> bool:
        """Nothing is chosen."""
        return False


@staff_page("orders.change_order")
@require_http_methods(["GET", "HEAD", "POST"])
def retry(request: HttpRequest, order_id: int) -> HttpResponse:
    """GET shows what asking the card once more would mean; the button asks it, once."""
    related = Order.objects.select_related("user__closure", "plan__printer", "plan__model", "plan__shipping_address")
    order = get_object_or_404(related, pk=order_id)
    last = order.charges.order_by("attempt").last()
    attempt = last.attempt if last else 0

    def form(data: Mapping[str, Any] | None = None, initial: Typed | None = None) -> WhyForm:
        return RetryForm(data, initial={**(initial or {}), "attempt": attempt})

    def do(typed: Typed, now: datetime, staff: User) -> str:
        by_hand.retry(order.pk, typed["attempt"], now, staff.get_username())
        return f"The bank is asked for order {order.display_number}. Its answer comes within seconds: look here again."

    return answer(
        request,
        Act(
            title=f"Try the payment of order {order.display_number} again",
            user=order.user,
            form=form,
            effect=lambda typed, now: effect_of(order, now),
            do=do,
            noted=f"Payment of order {order.display_number} tried again",
        ),
    )


def effect_of(order: Order, now: datetime) -> Effect:
    """What asking the card once more would mean. Refused with why it may not be."""
    to_come = by_hand.attempt_to_come(order, now)
    amount, clock = display_amount(to_come.amount_cents, to_come.currency), clock_of(order.plan, now)
    until = words.set_aside_until(unpaid.since(order) or now, clock)
    step = OrderEvent(order=order, status=Order.Status.SHIPPED, at=now)
    return Effect(
        [
            f"{to_come.card} is asked for {amount} once more: attempt {to_come.attempt}. No order is paid twice.",
            "If the bank says yes, the parcel leaves, and the mail below goes out, with its receipt.",
            f"If it says no, nothing is charged and no mail goes out: they know. Their ink is set aside until {until}.",
        ],
        f"Ask {to_come.card} for {amount}",
        preview(Mail("shipped", lambda event, clock: shipped(event, clock, to_come)), step, now),
    )
