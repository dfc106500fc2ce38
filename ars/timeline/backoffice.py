"""The same stories for staff: every fact with its evidence, as far as their role may read it."""

from datetime import datetime

from django.db.models import Prefetch

from ars.timeline import money, steps, story
from ars.timeline.entry import Entry, Kind, in_full, oldest_first
from enrollment.models import Plan, User
from orders.clock import Clock
from orders.models import Order, OrderLine, Replenishment


def of_order(pk: int, staff: User, now: datetime) -> list[Entry]:
    """All that is known of an order."""
    return in_full(_of_order(pk, now), staff)


def evidence(pk: int, now: datetime) -> list[Entry]:
    """The same for a bank, the oldest first: without what happened on our shelf and who of us packed it."""
    told = [entry for entry in _of_order(pk, now, packers=False) if entry.kind is not Kind.STOCK or entry.text]
    return oldest_first(told)


def _of_order(pk: int, now: datetime, *, packers: bool = True) -> list[Entry]:
    lines = OrderLine.objects.select_related("replenishment__signal__slot").order_by("pk")
    order = Order.objects.select_related("plan").prefetch_related(Prefetch("lines", lines), "events").get(pk=pk)
    clock = Clock(now, str(order.ship_to.get("state", "")))
    told = story.of_order(order, story.read([order]), clock)
    return [*told, *steps.behind([order], clock, packers=packers), *money.requests([order], clock)]


def of_need(pk: int, staff: User, now: datetime) -> list[Entry]:
    """All that is known of a need, and of the orders made for it."""
    need = Replenishment.objects.select_related("plan__shipping_address", "signal__slot").get(pk=pk)
    clock = _clock(need.plan, now)
    told = story.of_needs(need.plan, [need], clock)
    orders = story.orders_of([need])
    return in_full([*told, *steps.behind(orders, clock), *money.requests(orders, clock)], staff)


def _clock(plan: Plan, now: datetime) -> Clock:
    return Clock(now, plan.shipping_address.state if plan.shipping_address else "")
