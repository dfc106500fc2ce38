"""What changes an order that is not packed: another address, or its end."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Literal

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext

from orders import shelf, taxes, unpaid, waits
from orders.lifecycle.moves import move, move_or_retry, note
from orders.lifecycle.stocking import Moving, release_backorders
from orders.models import Order, OrderLine, Replenishment, Reservation, StockItem
from printers import facts, supplies
from printers.facts import Refused

Status = Order.Status
TRIES = 5
READDRESSED = "It goes to another address."
NOT_PACKED = (Status.PLACED, Status.BACKORDERED, Status.RELEASED, Status.PAYMENT_FAILED)


def readdress(order: Order, ship_to: dict[str, str], now: datetime, by: str = "customer") -> bool:
    """Send an order that is not packed to another address; what was packed and could not be charged is packed again.

    Its revision rises, so that a parcel labelled before is refused; its sales tax is that of the new state. False when
    it is on its way, over, or goes there.
    """
    open_to_change = Order.objects.filter(pk=order.pk, status__in=NOT_PACKED).exclude(ship_to=ship_to)
    with transaction.atomic():
        locked = open_to_change.select_for_update(no_key=True).first()
        amounts = taxes.elsewhere(locked, ship_to, now) if locked else {}
        changed = open_to_change.update(ship_to=ship_to, revision=F("revision") + 1, updated_at=now, **amounts)
        order.refresh_from_db()
        if not changed:
            return False
        if order.status == Status.PAYMENT_FAILED and unpaid.is_packed(order):
            return move(order, Status.RELEASED, now=now, by=by, note=READDRESSED)
        note(order, READDRESSED, now, by)
    return True


def cancel(
    order: Order,
    now: datetime,
    by: str,
    note: str,
    *,
    by_customer: bool,
    until: Literal["in_stock", "paid", ""] = "",
    rows: Mapping[int, StockItem] | None = None,
) -> None:
    """End an order that is not packed, free its stock, and release who waits for it.

    Ended by anybody but the customer, what it was for is decided again, and not ordered `until` there is stock for it,
    or a card that can pay; a free replacement, which nobody ordered anew, is not. Refused once it is packed. Who ends
    several gives the `rows` of `lock_all`, for more stock is not to be locked.
    """
    again = not by_customer and order.kind == Order.Kind.REFILL
    with transaction.atomic():
        move_or_retry(order, Status.CANCELLED, now=now, by=by, note=note, at_wish=by_customer)
        order.lines.update(open=False)
        rows = shelf.lock_for(order) if rows is None else rows
        for sku_id in shelf.give_back(order, rows):
            release_backorders(sku_id, now, rows)
        waits.look_again(order.pk, now)  # whoever waited behind it
        of_it = Replenishment.objects.filter(lines__order=order, closed_at=None).select_related("slot")
        slots = {need.pk: need.slot.code for need in of_it}
        needs = Replenishment.objects.filter(pk__in=slots, closed_at=None)  # others may close them while we read
        if again:
            needs.update(due_at=now, decision=Replenishment.Kind.UNDECIDED)
            facts.nudge("replenishment")
        if again and until == "in_stock":
            needs.update(unstocked_at=now)
        if again and until == "paid":
            needs.update(unpaid_at=now)
        if order.plan.printer_id:
            supplies.note(order.plan.printer_id, dict.fromkeys(slots.values(), "deciding" if again else "none"))


def lock_all(orders: QuerySet[Order]) -> dict[int, StockItem]:
    """Lock orders that are to end together, with the stock of all of them, as `shelf` says; the stock rows.

    One that was given stock, or lost it, before we had the locks has its turn at another place: begun again. Refused
    `order_changed` when that happens again and again.
    """
    for _ in range(TRIES):
        with suppress(Moving), transaction.atomic():
            return _lock_all(orders.order_by("pk"))
    raise Refused(gettext("Your orders are being changed just now. Try again."), "order_changed")


def _lock_all(orders: QuerySet[Order]) -> dict[int, StockItem]:
    holding = orders.filter(pk__in=Reservation.objects.values("line__order"))
    locked = {order.pk for order in holding.select_for_update(of=["self"], no_key=True)}
    if locked - {order.pk for order in holding}:  # put back to wait while we waited for it
        raise Moving([])
    ending = orders.filter(status__in=NOT_PACKED)
    lines = OrderLine.objects.filter(order__in=ending.order_by())
    rows = shelf.lock_with_queue(lines.values_list("sku_id", flat=True))
    if {order.pk for order in holding} - locked:
        raise Moving([])
    list(ending.select_for_update(of=["self"], no_key=True))
    return rows
