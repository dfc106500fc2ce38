"""To which open orders another card applies: said from how they stand, so that it can be said again (promise P14)."""

from collections.abc import Iterator

from django.utils.translation import gettext, gettext_noop

from billing.models import Card, Charge
from enrollment.models import Plan
from orders import wishes
from orders.models import Order

WHEN_IT_SHIPS = gettext_noop("Order %(number)s is charged to it when it ships.")
IS_PACKED_NOW = gettext_noop("Order %(number)s waited for a card: we pack it, and charge it when it ships.")
IS_CHARGED_NOW = gettext_noop("Order %(number)s is being charged to it now.")
GOES_ON = gettext_noop("Order %(number)s is packed and is being charged to %(other)s.")


def charged_to(plan: Plan, card: Card, *, everywhere: bool) -> Iterator[str]:
    """What to tell after *Save*: what the card pays for, and how each order under way is paid."""
    facts = {"card": str(card), "printer": plan.display_name}
    if everywhere:
        yield gettext("Saved. %(card)s pays for all your printers from now on.") % facts
    else:
        yield gettext("Saved. %(card)s pays for %(printer)s from now on.") % facts
    plans = Plan.objects.filter(user=plan.user_id, plan_card__card=card) if everywhere else [plan]
    unpaid = Order.objects.filter(plan__in=plans, status__in=wishes.UNDER_WAY, is_test=False)
    for order in unpaid.exclude(status=Order.Status.SHIPPED).order_by("placed_at", "pk"):
        if sentence := _of(order, card):
            yield gettext(sentence) % {"number": order.display_number, "other": _other(order)}


def _of(order: Order, card: Card) -> str:
    """How an order stands to the card; nothing of one whose charge has failed on it already."""
    if order.status == Order.Status.PAYMENT_FAILED:
        return "" if order.priced_at else IS_PACKED_NOW
    if order.status != Order.Status.PACKED:
        return WHEN_IT_SHIPS
    asked = order.charges.filter(status=Charge.Status.PENDING).first()
    return IS_CHARGED_NOW if asked is None or asked.card_id == card.pk else GOES_ON


def _other(order: Order) -> str:
    asked = order.charges.filter(status=Charge.Status.PENDING).select_related("card").first()
    return str(asked.card) if asked and asked.card else ""
