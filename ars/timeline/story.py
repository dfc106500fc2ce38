"""The story of one order, and of the needs of one supply: the same facts for their owner and for staff."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ars.timeline import mails, money, needs, steps
from ars.timeline.entry import Entry
from billing.models import Charge, Refund
from enrollment.models import Plan
from orders.clock import Clock
from orders.models import Order, Question, Replenishment

NEEDS_AT_MOST = 12  # of one supply: about a year or two


@dataclass(frozen=True)
class OfOrders:
    """What belongs to orders beside their own rows: each try to charge, refunds, and what was asked of them."""

    charges: Sequence[Charge]
    refunds: Sequence[Refund]
    questions: Sequence[Question]


def of_order(order: Order, facts: OfOrders, clock: Clock) -> list[Entry]:
    """All that is known of an order, from the low signals on. `order` has its lines with needs, and its events."""
    lines = sorted(order.lines.all(), key=lambda line: line.pk)
    found = [line.replenishment for line in lines if line.replenishment is not None]
    decided = needs.decisions_of(found) if found else []
    return [
        *needs.of(order.plan, found, decided, clock),
        *_of_orders([order], facts, clock, linked=False),
        *mails.of([order], decided, clock),
    ]


def of_needs(plan: Plan, found: Sequence[Replenishment], clock: Clock) -> list[Entry]:
    """All about these needs of a plan, and about the orders made for them: linked, since they have pages."""
    orders = orders_of(found)
    decided = needs.decisions_of(found) if found else []
    return [
        *needs.of(plan, found, decided, clock),
        *_of_orders(orders, read(orders), clock, linked=True),
        *mails.of(orders, decided, clock),
    ]


def needs_of(plan: Plan, slot_id: int) -> list[Replenishment]:
    """The latest needs of one supply of a plan."""
    found = Replenishment.objects.filter(plan=plan, slot=slot_id).select_related("signal__slot")
    return list(found.order_by("-opened_at", "-pk")[:NEEDS_AT_MOST])


def orders_of(found: Sequence[Replenishment]) -> list[Order]:
    """The orders made for these needs."""
    if not found:
        return []
    made = Order.objects.filter(lines__replenishment__in=found).distinct().order_by("pk")
    return list(made.prefetch_related("events"))


def read(orders: Sequence[Order]) -> OfOrders:
    """What belongs to these orders."""
    if not orders:
        return OfOrders([], [], [])
    charges = Charge.objects.filter(order__in=orders).select_related("card").order_by("order", "attempt")
    paid_back = [charge for charge in charges if charge.refunded_cents]
    refunds = Refund.objects.filter(charge__in=paid_back).select_related("charge__card")
    asked = Question.objects.filter(order__in=orders)
    return OfOrders(list(charges), list(refunds) if paid_back else [], list(asked))


def _of_orders(orders: Sequence[Order], facts: OfOrders, clock: Clock, *, linked: bool) -> Iterator[Entry]:
    refused = {charge.order_id for charge in facts.charges if charge.status in money.REFUSED}
    for order in orders:
        yield from steps.of(order, list(order.events.all()), clock, refused=order.pk in refused, linked=linked)
    yield from money.of(facts.charges, facts.refunds, clock)
    yield from steps.answers(facts.questions, clock)
