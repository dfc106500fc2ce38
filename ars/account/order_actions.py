"""What a customer decides about one order: cancel it, keep waiting, order it again."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext

from ars.account import order_rows
from ars.account.acting import own_button, own_form, say
from ars.account.order_page import OrderPage
from ars.account.order_rows import OrderRow
from enrollment.models import User
from orders import replenishment, wishes, words
from orders.models import Order
from printers.facts import Refused


@own_form
def cancel(request: HttpRequest, user: User, now: datetime, number: str) -> HttpResponse:
    """Asks once more; too late, the order's page says why. Sent twice, it says what the first did."""
    page = OrderPage(OrderRow(get_object_or_404(order_rows.of(user), number=number), now))
    if request.method == "POST" and page.cancel_until:
        _cancel(page, now)
    if page.order.status == Order.Status.CANCELLED:
        say(request, gettext(words.CANCELLED_NOW) % {"number": page.order.display_number})
    elif not page.cancel_until:
        raise Refused(page.too_late, "too_late")
    else:
        context = {"page": page, "order": page.order, "row": page.row, "tab": "orders"}
        return render(request, "account/order_cancel.html", context)
    return redirect("order", number)


def _cancel(page: OrderPage, now: datetime) -> None:
    """Cancel; where the warehouse or another window was quicker, read how the order stands."""
    try:
        wishes.cancel(page.order, now)
    except Refused:
        page.order.refresh_from_db()
        vars(page).pop("events", None)


@own_button
def keep_waiting(request: HttpRequest, user: User, now: datetime, number: str) -> HttpResponse:
    """It stays in the queue until it is here."""
    order = get_object_or_404(order_rows.of(user), number=number)
    if wishes.keep_waiting(order, now):
        say(request, gettext("We keep it for you. It ships as soon as it is here, and you can still cancel it."))
    return redirect("order", number)


@own_button
def order_again(request: HttpRequest, user: User, now: datetime, number: str) -> HttpResponse:
    """What a cancelled order was for is ordered after all."""
    order = get_object_or_404(order_rows.of(user), number=number)
    slots = [line.slot_id for line in order.lines.all() if line.slot_id is not None]
    if sum(replenishment.order_now(order.plan, slot_id, now) for slot_id in slots):
        say(request, gettext("We order it now. You see it under Orders in a moment."))
    return redirect("order", number)
