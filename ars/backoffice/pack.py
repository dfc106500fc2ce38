"""The pack station's first page: one field to scan into, and what is to be done, in four lists."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import ceil

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from ars.backoffice.pages import show, staff_page
from orders import packing, unpaid
from orders.clock import Clock
from orders.delivery import ZONE_OF
from orders.models import Dispatch, Order, Return
from orders.money import parse_number
from orders.returns import address

PACKS = "orders.pack_order"
SHOWN = 12  # rows of each list; the count says how many there are
UNKNOWN = "“%s” is no order and no return of ours. Nothing was done."


def clock(now: datetime) -> Clock:
    """The warehouse's clock: that of the place ink is sent back to."""
    words = " ".join(address()).replace(",", " ").split()
    return Clock(now, next((word for word in reversed(words) if word in ZONE_OF), ""))


@dataclass(frozen=True)
class Row:
    """An order of a list: since when it stands there, and what else is to be known of it."""

    order: Order
    since: str
    note: str = ""


@dataclass(frozen=True)
class Listed:
    """One of the lists: what it is, what to do with it, how many there are, and the oldest of them."""

    key: str
    title: str
    hint: str
    count: int
    oldest: str
    rows: list[Row] = field(default_factory=list)

    @property
    def more(self) -> int:
        return self.count - len(self.rows)


def found_at(scanned: str, now: datetime) -> str:
    """Where an order's or a return's number leads, typed or scanned; empty when it is none."""
    number = parse_number(scanned)
    if number is None:
        return ""
    if packing.listed(now).filter(number=number).exists():
        return reverse("backoffice:pack_order", args=[number])
    announced = Return.objects.select_related("order").filter(number=number).first()
    return f"{reverse('backoffice:pack_return', args=[announced.order.number])}?of={number}" if announced else ""


@require_safe
@staff_page(PACKS)
def station(request: HttpRequest) -> HttpResponse:
    """What is to be done; what is scanned leads to the page of it."""
    now, scanned = timezone.now(), request.GET.get("scan", "").strip()
    if scanned and (leads_to := found_at(scanned, now)):
        return redirect(leads_to)
    return show(
        request,
        "backoffice/pack.html",
        "Pack station",
        lists=_lists(clock(now)),
        charging=packing.charging().count(),
        wrong=UNKNOWN % scanned[:60] if scanned else "",
    )


def _lists(at: Clock) -> list[Listed]:
    to_pack = packing.to_pack(at.now)
    return [
        Listed(
            "to-pack",
            "To pack",
            "Scan the order number on the pick list or the slip.",
            to_pack.count(),
            *_rows(to_pack, at, lambda order: order.listed_at, _pieces),
        ),
        _parcels(
            "hand-over",
            "Hand over now",
            "Paid. Scan the parcel, then once more when the carrier has it.",
            packing.to_hand_over(),
            at,
            (lambda parcel: parcel.order.shipped_at or parcel.at, lambda parcel: parcel.order.carrier),
        ),
        _hold(at),
        _parcels(
            "put-back",
            "Put back",
            "Cancelled, or waiting for stock again. Scan the parcel, then once more when all of it is on the shelf.",
            packing.to_put_back(),
            at,
            (lambda parcel: parcel.order.updated_at, _place),
        ),
    ]


def _hold(at: Clock) -> Listed:
    """Parcels whose card did not go through, then what is not packed because none is there."""
    parcels = _parcels(
        "hold",
        "Hold: card problem",
        "Set aside until the card works. Scan the parcel to say where it lies.",
        packing.on_hold().prefetch_related("order__events"),
        at,
        (_failed_at, lambda parcel: f"{_place(parcel)}, {days_left(parcel.order, at.now)}"),
    )
    unpacked = packing.without_card(at.now)
    oldest, rows = _rows(unpacked, at, lambda order: order.listed_at, lambda order: "not packed: no card")
    both = [*parcels.rows, *rows][:SHOWN]
    return replace(parcels, count=parcels.count + unpacked.count(), oldest=parcels.oldest or oldest, rows=both)


def _rows(
    orders: QuerySet[Order], at: Clock, since: Callable[[Order], datetime], note: Callable[[Order], str]
) -> tuple[str, list[Row]]:
    """Since when the oldest stands there, and the first rows."""
    rows = [(since(order), order) for order in orders[:SHOWN]]
    oldest = min((moment for moment, _ in rows), default=None)
    return (at.since(oldest) if oldest else ""), [Row(order, at.since(moment), note(order)) for moment, order in rows]


def _parcels(
    key: str,
    title: str,
    hint: str,
    parcels: QuerySet[Dispatch],
    at: Clock,
    about: tuple[Callable[[Dispatch], datetime], Callable[[Dispatch], str]],
) -> Listed:
    """A list of parcels; `about` one: since when it stands there, and what else is to be known."""
    since, note = about
    found = sorted(((since(parcel), parcel.pk, parcel) for parcel in parcels[:SHOWN]), key=lambda each: each[:2])
    rows = [Row(parcel.order, at.since(moment), note(parcel)) for moment, _, parcel in found]
    return Listed(key, title, hint, parcels.count(), rows[0].since if rows else "", rows)


def _pieces(order: Order) -> str:
    return pieces(line.quantity for line in order.lines.all())


def pieces(quantities: Iterable[int]) -> str:
    """'1 piece', '3 pieces'."""
    count = sum(quantities)
    return "1 piece" if count == 1 else f"{count} pieces"


def _failed_at(parcel: Dispatch) -> datetime:
    return unpaid.since(parcel.order) or parcel.at


def _place(parcel: Dispatch) -> str:
    return f"on {parcel.shelf}" if parcel.shelf else "no place yet"


def days_left(order: Order, now: datetime) -> str:
    """How long its ink is still set aside."""
    until = (unpaid.since(order) or order.updated_at) + unpaid.SET_ASIDE
    days = max(ceil((until - now) / timedelta(days=1)), 0)
    return {0: "no day left", 1: "1 day left"}.get(days, f"{days} days left")
