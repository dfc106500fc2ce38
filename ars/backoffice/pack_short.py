"""A piece that is not on the shelf: what becomes of its order, and a button that says it once."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from rest_framework.exceptions import ValidationError

from ars.backoffice.pack import PACKS
from ars.backoffice.pack_order import find, page_of
from ars.backoffice.pack_ticks import Tick, Ticks
from ars.backoffice.pages import show, staff_page
from orders import packing
from orders.api import telling
from orders.models import Order, StockItem
from printers.facts import Refused


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(PACKS)
def short(request: HttpRequest, number: str) -> HttpResponse:
    """GET says what will happen; POST does it, the same form once."""
    order = find(number)
    if request.method == "POST":
        return _tell(request, order)
    if order.status != Order.Status.RELEASED:
        return redirect(page_of(order))
    row = _row(order, request.GET.get("sku", ""))
    return show(
        request,
        "backoffice/pack_short.html",
        "Not on the shelf",
        order=order,
        row=row,
        counts=range(1, row.wanted + 1),
        on_hand=StockItem.objects.get(pk=row.lines[0].sku_id).on_hand,
        attempt=packing.attempts(order)[1],
    )


def _tell(request: HttpRequest, order: Order) -> HttpResponse:
    sent = request.POST
    missing = {"sku": sent.get("sku", ""), "quantity": _whole(sent.get("quantity", ""))}
    body = {"short_id": f"{order.number}-{sent.get('attempt', '')}", "lines": [missing]}
    try:
        telling.not_found(packing.station(), lambda: order, body, timezone.now())
    except ValidationError:
        messages.error(request, "Say which piece is missing, and how many of it. Nothing was done.")
        return redirect(page_of(order))
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect(page_of(order))
    messages.success(request, f"{order.display_number} waits for stock again. Put back what you have of it.")
    return redirect("backoffice:pack")


def _row(order: Order, code: str) -> Tick:
    for row in Ticks(order, []).rows:
        if row.code == code:
            return row
    raise Http404("There is no such piece in this order.")


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0
