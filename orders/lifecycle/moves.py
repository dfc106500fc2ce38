"""The table of moves, `move()`, and what is noted without one."""

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from orders.models import Order, OrderEvent
from printers import facts, tracing
from printers.facts import Refused

log = logging.getLogger(__name__)

Status = Order.Status

MOVES: dict[str, frozenset[str]] = {
    Status.PLACED: frozenset({Status.RELEASED, Status.BACKORDERED, Status.PAYMENT_FAILED, Status.CANCELLED}),
    Status.BACKORDERED: frozenset({Status.RELEASED, Status.PAYMENT_FAILED, Status.CANCELLED}),
    Status.RELEASED: frozenset({Status.PACKED, Status.BACKORDERED, Status.PAYMENT_FAILED, Status.CANCELLED}),
    Status.PACKED: frozenset({Status.SHIPPED, Status.PAYMENT_FAILED}),
    Status.PAYMENT_FAILED: frozenset({Status.PACKED, Status.RELEASED, Status.BACKORDERED, Status.CANCELLED}),
    Status.SHIPPED: frozenset({Status.DELIVERED, Status.RETURNED}),
    Status.DELIVERED: frozenset({Status.RETURNED}),
    Status.RETURNED: frozenset(),
    Status.CANCELLED: frozenset(),
}


def move(order: Order, to: Status, *, now: datetime, by: str, note: str = "", **fields: Any) -> bool:
    """Take `order` from the state it was read in to `to`: guard and lock in one UPDATE, True only for the winner.

    The winner's event is written in the same transaction. Refused when the table has no such move, or staff hold it.
    """
    if to not in MOVES[order.status]:
        raise Refused(f"Order {order.display_number} is {order.get_status_display().lower()}.", f"not_{to}")
    if to == Status.PACKED and order.held_at is not None:
        raise Refused(f"Order {order.display_number} is being checked, and not to be packed yet.", "not_packed")
    with transaction.atomic(savepoint=False):  # both or, with whatever else its caller does, neither
        seen = Order.objects.filter(pk=order.pk, status=order.status, revision=order.revision)
        if not seen.update(status=to, updated_at=now, **fields):
            return False
        OrderEvent.objects.create(order=order, status=to, at=now, by=by, note=note, due_at=now)
        facts.nudge("order_event")
    order.status = to
    tell(order)
    return True


def tell(order: Order) -> None:
    """Log where an order stands now, once that is committed."""
    status = order.status
    transaction.on_commit(lambda: _log(order, status), robust=True)


def _log(order: Order, status: str) -> None:
    with tracing.under(order.trace):
        log.info("order %s: %s", order, status)


def move_if_still(order: Order, to: Status, *, now: datetime, by: str, note: str = "", **fields: Any) -> bool:
    """Move; who only lost to a new address tries again. False when the order stands elsewhere meanwhile."""
    seen = order.status
    if move(order, to, now=now, by=by, note=note, **fields):
        return True
    order.refresh_from_db()
    return order.status == seen and move(order, to, now=now, by=by, note=note, **fields)


def move_or_retry(order: Order, to: Status, *, now: datetime, by: str, note: str, **fields: Any) -> None:
    """Move; a loser reads the order again and tries once more. Refused when it cannot."""
    if not move(order, to, now=now, by=by, note=note, **fields):
        order.refresh_from_db()
        if not move(order, to, now=now, by=by, note=note, **fields):
            raise Refused(f"Order {order.display_number} is being changed. Try again.", "order_changed")


def told(event_ids: Iterable[int]) -> None:
    """Notifications have read these events."""
    OrderEvent.objects.filter(pk__in=list(event_ids)).update(due_at=None)


def note(order: Order, what: str, now: datetime, by: str, *, tell: bool = False) -> None:
    """Keep a step that changes no state (`orders.notes`); `tell`: its owner is to have a mail about it."""
    due_at = now if tell else None
    OrderEvent.objects.create(order=order, status=order.status, at=now, by=by, note=what, due_at=due_at)
    if tell:
        facts.nudge("order_event")
