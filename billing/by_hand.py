"""A refused card is asked once more at the word of staff: when that may be, and why not, said before anything is done.

The retry itself is the one its owner has on their pay page (`lifecycle.try_again`).
"""

from datetime import datetime

from django.db import transaction

from billing import lifecycle
from billing.models import Charge
from enrollment import lifecycle as plans
from enrollment.models import Plan
from orders import unpaid
from orders.models import Order
from printers.facts import Refused

Status = Charge.Status


def attempt_to_come(order: Order, now: datetime) -> Charge:
    """The charge that asking once more would make, not saved. Refused with why it may not be."""
    if order.status != Order.Status.PAYMENT_FAILED:
        said = order.get_status_display().lower()
        raise Refused(f"No payment of order {order.display_number} waits: it is {said}.", "no_failed_payment")
    if order.plan.status == Plan.Status.CANCELLED:
        raise Refused("The plan has ended, and this order ends with it: nothing is charged.", "plan_ended")
    if not unpaid.is_packed(order):
        raise Refused("It is not packed yet: its card is charged when it ships, not before.", "not_packed")
    failed, dispatch = order.charges.order_by("attempt").last(), order.dispatches.order_by("at", "pk").last()
    if failed is None or dispatch is None:
        raise Refused("Nothing was charged for it before, so there is nothing to try again.", "no_failed_payment")
    _let_try(order, failed, now)
    charge = lifecycle.new_attempt(dispatch, order, now)
    charge.card = failed.card
    return charge


def retry(order_id: int, attempt: int, now: datetime, by: str) -> None:
    """Ask the card of this failed attempt once more; the answer comes within seconds, to the worker.

    Of two clicks one does it. Refused with why it may not be, or `meanwhile` when another attempt was made since.
    """
    with transaction.atomic():
        plan_id = Order.objects.values_list("plan_id", flat=True).get(pk=order_id)
        plans.lock_plan(plan_id)  # a card named at this moment comes before or after, never between
        order = Order.objects.select_for_update(of=("self",)).select_related("plan").get(pk=order_id)
        if attempt_to_come(order, now).attempt != attempt + 1:
            raise Refused("Its card was asked since this page was made: look at what came of it.", "meanwhile")
        if not lifecycle.try_again(order_id, attempt, now, by):
            raise Refused("It cannot be charged just now: look at the order.", "meanwhile")


def _let_try(order: Order, failed: Charge, now: datetime) -> None:
    card = lifecycle.usable_card(order.plan_id)
    if failed.status == Status.NEEDS_AUTHENTICATION:
        raise Refused("The bank wants its customer to confirm this payment: only they can, on their page.", "confirm")
    if failed.status != Status.DECLINED:
        raise Refused("It is being charged just now.", "under_way")
    if card is None or failed.card is None:
        raise Refused("No card can pay for this printer: its owner names one by the link in our mail.", "no_card")
    if card != failed.card:
        raise Refused(f"{card} pays for this printer now, not {failed.card}, which was refused.", "another_card")
    if lifecycle.tried_lately(failed, now) >= lifecycle.MOST_TRIES:
        raise Refused(f"{card} was asked {lifecycle.MOST_TRIES} times in 30 days, and no more may be.", "too_often")
    if not lifecycle.may_try_again(failed, now):
        raise Refused(f"The bank refused {card} for good: another card is needed.", "for_good")
