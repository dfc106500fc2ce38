"""After the storm: what the card service took and gave back, order by order, beside what was shipped and came back."""

from collections import Counter
from datetime import timedelta
from typing import Any

import stripe
from django.conf import settings
from django.db.models import Sum
from django.utils import timezone

from billing.reconciliation import running
from orders.models import Order

LEFT_US = (Order.Status.SHIPPED, Order.Status.RETURNED)
Money = Counter[tuple[str, int]]  # an order's number and cents, as often as they were taken or given


def judge(url: str) -> tuple[dict[str, Any], list[str]]:
    """What was found, by name, and what is wrong, a sentence each."""
    taken, given = _their_books(url)
    shipped, returned = _our_books()
    held = Order.objects.filter(status=Order.Status.PAYMENT_FAILED)
    unexplained = sum(1 for order in held if "was not charged. " not in _last_note(order))
    differences = _differences()
    found = {
        "parcels_shipped": len(shipped),
        "parcels_held": held.count(),
        "charges_at_stripe": taken.total(),
        "cents_shipped": _cents(shipped),
        "cents_taken": _cents(taken),
        "refunds_at_stripe": given.total(),
        "cents_returned": _cents(returned),
        "cents_given_back": _cents(given),
        "charged_twice": sum(taken.total() > 1 for taken in _by_order(taken).values()),
        "reconciliation_differences": len(differences),
    }
    problems = [f"Reconciliation: {each}" for each in differences]
    problems += _differ("charges", taken, shipped) + _differ("refunds", given, returned)
    if unexplained:
        problems.append(f"{unexplained} parcels are held without a reason.")
    if strays := Order.objects.exclude(status__in=[*LEFT_US, Order.Status.PAYMENT_FAILED]).count():
        problems.append(f"{strays} parcels neither left nor are held.")
    return found, problems


def _their_books(url: str) -> tuple[Money, Money]:
    """Charges that took money and refunds, by the order that their intent names."""
    sdk = stripe.StripeClient(settings.STRIPE_SECRET_KEY, base_addresses={"api": url}, max_network_retries=2).v1
    charges = [each for each in sdk.charges.list({"limit": 100}).auto_paging_iter() if each.paid and each.captured]
    orders = {str(each.payment_intent): each.metadata["order"] for each in charges}
    refunds = sdk.refunds.list({"limit": 100}).auto_paging_iter()
    return (
        Counter((orders[str(each.payment_intent)], each.amount_captured) for each in charges),
        Counter((orders[str(each.payment_intent)], each.amount) for each in refunds),
    )


def _our_books() -> tuple[Money, Money]:
    """What left us, and what was owed for what came back, as the warehouse booked both: no charge or refund is read."""
    left = Order.objects.filter(status__in=LEFT_US)
    owed = left.filter(return_receipts__isnull=False).annotate(owed=Sum("return_receipts__lines__refund_cents"))
    return Counter(left.values_list("number", "total_cents")), Counter(owed.values_list("number", "owed"))


def _differences() -> list[str]:
    """By the nightly comparison, over this day to its end."""
    tomorrow = timezone.now() + timedelta(days=1)
    run = running.reconcile(tomorrow - timedelta(days=7), tomorrow, tomorrow, by="bench")
    return [run.failure] if run.failure else [str(difference) for difference in run.differences.all()]


def _differ(what: str, theirs: Money, ours: Money) -> list[str]:
    return [
        *(f"{what}: order {number}: {cents} cents too much" for number, cents in (theirs - ours).elements()),
        *(f"{what}: order {number}: {cents} cents missing" for number, cents in (ours - theirs).elements()),
    ]


def _by_order(money: Money) -> dict[str, Money]:
    found: dict[str, Money] = {}
    for (number, cents), count in money.items():
        found.setdefault(number, Counter())[number, cents] += count
    return found


def _cents(money: Money) -> int:
    return sum(cents * count for (_, cents), count in money.items())


def _last_note(order: Order) -> str:
    event = order.events.order_by("pk").last()
    return event.note if event else ""
