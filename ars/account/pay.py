"""Paying for an order whose card failed: by the mail's link without signing in, or from the order's own page.

GET shows, POST acts, and what is asked twice is done once. A link opens its one order's payment, and nothing else.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from ars.account import card_form, order_rows
from ars.account.acting import own_button, own_form
from ars.account.card_form import CardForm, card_page
from ars.account.order_rows import OrderRow
from ars.account.payment import Payment, charges_of
from billing import cards, lifecycle
from enrollment import links
from enrollment.limits import Limit
from enrollment.links import LinkError
from enrollment.models import User
from notifications import messages, outbox
from notifications.models import Message
from orders import wishes
from orders.models import Order
from printers.facts import Refused

LINKED = ("pay", "pay_again", "pay_cancel", "pay_confirm", "pay_secret", "pay_card")
OWN = ("order_pay", "order_try_again", "order_cancel", "order_confirm", "order_secret", "order")
RENEWED = Limit("pay_link", most=1, seconds=3600)
Answer = Callable[[HttpRequest, "Door"], HttpResponse]


@dataclass(frozen=True)
class Door:
    """The way somebody came to an order's payment, and the addresses that lie on it."""

    payment: Payment
    pay: str
    again: str
    cancel: str
    confirm: str
    secret: str
    setup: str
    back: str

    @property
    def field(self) -> dict[str, str]:
        """The card field, as its component is told."""
        return card_form.field(self.setup)

    @property
    def user(self) -> User:
        return self.payment.order.user

    @property
    def now(self) -> datetime:
        return self.payment.row.now


def link_door(signed: str, order: Order, now: datetime) -> Door:
    """By the mail's link."""
    page, again, cancel, confirm, secret, setup = (reverse(name, args=[signed]) for name in LINKED)
    payment = Payment(OrderRow(order, now), charges_of(order))
    return Door(payment, page, again, cancel, confirm, secret, setup, back=page)


def own_door(payment: Payment) -> Door:
    """From the order's page, signed in."""
    page, again, cancel, confirm, secret, back = (reverse(name, args=[payment.order.number]) for name in OWN)
    return Door(payment, page, again, cancel, confirm, secret, reverse("card_setup"), back)


def by_link(view: Answer) -> Callable[..., HttpResponse]:
    """The link is the credential: one that has run out is told so and renewed by mail, a forged one leads nowhere."""

    @wraps(view)
    def page(request: HttpRequest, signed: str) -> HttpResponse:
        try:
            order_id = links.read(links.PAY, signed)
        except LinkError as link:
            return _run_out(request, link)
        owner = get_object_or_404(Order.objects.select_related("user"), pk=order_id).user
        order = order_rows.of(owner).get(pk=order_id)
        return view(request, link_door(signed, order, timezone.now()))

    return never_cache(require_http_methods(["GET", "HEAD", "POST"])(page))


def by_owner(view: Answer) -> Callable[..., HttpResponse]:
    """The same for whoever is signed in, about their own order."""

    @wraps(view)
    def page(request: HttpRequest, user: User, now: datetime, number: str) -> HttpResponse:
        order = get_object_or_404(order_rows.of(user), number=number)
        return view(request, own_door(Payment(OrderRow(order, now), charges_of(order))))

    return page


def pay(request: HttpRequest, door: Door) -> HttpResponse:
    """The card is kept, pays for the plan from now on, and is charged at once; the page then waits for the bank."""
    form = CardForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if not door.payment.is_needed:
            return redirect(door.back)
        if form.is_valid():
            try:
                card = form.keep(door.user)
                cards.use_card(door.payment.order.plan, card, door.now, everywhere=form.cleaned_data["everywhere"])
            except Refused as refused:
                form.add_error(None, str(refused))
            else:
                return redirect(door.back)
    return render(request, "account/pay.html", {"door": door, "payment": door.payment, "form": form})


def again(request: HttpRequest, door: Door) -> HttpResponse:
    """The same card is asked once more."""
    if request.method == "POST":
        lifecycle.try_again(door.payment.order.pk, attempt_in(request), door.now)
    return redirect(door.back)


def attempt_in(request: HttpRequest) -> int:
    """The attempt a form speaks of; 0, which there never is, when it names none."""
    sent = request.POST.get("attempt", "")
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 5 else 0


def cancel(request: HttpRequest, door: Door) -> HttpResponse:
    """Asks once more. An order that does not wait for a payment any more is shown as it stands."""
    order = door.payment.order
    if order.status != Order.Status.PAYMENT_FAILED:
        return redirect(door.back)
    if request.method != "POST":
        return render(request, "account/pay_cancel.html", {"door": door, "payment": door.payment})
    with suppress(Refused):  # another window was quicker: the page says what it did
        wishes.cancel(order, door.now)
    return redirect(door.back)


def setup(request: HttpRequest, door: Door) -> HttpResponse:
    """Asked by the page's script."""
    return card_form.begin(door.user)


def _run_out(request: HttpRequest, link: LinkError) -> HttpResponse:
    order = Order.objects.select_related("user", "plan__model", "plan__printer").filter(pk=link.pk or 0).first()
    if order is None:
        raise Http404
    waits = order.status == Order.Status.PAYMENT_FAILED
    if waits and RENEWED.count(order.pk) <= RENEWED.most:
        outbox.send_soon(new_link(order, timezone.now()))
    context = {"mailed_to": order.user.masked_email if waits else ""}
    return render(request, "account/pay_over.html", context, status=410)


def new_link(order: Order, now: datetime) -> Message:
    """The mail with a fresh link to pay for an order. Not saved."""
    printer = messages.one_line(order.plan.display_name)
    context = {"number": order.display_number, "printer": printer, "link": messages.pay_url(order)}
    return outbox.compose("pay_link", context, now, to=order.user.email, user=order.user, order=order)


linked = card_page(by_link(pay))
linked_again = by_link(again)
linked_cancel = by_link(cancel)
linked_setup = require_POST(by_link(setup))
own = card_page(own_form(by_owner(pay)))
own_again = own_button(by_owner(again))
