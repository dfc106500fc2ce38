"""From the packing table to the door: dispatch, charge, ship, hold, deliver."""

from datetime import datetime
from typing import Any

from django.db import transaction

from enrollment.models import Partner, User
from orders import follow_up, parcels, pricing, shelf, unpaid
from orders.lifecycle.moves import move
from orders.models import Dispatch, Order, OrderLine
from printers import facts
from printers.facts import Refused

Status = Order.Status


def dispatch(
    order: Order,
    partner: Partner,
    dispatch_id: str,
    body: dict[str, Any],
    now: datetime,
    *,
    packed_by: User | None = None,
) -> Dispatch:
    """The parcel is packed: fix the price and let billing charge it. Once an id, and by who sent it first.

    Refused `id_reused` (same id, other body), `order_changed` (stale revision) or `not_packed` (not released).
    """
    with transaction.atomic():
        fact, new = Dispatch.objects.get_or_create(
            partner=partner,
            dispatch_id=dispatch_id,
            defaults={"order": order, "body": body, "at": now, "due_at": now, "packed_by": packed_by},
        )
        if not new:
            if (fact.order_id, fact.body) != (order.pk, body):
                raise Refused(f"Dispatch {dispatch_id} was sent before, with other content.", "id_reused")
            return fact
        _check_revision(order, body)
        _check_released(order)
        if order.listed_at > now:
            raise Refused("The order may still be cancelled and is not to be packed yet.", "not_packed")
        parcel = {**(sent := parcels.named(body))[0], "parcels": sent}
        lines, amounts = pricing.charge_amounts(order, now)
        if not move(order, Status.PACKED, now=now, by=partner.name, note="", **parcel, **amounts):
            order.refresh_from_db()
            _check_released(order)
            _check_revision(order, body)
            lines, amounts = pricing.charge_amounts(order, now)  # lost to a new address: with the tax of that one
            if not move(order, Status.PACKED, now=now, by=partner.name, note="", **parcel, **amounts):
                raise Refused(f"Order {order.display_number} is being changed. Try again.", "order_changed")
        fixed = ["unit_price_cents", "unit_discount_cents"]
        OrderLine.objects.bulk_update(lines, fixed)  # after the order's row is ours, never before
        facts.nudge("dispatch")
    return fact


def _check_released(order: Order) -> None:
    """One whose payment failed is packed already, or waits for a card before it is."""
    if order.status != Status.RELEASED:
        raise Refused(f"Order {order.display_number} is {order.get_status_display().lower()}.", "not_packed")


def _check_revision(order: Order, body: dict[str, Any]) -> None:
    if body.get("revision") not in (None, order.revision):
        raise Refused("The order changed since you read it. Read it again before you pack.", "order_changed")


def ship(order_id: int, now: datetime, by: str, note: str) -> bool:
    """The charge is settled: the parcel may leave, and its pieces leave the shelf. False when it was not packed."""
    order = Order.objects.get(pk=order_id)
    with transaction.atomic(savepoint=False):
        if order.status != Status.PACKED or not move(order, Status.SHIPPED, now=now, by=by, note=note, shipped_at=now):
            return False
        shelf.take_out(order, now)
        follow_up.begin(order, now)
    return True


def hold(order_id: int, now: datetime, by: str, note: str) -> bool:
    """The card did not go through: the parcel waits, its pieces stay promised. False when it was not packed."""
    order = Order.objects.get(pk=order_id)
    return order.status == Status.PACKED and move(order, Status.PAYMENT_FAILED, now=now, by=by, note=note)


def take_off_hold(order: Order, now: datetime, by: str, note: str) -> bool:
    """A card is to be charged once more for a parcel that waits. False when it does not, or was never packed."""
    waits = order.status == Status.PAYMENT_FAILED and unpaid.is_packed(order)
    return waits and move(order, Status.PACKED, now=now, by=by, note=note)


def deliver(order: Order, delivered_at: datetime, now: datetime, by: str) -> bool:
    """The parcel arrived. False when that was known; Refused when it never left."""
    for _ in range(2):  # a loser reads again: who won may have told the same
        if order.status == Status.DELIVERED:
            return False
        with transaction.atomic():
            if move(order, Status.DELIVERED, now=now, by=by, delivered_at=delivered_at):
                follow_up.delivered(order, delivered_at)
                return True
        order.refresh_from_db()
    raise Refused(f"Order {order.display_number} is being changed. Try again.", "order_changed")
