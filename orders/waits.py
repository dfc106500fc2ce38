"""Waiting for stock: since when, until when, as its owner was told, and by when they must answer (domain rules, 4).

Who is told a date within 30 days waits for it without being asked. Where there is none, and after a second date that
was not kept, the owner says "keep waiting", or the order ends: on day 30, or a week after they were asked.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from orders.models import Order, Replenishment, StockItem, Wait
from orders.shelf import SOON, lacking, needs, obtainable
from printers import facts

TIME_TO_ANSWER = timedelta(days=7)
SLIPS_TO_BEAR = 1  # how many dates may pass without an answer
NOON = time(12, tzinfo=UTC)  # a day is over when it is over in Honolulu; noon after it is soon enough to say so
DAY = timedelta(days=1)


def begin(order: Order, now: datetime) -> None:
    """An order waits from now on: what its owner is told, and when it is looked at again. Its old answer is over."""
    if order.kept_waiting_at is not None:
        Order.objects.filter(pk=order.pk).update(kept_waiting_at=None)
        order.kept_waiting_at = None
    _begin([(order, expected(order, now.date()))], now)


def begin_new(orders: Iterable[tuple[Order, StockItem]], now: datetime) -> None:
    """The same for orders just placed, each of one SKU, with its locked stock row."""
    _begin([(order, _to_come(row, now.date())) for order, row in orders], now)


def _begin(orders: Iterable[tuple[Order, date | None]], now: datetime) -> None:
    """Each with the day its owner is told."""
    waits = [Wait(order=order, since=now, expected_on=day, slips=0) for order, day in orders]
    for wait in waits:
        plan_next(wait, now)
    fields = ["since", "expected_on", "slips", "answer_by", "due_at"]
    Wait.objects.bulk_create(waits, update_conflicts=True, unique_fields=["order"], update_fields=fields)


def expected(order: Order, today: date) -> date | None:
    """When all an order lacks should be here; None while a date is missing or over."""
    wanted = needs(order)
    rows = StockItem.objects.in_bulk(wanted)
    missing = list(wanted) if len(wanted) == 1 else lacking(order, rows)
    dates = [_to_come(rows.get(sku_id), today) for sku_id in missing]
    known = [day for day in dates if day is not None]
    return max(known) if known and len(known) == len(dates) else None


def _to_come(row: StockItem | None, today: date) -> date | None:
    """When more of a SKU should be here; None where nobody knows, or the day is over."""
    day = row.expected_on if row else None
    return day if day is not None and day >= today else None


def plan_next(wait: Wait, now: datetime) -> None:
    """Set by when an answer is needed, and when to look again. Not saved."""
    order = wait.order
    in_time = wait.expected_on is not None and wait.expected_on <= wait.since.date() + SOON
    asked = order.kind == Order.Kind.REFILL and order.kept_waiting_at is None
    if not asked or (in_time and wait.slips <= SLIPS_TO_BEAR):
        wait.answer_by = None
    elif wait.answer_by is None:
        wait.answer_by = max(wait.since + SOON, now + TIME_TO_ANSWER)
    passes = datetime.combine(wait.expected_on + DAY, NOON) if wait.expected_on else None
    wait.due_at = min((moment for moment in (wait.answer_by, passes) if moment is not None), default=None)


def keep(order: Order, now: datetime) -> None:
    """Its owner has answered: nothing ends by itself until the next date that is not kept."""
    wait = Wait.objects.filter(order=order).first()
    if wait is not None:
        wait.order = order
        plan_next(wait, now)
        wait.save(update_fields=["answer_by", "due_at"])


def look_again(order_id: int, now: datetime) -> None:
    """Something about a wait changed, its end included: it is looked at soon."""
    Wait.objects.filter(order=order_id).update(due_at=now)


def look_at_all(sku_ids: list[int], now: datetime) -> None:
    """The same for all orders that wait for one of these."""
    waiting = Order.objects.filter(status=Order.Status.BACKORDERED, lines__sku__in=sku_ids)
    Wait.objects.filter(order__in=waiting).update(due_at=now)


def wake(sku_id: int, now: datetime) -> None:
    """What is ordered only when there is stock is decided again, if there is some.

    Whoever holds the stock calls this, and a round of decisions asks for stock: what is being decided is left alone,
    and looked at again within a day (`deciding`).
    """
    kept = Replenishment.objects.filter(
        decision=Replenishment.Kind.OUT_OF_STOCK, closed_at=None, slot__fits__sku=sku_id
    )
    asleep = list(kept.select_for_update(skip_locked=True, of=["self"], no_key=True).values_list("pk", flat=True))
    if asleep and obtainable([sku_id], now.date()):
        Replenishment.objects.filter(pk__in=asleep).update(due_at=now)
        facts.nudge("replenishment")
