"""Staff hold: a person looks at an order before it is packed. A flag with a reason; the order stands where it stood."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from orders import notes, unpaid
from orders.lifecycle.changing import NOT_PACKED
from orders.lifecycle.moves import note
from orders.models import Order
from printers.facts import Refused

LONGEST_REASON = 200


def stop_packing(order: Order, reason: str, now: datetime, by: str) -> bool:
    """Nobody packs it until a person lets it go. Its customer may still cancel. False when it was stopped before.

    Refused `no_reason`, or `not_stopped` once it is packed. Its revision rises: who packs it just now loses.
    """
    if not (reason := " ".join(reason.split())[:LONGEST_REASON]):
        raise Refused("Say why it is not to be packed.", "no_reason")
    with transaction.atomic():
        order.refresh_from_db(from_queryset=Order.objects.select_for_update(no_key=True))
        if order.held_at is not None:
            return False
        if order.status not in NOT_PACKED or unpaid.is_packed(order):
            said = order.get_status_display().lower()
            raise Refused(f"Order {order.display_number} is {said}: it is packed, or over.", "not_stopped")
        _write(order, now, held_at=now, held_for=reason)
        note(order, f"{notes.STOPPED} {reason}", now, by)
    return True


def let_pack(order: Order, now: datetime, by: str) -> bool:
    """It may be packed. False when it was not stopped, or has ended meanwhile."""
    with transaction.atomic():
        order.refresh_from_db(from_queryset=Order.objects.select_for_update(no_key=True))
        if order.held_at is None or order.status not in NOT_PACKED:
            return False
        _write(order, now, held_at=None, held_for="")
        note(order, notes.LET_GO, now, by)
    return True


def _write(order: Order, now: datetime, **flag: object) -> None:
    Order.objects.filter(pk=order.pk).update(updated_at=now, revision=F("revision") + 1, **flag)
    order.refresh_from_db()
