"""Orders that wait for stock, looked at when their time has come: told of another date, or ended (domain rules, 4)."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_noop

from orders import lifecycle, notes, shelf, waits
from orders.models import Order, OrderLine, StockItem, Wait
from printers.models import Sku

Status = Order.Status
TOO_LONG = gettext_noop("It is out of stock, and we have no date for it that you agreed to wait for.")
NOT_MADE = "%s is not made any more."
BY = "stock"


def look(wait_ids: list[int], now: datetime) -> None:
    """First whoever waits gets what there is, in turn; then who still waits is told, asked no longer, or ended."""
    lines = OrderLine.objects.filter(order__in=wait_ids)
    for sku_id in sorted(set(lines.values_list("sku_id", flat=True))):
        with transaction.atomic():
            lifecycle.release_backorders(sku_id, now)
    for order_id in sorted(wait_ids):
        with transaction.atomic():
            order = Order.objects.select_for_update(of=["self"], no_key=True).get(pk=order_id)
            if order.status == Status.BACKORDERED:
                _review(order, Wait.objects.get(pk=order_id), now)


def _review(order: Order, wait: Wait, now: datetime) -> None:
    if gone := _not_made(order):
        lifecycle.cancel(order, now, BY, NOT_MADE % gone.name, by_customer=False)
        return
    wait.order = order
    found = waits.expected(order, now.date())
    unanswered = wait.answer_by is not None and wait.answer_by <= now
    if unanswered and found in (None, wait.expected_on):
        lifecycle.cancel(order, now, BY, TOO_LONG, by_customer=False, until="in_stock")
        return
    if found != wait.expected_on:
        _tell(order, wait, found, now)
    waits.plan_next(wait, now)
    wait.save(update_fields=["expected_on", "slips", "answer_by", "due_at"])


def _tell(order: Order, wait: Wait, found: date | None, now: datetime) -> None:
    """Its owner hears of another date once. One not kept counts; after the second their answer is asked anew."""
    if wait.expected_on is not None and (found is None or found > wait.expected_on):
        wait.slips += 1
        wait.answer_by = None
        if wait.slips > waits.SLIPS_TO_BEAR:
            Order.objects.filter(pk=order.pk).update(kept_waiting_at=None)
            order.kept_waiting_at = None
    wait.expected_on = found
    lifecycle.note(order, notes.NEW_DATE, now, BY, tell=True)


def _not_made(order: Order) -> Sku | None:
    """What an order lacks and nobody expects any more, because it is not made. A free replacement waits for staff."""
    if order.kind != Order.Kind.REFILL:
        return None
    lacking = shelf.lacking(order, StockItem.objects.in_bulk(shelf.needs(order)))
    return Sku.objects.filter(pk__in=lacking, discontinued_at__isnull=False, stock__expected_on=None).first()
