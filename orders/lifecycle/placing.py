"""Placing: what plans need becomes an order each of all that is in stock, and a backorder for each line that is not.

An order is born where it stands then: placed and released, or placed and waiting, are two events of one INSERT.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings

from enrollment.models import Plan
from orders import numbers, pricing, promotions, shelf, taxes, waits
from orders.lifecycle import moves
from orders.lifecycle.stocking import with_stock
from orders.models import Order, OrderEvent, OrderLine, Replenishment
from orders.pricing import Amounts, Item, Quote
from printers import facts, tracing
from printers.models import Sku

Status = Order.Status
DAY_FIRST = timedelta(hours=24)


@dataclass(frozen=True)
class Need:
    """One cartridge wanted for one replenishment, and what it costs now."""

    replenishment: Replenishment
    sku: Sku
    quote: Quote


@dataclass(frozen=True)
class Draft:
    """An order to be: what goes into it, and whether that is in stock."""

    plan: Plan
    needs: Sequence[Need]
    in_stock: bool

    def amounts(self, tax_rate: Decimal) -> Amounts:
        """What it comes to."""
        quotes = [need.quote for need in self.needs]
        return pricing.amounts((Item(1, quote.list_cents, quote.discount_cents) for quote in quotes), tax_rate)


def place(wanted: Iterable[tuple[Plan, Sequence[Need]]], now: datetime) -> list[Order]:
    """Order what locked plans need, first come first served: stock goes to them in the order of `wanted`."""
    wanted = list(wanted)
    rows = shelf.lock(need.sku.pk for _, needs in wanted for need in needs)
    drafts = _part(wanted, shelf.free_of(rows.values()))
    orders = _write(drafts, now)
    lines = OrderLine.objects.bulk_create(
        line for order, draft in zip(orders, drafts, strict=True) for line in _lines(order, draft)
    )
    promotions.freeze(lines, {need.sku.pk: need.quote.running for _, needs in wanted for need in needs})
    ready = {order.pk for order, draft in zip(orders, drafts, strict=True) if draft.in_stock}
    shelf.reserve([line for line in lines if line.order_id in ready and not line.order.is_test], rows, now)
    waits.begin_new([(line.order, rows[line.sku_id]) for line in lines if line.order_id not in ready], now)
    return orders


def _part(wanted: Iterable[tuple[Plan, Sequence[Need]]], left: dict[int, int]) -> list[Draft]:
    """For each plan one draft of all that is in stock, and one of each line that is not; `left` by SKU id.

    For a test printer nothing leaves the shelf, whatever is on it.
    """
    drafts = []
    for plan, needs in wanted:
        if _is_test(plan):
            drafts.append(Draft(plan, needs, in_stock=True))
            continue
        ready: list[Need] = []
        missing: list[Need] = []
        for need in needs:
            (ready if left[need.sku.pk] > 0 else missing).append(need)
            left[need.sku.pk] -= 1
        if ready:
            drafts.append(Draft(plan, ready, in_stock=True))
        drafts.extend(Draft(plan, [need], in_stock=False) for need in missing)
    return drafts


def _is_test(plan: Plan) -> bool:
    return plan.printer is not None and plan.printer.is_test


def _write(drafts: Sequence[Draft], now: datetime) -> list[Order]:
    """The orders of drafts, with their events."""
    orders, events, rates = [], [], taxes.rates(now)
    for draft, number in zip(drafts, numbers.free_ones(Order.objects, len(drafts)), strict=True):
        orders.append(order := _order(draft, number, rates, now))
        order.status, by, note = with_stock(order) if draft.in_stock else _without_stock(draft)
        events.append(OrderEvent(order=order, status=Status.PLACED, at=now, by="printer", due_at=now))
        events.append(OrderEvent(order=order, status=order.status, at=now, by=by, note=note, due_at=now))
    Order.objects.bulk_create(orders)
    OrderEvent.objects.bulk_create(events)
    for order in orders:
        moves.tell(order)
    if events:
        facts.nudge("order_event")
    return orders


def _without_stock(draft: Draft) -> tuple[Status, str, str]:
    return Status.BACKORDERED, "stock", f"{draft.needs[0].sku.name} is not in stock."


def _order(draft: Draft, number: str, rates: Mapping[str, Decimal], now: datetime) -> Order:
    """An order of a draft, not saved."""
    plan = draft.plan
    assert plan.shipping_address is not None  # an active plan has both, by constraint
    assert plan.printer is not None
    grace = DAY_FIRST if plan.when_low == Plan.WhenLow.DAY_FIRST else timedelta(0)
    order = Order(
        number=number,
        plan=plan,
        user_id=plan.user_id,
        ship_to=plan.shipping_address.as_ship_to(),
        is_test=_is_test(plan),
        trace=draft.needs[0].replenishment.signal.trace or tracing.current(),
        placed_at=now,
        updated_at=now,
        listed_at=now + max(grace, timedelta(hours=settings.ORDER_GRACE_HOURS)),
    )
    amounts = draft.amounts(taxes.rate_for(order, rates, order.ship_to))
    for name, amount in asdict(amounts).items():
        setattr(order, name, amount)
    order.quoted_total_cents, order.quoted_tax_cents = amounts.total_cents, amounts.tax_cents
    return order


def _lines(order: Order, draft: Draft) -> list[OrderLine]:
    """The lines of an order, not saved."""
    return [
        OrderLine(
            order=order,
            replenishment=need.replenishment,
            slot_id=need.replenishment.slot_id,
            sku=need.sku,
            **need.quote.line,
        )
        for need in draft.needs
    ]
