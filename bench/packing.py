"""Many customers, each with a card at Stripe and a parcel that was packed this moment; some cards will be refused."""

from concurrent.futures import ThreadPoolExecutor

from django.db import connection
from django.utils import timezone

from bench import sweeping
from billing import cards
from billing.models import PlanCard
from enrollment.models import Partner, User
from orders import lifecycle, tasks
from orders.models import Order
from printers import facts

GOOD, REFUSED = "pm_card_visa", "pm_card_ars_insufficient_funds"
REFUSED_EVERY = 20  # every so-manieth card
HANDS = 4


def pack(count: int, refused_every: int = REFUSED_EVERY) -> Partner:
    """So many orders, all packed; their warehouse. Every so-manieth card will be refused, none for 0."""
    with facts.without_nudges():
        sweeping.prepare(count)
        while tasks.sweep_signals():
            pass
        orders = list(Order.objects.filter(status=Order.Status.RELEASED).select_related("user", "plan").order_by("pk"))
        assert len(orders) == count, f"{len(orders)} orders of {count} are released"
        with ThreadPoolExecutor(HANDS) as hands:
            shares = [orders[number::HANDS] for number in range(HANDS)]
            list(hands.map(lambda share: _name_cards(share, refused_every), shares))
        return _dispatch(orders)


def _name_cards(orders: list[Order], refused_every: int) -> None:
    try:
        for order in orders:
            is_refused = refused_every and order.pk % refused_every == 0
            _name_card(order, order.user, REFUSED if is_refused else GOOD)
    finally:
        connection.close()  # this thread's own


def _name_card(order: Order, user: User, kind: str) -> None:
    card = cards.save_card(user, kind)
    PlanCard.objects.create(plan=order.plan, card=card)


def _dispatch(orders: list[Order]) -> Partner:
    warehouse, now = Partner.objects.create(name="Warehouse"), timezone.now()
    for order in orders:
        parcel = {"dispatch_id": f"D-{order.pk}", "carrier": "UPS", "tracking_number": f"1Z{order.pk:016}"}
        lifecycle.dispatch(order, warehouse, parcel["dispatch_id"], parcel, now)
    return warehouse
