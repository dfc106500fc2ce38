"""From the shelf to the warehouse's list and back: release an order, or put it back to wait for stock."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from django.db.models import QuerySet

from enrollment.models import Plan
from orders import shelf, unpaid, waits
from orders.lifecycle.moves import move_if_still
from orders.models import Order, OrderLine, Reservation, StockItem

Status = Order.Status
NOT_THERE = "It is not on the shelf."


class Moving(Exception):
    """Others are just changing the orders this depends on: wait for them, then begin again."""

    def __init__(self, order_ids: list[int]) -> None:
        super().__init__()
        self.order_ids = order_ids


def backorder(order: Order, now: datetime, by: str, note: str) -> bool:
    """An order waits for stock from now on. False when it stands elsewhere meanwhile."""
    won = move_if_still(order, Status.BACKORDERED, now=now, by=by, note=note)
    if won:
        waits.begin(order, now)
    return won


def with_stock(order: Order) -> tuple[Status, str, str]:
    """Where an order goes whose pieces are set aside, by whom and with what note: nothing is packed without a card."""
    if unpaid.lacks_card(order):
        return Status.PAYMENT_FAILED, "billing", "There is no card for this printer. The ink is set aside."
    return Status.RELEASED, "stock", ""


def release(order: Order, rows: Mapping[int, StockItem], now: datetime) -> bool:
    """Promise stock of the locked `rows` to an order and let the warehouse pack it, if it is free or there is a card.

    False when the order was cancelled meanwhile.
    """
    to, by, note = with_stock(order)
    won = move_if_still(order, to, now=now, by=by, note=note, listed_at=max(now, order.listed_at))
    if won:
        shelf.reserve(order.lines.all(), rows, now)
    return won


def release_backorders(sku_id: int, now: datetime, rows: Mapping[int, StockItem] | None = None) -> int:
    """Release as many orders waiting for a SKU as the shelf can fill, the oldest first; how many.

    An order goes when all its lines can. One that waits for something else keeps aside its pieces of this SKU: whoever
    is younger has what is left beyond them, so that nobody is overtaken and nobody holds up a full shelf. Who holds
    `rows` gives them, for more are not to be locked: an order that needs more is looked at again.
    """
    rows = rows or shelf.lock_with_queue([sku_id])
    turns = Turns(sku_id, rows)
    released = 0
    for order in turns:
        if not turns.knows(order):  # it came to wait while we waited for the shelf
            waits.look_again(order.pk, now)
        elif turns.fills(order):
            won = release(order, rows, now)
            if not won:
                turns.give_up(order)
            released += won
    waits.wake(sku_id, now)
    return released


def would_release(sku_id: int, rows: Mapping[int, StockItem]) -> list[Order]:
    """The orders that would go if the shelf were as `rows` say, the oldest first. Writes nothing."""
    turns = Turns(sku_id, rows)
    return [order for order in turns if turns.knows(order) and turns.fills(order)]


class Turns:
    """Orders that wait for a SKU, the oldest first, as far as what the shelf of `rows` has left goes round."""

    def __init__(self, sku_id: int, rows: Mapping[int, StockItem]) -> None:
        self._sku_id, self._rows = sku_id, rows
        row = rows[sku_id]
        self._left = 0 if row.missed_at else max(row.on_hand - row.reserved, 0)

    def __iter__(self) -> Iterator[Order]:
        of_sku = OrderLine.objects.filter(sku=self._sku_id).values("order")
        waiting = Order.objects.filter(status=Status.BACKORDERED, pk__in=of_sku).order_by("placed_at", "pk")
        looked_at: list[int] = []
        while (pieces := self._left) > 0:  # once more where somebody has given up
            next_ones = waiting.exclude(pk__in=looked_at).select_related("plan").prefetch_related("lines")[:pieces]
            for order in next_ones:
                looked_at.append(order.pk)
                self._left -= shelf.needs(order)[self._sku_id]
                if self._left < 0:
                    return
                yield order
            if len(next_ones) < pieces:
                return

    def knows(self, order: Order) -> bool:
        """Whether the shelf of all it wants is in `rows`."""
        return shelf.needs(order).keys() <= self._rows.keys()

    def fills(self, order: Order) -> bool:
        """Whether it can go with all its lines; if not, its pieces are kept aside."""
        return len(shelf.needs(order)) == 1 or not shelf.lacking(order, self._rows)

    def give_up(self, order: Order) -> None:
        """It did not go after all: the next in turn has its pieces."""
        self._left += shelf.needs(order)[self._sku_id]


def put_back(rows: Mapping[int, StockItem], sku_id: int, keep: int, now: datetime, by: str) -> list[int]:
    """Let no more than `keep` pieces of a locked SKU be promised: the newest orders that are not packed wait again.

    Those that wait for a card come last. The other SKUs that became free; raises Moving when others are at it.
    """
    row = rows[sku_id]
    freed: set[int] = set()
    for order in _newest(row, keep, lock=True):
        skus = {reservation.sku_id for reservation in shelf.held(order)}
        if not skus <= rows.keys():
            raise Moving([])
        shelf.give_back(order, rows)
        backorder(order, now, by, NOT_THERE)
        freed |= skus - {sku_id}
    if row.reserved > keep:
        raise Moving(list(_holding(sku_id).values_list("pk", flat=True)))
    return sorted(freed)


def would_put_back(row: StockItem, keep: int) -> list[Order]:
    """The orders that would wait again if only `keep` pieces may be promised, the newest first. Writes nothing.

    `row` is a copy that is not saved: what they hold is taken off it.
    """
    found = []
    for order in _newest(row, keep, lock=False):
        row.reserved -= sum(each.quantity for each in shelf.held(order) if each.sku_id == row.pk)
        found.append(order)
    return found


def _newest(row: StockItem, keep: int, *, lock: bool) -> Iterator[Order]:
    """Orders that give up what they hold of a SKU, the newest first, as long as the row promises more than `keep`."""
    for status in shelf.HOLDING:
        newest = _holding(row.pk).filter(status=status).order_by("-placed_at", "-pk")
        if lock:
            newest = newest.select_for_update(skip_locked=True, no_key=True)
        for order in newest[: max(row.reserved - keep, 0)]:
            if row.reserved <= keep:
                return
            yield order


def _holding(sku_id: int) -> QuerySet[Order]:
    return Order.objects.filter(pk__in=Reservation.objects.filter(sku=sku_id).values("line__order"))


def release_for_card(plan: Plan, now: datetime) -> None:
    """A plan has a card again: what was set aside for want of one, and is not packed, goes to the warehouse."""
    waiting = Order.objects.filter(plan=plan, status=Status.PAYMENT_FAILED).prefetch_related("events")
    for order in (order for order in waiting if not unpaid.is_packed(order)):
        move_if_still(order, Status.RELEASED, now=now, by="billing", note="There is a card for this printer again.")
