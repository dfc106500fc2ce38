"""What a customer chose for each slot, and how a decision uses up a skip or a spare."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import F, Q, QuerySet

from enrollment.models import Plan, PlanSlot
from printers.models import SlotSku

PlanAndSlot = tuple[int, int]  # their ids


@dataclass(frozen=True)
class Choice:
    """The customer's wishes for one slot. The high size is what the service sends unless told otherwise."""

    size: str = SlotSku.Size.HIGH
    spares: int = 0
    skip_next: bool = False


def of(plan: Plan) -> dict[int, Choice]:
    """Slot id to what was chosen for it; slots nobody chose for are missing."""
    return {row.slot_id: _choice(row) for row in plan.slots.all()}


def of_all(plan_ids: Iterable[int]) -> dict[PlanAndSlot, Choice]:
    """The same for many plans at once."""
    rows = PlanSlot.objects.filter(plan_id__in=list(plan_ids))
    return {(row.plan_id, row.slot_id): _choice(row) for row in rows}


def is_paused(plan: Plan, now: datetime) -> bool:
    """Whether the pause the customer asked for lasts."""
    return plan.paused_at is not None and (plan.paused_until is None or now.date() < plan.paused_until)


def use_skips(used: Iterable[PlanAndSlot]) -> None:
    """The skips asked for once have been done."""
    if each := list(used):
        _rows(each).update(skip_next=False)


def use_spares(used: Iterable[PlanAndSlot]) -> None:
    """One spare goes into each of these printers' slots."""
    if each := list(used):
        _rows(each).filter(spares__gt=0).update(spares=F("spares") - 1)


def _choice(row: PlanSlot) -> Choice:
    return Choice(row.size, row.spares, row.skip_next)


def _rows(wanted: Iterable[PlanAndSlot]) -> QuerySet[PlanSlot]:
    return PlanSlot.objects.filter(reduce(or_, (Q(plan_id=plan_id, slot_id=slot_id) for plan_id, slot_id in wanted)))
