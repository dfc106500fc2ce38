"""Not on the shelf: what the warehouse looked for and did not find."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from enrollment.models import Partner
from orders import shelf, waits
from orders.lifecycle.moves import move_if_still
from orders.lifecycle.stocking import NOT_THERE, release_backorders
from orders.models import Order, Short
from printers.facts import Refused

Status = Order.Status


def short(
    order: Order, partner: Partner, short_id: str, lines: Sequence[Mapping[str, Any]], now: datetime
) -> tuple[Short, bool]:
    """Part of a released order is not there: all of it waits again, in its old place. Once an id.

    `lines`: `{sku, quantity}` each, of what is missing. It is taken off the shelf, and nobody is promised that SKU
    until more comes, it is counted, or a day has passed. Refused `id_reused`, `not_released`, or `order_changed`.
    """
    body = {"lines": [dict(line) for line in lines]}
    with transaction.atomic():
        fact, new = Short.objects.get_or_create(
            partner=partner, short_id=short_id, defaults={"order": order, "body": body, "at": now}
        )
        if not new:
            if (fact.order_id, fact.body) != (order.pk, body):
                raise Refused(f"Short {short_id} was sent before, with other content.", "id_reused")
            return fact, False
        _take_back(order, partner, now)
        missing: Counter[str] = Counter()
        for line in lines:
            missing[line["sku"]] += line["quantity"]
        rows = shelf.lock_for(order)
        freed = shelf.give_back(order, rows)
        for sku_id in freed:
            if pieces := missing[(row := rows[sku_id]).sku.code]:
                shelf.missed(row, pieces, f"Not found for order {order.display_number}", now, partner.name)
        waits.begin(order, now)
        for sku_id in freed:
            release_backorders(sku_id, now, rows)
    return fact, True


def _take_back(order: Order, partner: Partner, now: datetime) -> None:
    """From the warehouse's list to the queue."""
    if order.status != Status.RELEASED or order.listed_at > now:
        raise Refused(f"Order {order.display_number} is {order.get_status_display().lower()}.", "not_released")
    if not move_if_still(order, Status.BACKORDERED, now=now, by=partner.name, note=NOT_THERE):
        raise Refused(f"Order {order.display_number} is {order.get_status_display().lower()} by now.", "not_released")
