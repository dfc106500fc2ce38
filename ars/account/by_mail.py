"""Pages behind the links of mails, without signing in: each one purpose and one thing. GET shows, only POST acts.

Mail scanners open every link before its reader does: whatever they open changes nothing. A page shows no address and
nothing but its thing; whatever is wider asks to sign in.
"""

from collections.abc import Callable
from datetime import datetime
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ars.account import order_rows, shall_we_order, whose
from ars.account.order_page import OrderPage
from ars.account.order_rows import OrderRow
from ars.account.shall_we_order import Question
from ars.account.whose import Whose
from enrollment import links
from notifications import mail_links, new_links
from orders import replenishment, wishes
from orders.models import Order, Replenishment
from printers.facts import Refused

Act = Callable[[HttpRequest, int, datetime], HttpResponse]
Status = Order.Status


def by_link(purpose: str) -> Callable[[Act], Callable[..., HttpResponse]]:
    """The door: opens with a link of this purpose alone. A forged one leads nowhere, an old one says what to do."""

    def door(view: Act) -> Callable[..., HttpResponse]:
        @wraps(view)
        def page(request: HttpRequest, signed: str) -> HttpResponse:
            now = timezone.now()
            try:
                pk = links.read(mail_links.purpose_of(purpose), signed)
            except links.LinkError as error:
                if error.pk is None:
                    raise Http404 from error
                return _run_out(request, purpose, error.pk, now)
            return view(request, pk, now)

        return never_cache(require_http_methods(["GET", "HEAD", "POST"])(page))

    return door


@by_link(mail_links.ORDER)
def order(request: HttpRequest, pk: int, now: datetime) -> HttpResponse:
    """How an order stands."""
    return _show(request, "order", _order_page(pk, now))


@by_link(mail_links.CANCEL)
def cancel(request: HttpRequest, pk: int, now: datetime) -> HttpResponse:
    """Cancel an order, or read why it cannot be; pressed twice, it says what the first did."""
    page = _order_page(pk, now)
    if request.method == "POST":
        _cancel(page, now)
        return redirect(request.path)
    return _show(request, "cancel", page)


@by_link(mail_links.WAITING)
def waiting(request: HttpRequest, pk: int, now: datetime) -> HttpResponse:
    """An order out of stock: keep waiting, or cancel it. While it waits the answer may change."""
    page = _order_page(pk, now)
    if request.method == "POST":
        if request.POST.get("answer") == "keep" and page.order.kept_waiting_at is None:
            wishes.keep_waiting(page.order, now)
        elif request.POST.get("answer") == "cancel" and page.order.status == Status.BACKORDERED:
            _cancel(page, now)
        return redirect(request.path)
    return _show(request, "waiting", page)


@by_link(mail_links.ASKED)
def asked(request: HttpRequest, pk: int, now: datetime) -> HttpResponse:
    """Shall we order? The first answer holds."""
    question = Question(get_object_or_404(shall_we_order.needs(), pk=pk), now)
    if request.method == "POST":
        if question.is_open and request.POST.get("answer") == "yes":
            _order(question.need, now)
        elif request.POST.get("answer") == "no":
            replenishment.decline(question.need, now)
        return redirect(request.path)
    return render(request, "by_mail/asked.html", {"question": question})


@by_link(mail_links.CLAIM)
def claim(request: HttpRequest, pk: int, now: datetime) -> HttpResponse:
    """Is it still yours? The first answer holds."""
    asked_of = Whose(get_object_or_404(whose.asked(), pk=pk), now)
    if request.method == "POST":
        whose.answer(asked_of, request.POST.get("answer", ""))
        return redirect(request.path)
    return render(request, "by_mail/claim.html", {"whose": asked_of})


def _order(need: Replenishment, now: datetime) -> None:
    """A yes; of no effect when the plan has ended meanwhile, as the page then says."""
    try:
        replenishment.order_now(need.plan, need.slot_id, now)
    except Refused:
        need.refresh_from_db()


def _cancel(page: OrderPage, now: datetime) -> None:
    """Cancel while it may be; where the warehouse was quicker, the page says so."""
    if not page.cancel_until:
        return
    try:
        wishes.cancel(page.order, now)
    except Refused:
        page.order.refresh_from_db()


def _order_page(pk: int, now: datetime) -> OrderPage:
    return OrderPage(OrderRow(get_object_or_404(order_rows.whole(), pk=pk), now))


def _show(request: HttpRequest, name: str, page: OrderPage) -> HttpResponse:
    return render(request, f"by_mail/{name}.html", {"page": page, "order": page.order, "row": page.row})


def _run_out(request: HttpRequest, purpose: str, pk: int, now: datetime) -> HttpResponse:
    """What to do with an old link. Where it asked something that is still open, a new one is sent: once a day."""
    again = new_links.find(purpose, pk, now)
    if again and request.method == "POST":
        again.send()
        return redirect(request.path)
    return render(request, "by_mail/run_out.html", {"again": again}, status=410)
