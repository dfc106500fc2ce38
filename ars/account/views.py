"""The pages of a customer, and the door to them. Read-only; whatever is not one's own does not exist."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ars.account import order_rows, printer_rows
from ars.account.card_form import CardForm, card_page
from ars.account.order_page import OrderPage
from ars.account.order_rows import OrderRow
from ars.account.overview import Overview
from ars.account.pay import own_door
from ars.account.plan_page import PlanPage
from ars.account.printer_rows import PrinterRow
from enrollment.models import Plan, User

ORDERS_A_PAGE = 20

Page = Callable[..., HttpResponseBase]


def own_page(view: Page) -> Page:
    """For the signed-in alone: strangers are sent to sign in, and no cache on the way keeps a copy."""

    def page(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        return view(request, request.user, timezone.now(), *args, **kwargs)

    return never_cache(require_safe(login_required(page)))


@own_page
def overview(request: HttpRequest, user: User, now: datetime) -> HttpResponse:
    """What needs me, what comes next, and how my printers are."""
    return render(request, "account/overview.html", {"overview": Overview(user, now), "tab": "overview"})


@own_page
def replenishment(request: HttpRequest, user: User, now: datetime) -> HttpResponse:
    """The Auto Replenishment Service tab: active printers, then plans that ended (promises P14, P17)."""
    under_way = tuple(order_rows.under_way(user, now))
    rows = [PrinterRow(plan, now, under_way) for plan in printer_rows.all_of(user)]
    ended = [row for row in rows if row.plan.status == Plan.Status.CANCELLED]
    active = [row for row in rows if row.plan.status != Plan.Status.CANCELLED]
    context = {"active": active, "ended": ended, "tab": "replenishment"}
    return render(request, "account/replenishment.html", context)


@own_page
def plan(request: HttpRequest, user: User, now: datetime, plan_id: int) -> HttpResponse:
    """View Plan: one printer's ink, what is on order for it, and why."""
    found = get_object_or_404(printer_rows.of(user), pk=plan_id)
    page = PlanPage(PrinterRow(found, now))
    row = replace(page.row, under_way=page.orders)
    return render(request, "account/plan.html", {"page": page, "row": row, "tab": "replenishment"})


@own_page
def order_list(request: HttpRequest, user: User, now: datetime) -> HttpResponse:
    """All orders, newest first."""
    page = Paginator(order_rows.listed(user), ORDERS_A_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "rows": [OrderRow(order, now) for order in page], "tab": "orders"}
    return render(request, "account/orders.html", context)


@card_page
@own_page
def order(request: HttpRequest, user: User, now: datetime, number: str) -> HttpResponse:
    """One order: where it is, what it costs, where it goes and why it was made."""
    found = get_object_or_404(order_rows.of(user), number=number)
    page = OrderPage(OrderRow(found, now))
    context = {"page": page, "order": found, "row": page.row, "tab": "orders", "payment": page.to_pay}
    if page.to_pay:
        context |= {"door": own_door(page.to_pay), "form": CardForm()}
    return render(request, "account/order.html", context)


@own_page
def sign_in_settings(request: HttpRequest, user: User, now: datetime) -> HttpResponse:
    """How this account is opened: its address, its password, and the second factor of staff."""
    context = {"second_factor": user.is_staff and is_mfa_enabled(user), "tab": "sign-in"}
    return render(request, "account/sign_in_settings.html", context)
