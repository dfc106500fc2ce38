"""What its owner still decides while orders are under way: where they go, whether they wait, whether the plan ends.

Each holds the plan's lock, so that no order is placed meanwhile. A warehouse packs without it: who came first won.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from enrollment import doubts, reasons
from enrollment import lifecycle as plans
from enrollment.models import Address, Plan
from enrollment.reasons import Reason
from orders import lifecycle, waits
from orders.models import Order, StockItem
from printers.facts import Refused
from printers.models import DeviceToken

Status = Order.Status
UNDER_WAY = (*lifecycle.NOT_PACKED, Status.PACKED, Status.SHIPPED)
CUSTOMER = "customer"
PLAN_ENDED = "The plan ended."


@dataclass
class Left:
    """What became of a plan that ended: False when it had ended before, and the orders cancelled or packed first."""

    ended: bool
    cancelled: list[Order] = field(default_factory=list)
    too_late: list[Order] = field(default_factory=list)


def readdress(plan: Plan, ship_to: dict[str, str], now: datetime, by: str = CUSTOMER) -> None:
    """Send from now on to `ship_to`, orders that are not packed included (promise P14). Told twice, it is done once.

    `by` is who wrote it down: the customer, or staff to whom they said it.
    """
    with transaction.atomic():
        known = plans.lock_plan(plan.pk).shipping_address
        same = known is not None and known.as_ship_to() == ship_to
        address = known if known and same else _typed(plan.user_id, ship_to, now)
        plans.change_address(plan, address, now, by)
        for order in Order.objects.filter(plan=plan, status__in=lifecycle.NOT_PACKED).order_by("placed_at", "pk"):
            lifecycle.readdress(order, ship_to, now, by)
        if same:
            doubts.said_again(address)


def _typed(user_id: int, ship_to: dict[str, str], now: datetime) -> Address:
    return Address.objects.create(user_id=user_id, **ship_to, **doubts.of_new(ship_to, now))


def keep_waiting(order: Order, now: datetime) -> bool:
    """The customer keeps an order that is out of stock; False when it is not waiting any more."""
    waiting = Order.objects.filter(pk=order.pk, status=Status.BACKORDERED)
    with transaction.atomic():
        if not waiting.update(kept_waiting_at=now):
            return False
        order.kept_waiting_at = now
        waits.keep(order, now)
    return True


def cancel(order: Order, now: datetime) -> None:
    """The customer cancels an order. Refused once it is packed."""
    lifecycle.cancel(order, now, CUSTOMER, "Cancelled by the customer.", by_customer=True)


def see_off(plan_ids: Collection[int], now: datetime) -> None:
    """What is left of plans that somebody else than their owner ended: nobody chose, so what is not ready ends too.

    What is being got ready still ships (promise P16). Again, it changes nothing.
    """
    for plan in Plan.objects.filter(pk__in=plan_ids, status=Plan.Status.CANCELLED).order_by("pk"):
        with transaction.atomic():
            plans.lock_plan(plan.pk)
            by = plan.events.filter(status=Plan.Status.CANCELLED).values_list("by", flat=True).last()
            if by is not None and by != CUSTOMER:
                _drop(plan, not_ready(plan), now, by)


def not_ready(plan: Plan) -> list[int]:
    """Its orders that wait for stock: what ends with a plan unless its owner says otherwise."""
    waiting = Order.objects.filter(plan=plan, status__in=(Status.PLACED, Status.BACKORDERED))
    return list(waiting.values_list("pk", flat=True))


def leave(plan: Plan, dropped: Collection[int], reason: str, words: str, now: datetime, by: str = CUSTOMER) -> Left:
    """End a plan at its owner's wish, and the waiting orders they named by id (promises P15, P16).

    What waits for a card ends with it; the rest still ships. Gone with its printer, the printer's tokens end too.
    `by` is who wrote it down; where that is staff, `dropped` are those of `not_ready`, as `see_off` has it too.
    """
    with transaction.atomic():
        if not plans.cancel(plan, reasons.note(reason, words), now, by):
            return Left(ended=False)
        if reason == Reason.GONE and plan.printer_id:
            live = DeviceToken.objects.filter(printer=plan.printer_id, revoked_at=None)
            live.update(revoked_at=now, revoked_cause="plan_ended")
        return _drop(plan, dropped, now, by)


def _drop(plan: Plan, dropped: Collection[int], now: datetime, by: str) -> Left:
    """Cancel these of a plan's orders."""
    rows = lifecycle.lock_all(Order.objects.filter(plan=plan))
    left = Left(ended=True)
    for order in Order.objects.filter(plan=plan).order_by("placed_at", "pk").select_related("plan"):
        ends = order.status == Status.PAYMENT_FAILED or (order.pk in dropped and order.status in UNDER_WAY)
        if ends and _cancelled(order, now, by, rows):
            left.cancelled.append(order)
        elif ends:
            left.too_late.append(order)
    return left


def _cancelled(order: Order, now: datetime, by: str, rows: Mapping[int, StockItem]) -> bool:
    """Whether an order ended; False when it was packed before. Nothing is decided again for a plan that ended."""
    try:
        lifecycle.cancel(order, now, by, PLAN_ENDED, by_customer=True, rows=rows)
    except Refused:
        return False
    return True
