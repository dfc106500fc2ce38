"""What the pack station prints: the pick list of the oldest orders, and a slip for each parcel."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from ars.backoffice.pack import PACKS, clock, pieces
from ars.backoffice.pages import show, staff_page
from notifications.messages import address_lines
from orders import packing
from orders.models import Order, OrderLine
from printers.models import Sku, Slot

USUAL, MOST = 20, 100  # orders of one walk
PLACES = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


@dataclass(frozen=True)
class Slip:
    """What lies in a parcel: whom it is for, and where each cartridge goes. No prices."""

    order: Order
    address: list[str]
    lines: list[str]


@require_safe
@staff_page(PACKS)
def pick_list(request: HttpRequest) -> HttpResponse:
    """The oldest orders: what to take from the shelf for all of them, and for each."""
    now = timezone.now()
    orders = list(packing.to_pack(now)[: _asked(request)])
    return show(
        request,
        "backoffice/pack_list.html",
        "Pick list",
        orders=orders,
        totals=_totals(orders),
        pieces=pieces(line.quantity for order in orders for line in order.lines.all()),
        waiting=packing.to_pack(now).count(),
        printed=clock(now).moment(now),
        asked=_asked(request),
    )


@require_safe
@staff_page(PACKS)
def all_slips(request: HttpRequest) -> HttpResponse:
    """The slips of the same orders, a page each."""
    numbers = packing.to_pack(timezone.now())[: _asked(request)].values_list("number", flat=True)
    return _slips(request, list(numbers))


@require_safe
@staff_page(PACKS)
def slip(request: HttpRequest, number: str) -> HttpResponse:
    """One slip."""
    return _slips(request, [number])


def _slips(request: HttpRequest, numbers: Sequence[str]) -> HttpResponse:
    slots = Prefetch("plan__model__slots", Slot.objects.filter(consumable=True).order_by("position"))
    found = packing.listed(timezone.now()).filter(number__in=numbers).select_related("plan__printer", "plan__model")
    orders = list(found.prefetch_related(slots).order_by("placed_at", "pk"))
    if len(orders) < len(numbers):
        raise Http404("There is no such order.")
    return show(
        request,
        "backoffice/pack_slips.html",
        "Packing slips" if len(orders) != 1 else f"Packing slip {orders[0]}",
        slips=[_slip(order) for order in orders],
        phone=settings.SUPPORT_PHONE,
        hours=settings.SUPPORT_HOURS,
    )


def _slip(order: Order) -> Slip:
    slots = [slot.pk for slot in order.plan.model.slots.all()]
    return Slip(order, address_lines(order.ship_to), [_line(line, order, slots) for line in order.lines.all()])


def _line(line: OrderLine, order: Order, slots: list[int]) -> str:
    """'Black XL, for Front desk, first slot from the left'."""
    said = [line.sku.name, f"for {order.plan.display_name}"]
    place = slots.index(line.slot_id) if line.slot_id in slots else len(PLACES)
    if len(slots) > 1 and place < len(PLACES):
        said.append(f"{PLACES[place]} slot from the left")
    return f"{line.quantity} × {', '.join(said)}"


def _totals(orders: list[Order]) -> list[tuple[Sku, int]]:
    """By SKU code: how many to take from the shelf."""
    skus: dict[int, Sku] = {}
    counted: Counter[int] = Counter()
    for order in orders:
        for line in order.lines.all():
            skus[line.sku_id] = line.sku
            counted[line.sku_id] += line.quantity
    return [(skus[pk], counted[pk]) for pk in sorted(skus, key=lambda pk: skus[pk].code)]


def _asked(request: HttpRequest) -> int:
    """How many orders: as asked, the usual number where that is none."""
    asked = request.GET.get("orders", "")
    return min(int(asked), MOST) if asked.isascii() and asked.isdigit() and 0 < len(asked) < 6 else USUAL
