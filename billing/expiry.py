"""Cards whose month is over pay for nothing until they are renewed or replaced: nothing is packed that cannot be paid.

Its owner is told a month ahead, by notifications. Here what is ordered after its end is kept from the packing table;
what the warehouse has by then is charged all the same, for many banks still say yes.
"""

from datetime import date, datetime

from django.db import transaction

from billing import lifecycle as charges
from billing.models import Card, PlanCard
from enrollment import lifecycle as plans
from orders import delivery

LAST_STATE = "HI"  # where a month ends last


def today(now: datetime) -> date:
    """The day it still is somewhere we send ink to."""
    return delivery.local_date(now, LAST_STATE)


def stop(now: datetime) -> int:
    """Plans whose card has expired have none that can pay; how many had until now."""
    expired = PlanCard.objects.expired(today(now)).filter(plan__payable_since__isnull=False)
    return sum(_stop(plan_id, now) for plan_id in list(expired.order_by("plan").values_list("plan", flat=True)))


def _stop(plan_id: int, now: datetime) -> bool:
    """Once more under the plan's lock: its owner may have named another card meanwhile."""
    with transaction.atomic():
        plans.lock_plan(plan_id)
        still = PlanCard.objects.expired(today(now)).filter(plan=plan_id).exists()
        return still and plans.set_payable(plan_id, None)


def renewed(card: Card, now: datetime) -> None:
    """A card that had expired has a new date: it pays again for its plans, what waits for it included."""
    for plan_id in card.plan_cards.order_by("plan").values_list("plan", flat=True):
        with transaction.atomic():
            plan = plans.lock_plan(plan_id)
            if plan.payable_since is None and PlanCard.objects.filter(plan=plan_id, card=card).exists():
                plans.set_payable(plan_id, now)
                charges.retry_all(plan, now)
