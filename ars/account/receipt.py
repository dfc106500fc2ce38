"""The receipt of an order: what was bought of whom, what was paid and what went back; to print, or to be mailed."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext

from ars.account import order_rows
from ars.account.acting import own_button, say
from ars.account.after import After
from ars.account.order_page import OrderPage
from ars.account.order_rows import OrderRow
from ars.account.payment import charges_of
from ars.account.views import own_page
from billing import receipts
from enrollment.limits import Limit
from enrollment.models import User
from notifications import outbox, receipt_mail
from orders import returns
from orders.clock import Clock
from printers.facts import Refused

MAILED = Limit("receipt", most=3, seconds=3600)


@own_page
def receipt(request: HttpRequest, user: User, now: datetime, number: str) -> HttpResponse:
    """There is one from the moment it is charged; before, the order's page."""
    page = OrderPage(OrderRow(get_object_or_404(order_rows.of(user), number=number), now))
    if not page.after.has_receipt:
        return redirect("order", number)
    order, clock = page.order, page.row.clock
    context = {
        "page": page,
        "order": order,
        "row": page.row,
        "receipt": receipts.of(page.charges, page.after.refunds, clock),
        "placed": clock.dated(order.placed_at),
        "shipped": clock.dated(order.shipped_at) if order.shipped_at else "",
        "seller": returns.address()[1:],
        "tab": "orders",
    }
    return render(request, "account/order_receipt.html", context)


@own_button
def mail_receipt(request: HttpRequest, user: User, now: datetime, number: str) -> HttpResponse:
    """The same by mail, to its owner's address of now."""
    order = get_object_or_404(order_rows.of(user), number=number)
    if not After(order, Clock(now), charges_of(order)).has_receipt:
        return redirect("order", number)
    if MAILED.count(user.pk) > MAILED.most:
        raise Refused(gettext("We have mailed you receipts several times just now. Try again in an hour."), "too_often")
    outbox.send_soon(receipt_mail.of(order, now))
    say(request, gettext("We mail it to %(address)s.") % {"address": user.email})
    return redirect("order_receipt", number)
