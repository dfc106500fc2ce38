"""An order at the pack station: its pieces are scanned, it is dispatched, handed over, set aside or put back."""

from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from rest_framework.exceptions import ValidationError

from ars.backoffice import pack_screen
from ars.backoffice.pack import PACKS, clock, found_at
from ars.backoffice.pack_ticks import Ticks
from ars.backoffice.pages import show, staff_page
from enrollment.acting import staff_of
from notifications.messages import address_lines
from orders import packing, parcels, unpaid
from orders.api import telling
from orders.models import Dispatch, Order
from orders.money import parse_number
from printers.facts import Refused


def find(number: str) -> Order:
    """The order of a number, with all its pages read, or 404."""
    orders = packing.listed(timezone.now()).select_related("plan__printer", "plan__model")
    order = orders.filter(number=number).first()
    if order is None:
        raise Http404("There is no such order.")
    return order


def page_of(order: Order, **kept: Any) -> str:
    """The address of an order's page, with what the page holds."""
    address = reverse("backoffice:pack_order", args=[order.number])
    return f"{address}?{urlencode(kept, doseq=True)}" if kept else address


@require_safe
@staff_page(PACKS)
def order_page(request: HttpRequest, number: str) -> HttpResponse:
    """Where the order stands; while it is to be packed, each scan ticks a piece."""
    order, scanned = find(number), request.GET.get("scan", "").strip()
    ticks = Ticks(order, request.GET.getlist("ticked"))
    is_another = scanned and parse_number(scanned) != order.number and not ticks.scan(scanned)
    if is_another and (leads_to := found_at(scanned, timezone.now())):
        return redirect(leads_to)
    return _shown(request, order, ticks, scanned=scanned)


@require_POST
@staff_page(PACKS)
def dispatch(request: HttpRequest, number: str) -> HttpResponse:
    """The parcel is packed and labelled: charge it. The same form again is the same parcel."""
    order, now, sent = find(number), timezone.now(), request.POST
    ticks = Ticks(order, sent.getlist("ticked"))
    if not ticks.is_whole and order.status == Order.Status.RELEASED:
        messages.error(request, "Not all pieces are scanned. Nothing was dispatched.")
        return redirect(page_of(order, ticked=ticks.ticked, revision=sent.get("revision", "")))
    if order.status == Order.Status.RELEASED and unpaid.lacks_card(order):
        return redirect(page_of(order))  # it died since the page was made, which now says so
    body = {
        "dispatch_id": f"{order.number}-{sent.get('attempt', '')}",
        "carrier": sent.get("carrier", ""),
        "tracking_number": sent.get("tracking_number", ""),
        "revision": _whole(sent.get("revision", "")) or 0,
    }
    try:
        telling.packed(packing.station(), lambda: order, body, now, by=staff_of(request))
    except ValidationError as wrong:
        return _shown(request, order, ticks, typed=body, errors=wrong.detail)
    except Refused as refused:
        if refused.code == "order_changed":
            return redirect(page_of(order, ticked=ticks.ticked, revision=sent.get("revision", "")))
        messages.error(request, str(refused))
    return redirect(page_of(order))


@require_POST
@staff_page(PACKS)
def confirm(request: HttpRequest, number: str) -> HttpResponse:
    """Scanned once more: the carrier has it, or its goods lie on the shelf. Another scan leads where it leads."""
    order, now = find(number), timezone.now()
    scanned = request.POST.get("scan", "").strip()
    if parse_number(scanned) != order.number:
        return redirect(f"{reverse('backoffice:pack')}?{urlencode({'scan': scanned})}")
    if packing.hand_over(order, now):
        messages.success(request, f"{order.display_number} is handed over.")
    elif packing.put_back(order, now):
        messages.success(request, f"{order.display_number} is put back.")
    else:
        return redirect(page_of(order))
    return redirect("backoffice:pack")


@require_POST
@staff_page(PACKS)
def shelve(request: HttpRequest, number: str) -> HttpResponse:
    """Where a parcel lies while it waits for a card."""
    order = find(number)
    try:
        kept = packing.shelve(order, request.POST.get("place", ""))
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect(page_of(order))
    if kept:
        messages.success(request, f"{order.display_number} lies on {request.POST['place'].strip()}.")
        return redirect("backoffice:pack")
    return redirect(page_of(order))


def _shown(
    request: HttpRequest,
    order: Order,
    ticks: Ticks,
    *,
    scanned: str = "",
    typed: dict[str, Any] | None = None,
    errors: Any = None,
) -> HttpResponse:
    parcel, at = packing.parcel_of(order), clock(timezone.now())
    screen = pack_screen.of(order, parcel, at)
    seen = _whole(request.GET.get("revision", "")) or order.revision
    return show(
        request,
        "backoffice/pack_order.html",
        f"{screen.word} {order.display_number}",
        order=order,
        parcel=parcel,
        screen=screen,
        ticks=ticks,
        scanned=scanned,
        address=address_lines(order.ship_to),
        changed=pack_screen.changed(order, seen),
        attempt=packing.attempts(order)[0],
        typed=typed or {"carrier": _usual_carrier()},
        errors=errors,
        carriers=parcels.NAMES.values(),
    )


def _usual_carrier() -> str:
    """Who carried the last parcel."""
    last = Dispatch.objects.filter(partner__name=packing.STATION).order_by("-pk").first()
    return str(last.body.get("carrier", "")) if last else ""


def _whole(text: str) -> int | None:
    with suppress(ValueError):
        return int(text)
    return None
