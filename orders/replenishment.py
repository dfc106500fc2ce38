"""What a plan's needs come to, one plan at a time: decided, ordered on its owner's word, or declined by them."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from enrollment.lifecycle import lock_plan
from enrollment.models import Plan
from orders import deciding, recording
from orders.decisions import Verdict
from orders.models import Order, Replenishment
from printers import facts
from printers.facts import Refused

Kind = Replenishment.Kind
# What the customer's own word overrules; an order they cancelled themselves left "ordered" behind.
ON_YOUR_WORD = (
    Kind.ORDERED,
    Kind.PAUSED,
    Kind.SKIPPED,
    Kind.SPARE_ON_HAND,
    Kind.ASKING,
    Kind.NOT_GENUINE,
    Kind.OUT_OF_STOCK,
)


def decide_for(plan_id: int, now: datetime) -> list[Order]:
    """A round of decisions for one plan: `deciding.decide`."""
    return deciding.decide([plan_id], now)


def order_now(plan: Plan, slot_id: int, now: datetime) -> bool:
    """The customer wants the low supply of a slot ordered, whatever they had asked for; decided again at once.

    False when nothing waits for such a word: it is not low, an order is open, or the word was given before.
    """
    with transaction.atomic():
        locked = lock_plan(plan.pk)
        if locked.status != Plan.Status.ACTIVE:
            raise Refused(gettext("This plan is not active, so nothing is ordered for it."), "plan_not_active")
        waiting = Replenishment.objects.filter(plan=locked, slot_id=slot_id, closed_at=None, decision__in=ON_YOUR_WORD)
        ended = waiting.exclude(lines__open=True)
        if not ended.update(decision=Kind.UNDECIDED, wanted_at=now, due_at=now):
            return False
        _tell_printer(locked)
        facts.nudge("replenishment")
    return True


def decline(need: Replenishment, now: datetime) -> bool:
    """Asked whether to order, the customer said: not this one. It holds until the supply is replaced.

    False when nobody waits for an answer any more.
    """
    with transaction.atomic():
        plan = lock_plan(need.plan_id)
        asking = Replenishment.objects.filter(pk=need.pk, closed_at=None, decision=Kind.ASKING)
        if not asking.update(decision=Kind.SKIPPED, due_at=None):
            return False
        reason = f"{need.slot.name} is low. Asked whether to order it, the customer said no."
        evidence = {"declined_at": now.isoformat()}
        recording.keep([recording.decision(need.signal, need, Verdict(Kind.SKIPPED, reason), evidence, now)])
        _tell_printer(plan)
    return True


def _tell_printer(plan: Plan) -> None:
    needs = list(Replenishment.objects.filter(plan=plan, closed_at=None).select_related("slot", "plan"))
    recording.tell_printers(needs, recording.open_orders(needs))
