"""The sweeps of orders: each claims facts that are due, a hundred at a time, and works until none is left."""

import logging
from datetime import datetime

from celery import shared_task
from django.db import transaction

from enrollment.models import Plan
from orders import deciding, lifecycle, patience, questions, recording, shelf, stock, waits, wishes
from orders.models import Order, Question, Replenishment, StockItem, Wait
from printers.facts import sweep
from printers.models import LowSignal, Sku

log = logging.getLogger(__name__)


@shared_task
def sweep_signals() -> int:
    """Decide new low signals, and close what was replaced."""
    return sweep(LowSignal, act_on_signals)


@shared_task
def sweep_plans() -> int:
    """Decide again for plans that became active, changed or ended."""
    return sweep(Plan, act_on_plans)


@shared_task
def sweep_replenishments() -> int:
    """Decide again what waited for a time, or lost its order."""
    return sweep(Replenishment, act_on_replenishments)


@shared_task
def sweep_questions() -> int:
    """Ask what only customers can tell of parcels that left."""
    return sweep(Question, questions.ask)


@shared_task
def sweep_waits() -> int:
    """Tell those who wait for stock of another date, and end what nobody keeps waiting for."""
    return sweep(Wait, patience.look)


@shared_task
def sweep_stock() -> int:
    """Look once more for what the warehouse did not find."""
    return sweep(StockItem, stock.look_again)


@shared_task
def sweep_skus() -> int:
    """Look at who waits for a cartridge that is not made any more."""
    return sweep(Sku, waits.look_at_all)


@shared_task
def check_stock() -> None:
    """Say when movements and shelf differ: nothing else may ever change the shelf."""
    for sku, (on_hand, moved) in shelf.differences().items():
        log.error("stock of %s does not add up: %s on hand, movements say %s", sku, on_hand, moved)


def act_on_signals(signal_ids: list[int], now: datetime) -> None:
    """Each signal by its printer's active plan; one that is history only gets its decision. All of them, or none."""
    with transaction.atomic():
        signals = LowSignal.objects.filter(pk__in=signal_ids).select_related("slot").order_by("pk")
        stale = [each for each in signals if each.closed_cause == LowSignal.ClosedCause.STALE]
        printers = {each.printer_id for each in signals if each.closed_cause != LowSignal.ClosedCause.STALE}
        owned = Plan.objects.filter(printer__in=printers, status=Plan.Status.ACTIVE)
        plans = dict(owned.values_list("printer_id", "pk"))
        deciding.decide(plans.values(), now)
        unowned = (each for each in signals if each.printer_id not in plans and each.closed_at is None)
        recording.not_enrolled(unowned, now)
        recording.stale(stale, now)
        replaced = (each for each in signals if each.closed_cause == LowSignal.ClosedCause.REPLACED)
        recording.replaced_before(replaced, now)


def act_on_plans(plan_ids: list[int], now: datetime) -> None:
    """Each plan whose owner, card or wishes changed, or that ended."""
    deciding.decide(plan_ids, now)
    wishes.see_off(plan_ids, now)
    held = Plan.objects.filter(payable_since__isnull=False, orders__status=Order.Status.PAYMENT_FAILED)
    for plan in held.filter(pk__in=plan_ids).distinct().order_by("pk"):
        lifecycle.release_for_card(plan, now)


def act_on_replenishments(replenishment_ids: list[int], now: datetime) -> None:
    """Each replenishment by its plan."""
    plans = Replenishment.objects.filter(pk__in=replenishment_ids).values_list("plan_id", flat=True)
    deciding.decide(set(plans), now)
