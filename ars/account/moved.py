"""To which open orders a new address applies: said from how they stand, so that it can be said again (promise P14)."""

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext

from enrollment.models import Plan
from orders import wishes, words_tax
from orders.clock import Clock
from orders.models import Order

KEEPS = (Order.Status.PACKED, Order.Status.SHIPPED)


def moved(plan: Plan, ship_to: Mapping[str, str], clock: Clock) -> Iterator[str]:
    """What to tell after *Save*: what follows the address, and what goes where it was sent before."""
    yield gettext("Saved. From the next order on, ink goes to %(street)s, %(city)s.") % {
        "street": ship_to["line1"],
        "city": ship_to["city"],
    }
    for order in Order.objects.filter(plan=plan, status__in=wishes.UNDER_WAY).order_by("placed_at", "pk"):
        if order.ship_to == ship_to:
            text = gettext("Order %(number)s goes to the new address.") % {"number": order.display_number}
            yield f"{text} {words_tax.moved(order)}".rstrip()
        elif order.status in KEEPS:
            text = gettext("Order %(number)s is packed and goes to the old one: %(street)s, %(city)s.")
            facts = {"street": order.ship_to.get("line1", ""), "city": order.ship_to.get("city", "")}
            yield text % {"number": order.display_number, **facts}
