"""Sales tax: one rate a ship-to state, reckoned once an order on what its goods come to, promotions taken off.

Where it is frozen, and why it keeps the promise of the order mail, is in docs/decisions/0019-sales-tax.md.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from orders import delivery
from orders.models import Order, TaxRate

NONE = Decimal(0)
IN_A_PERCENT = 10_000  # a rate has four decimals


def due(goods_cents: int, percent: Decimal) -> int:
    """Cents of tax on so many cents, at `percent` in steps of 0.0001; to the nearest cent, halves up."""
    whole = 100 * IN_A_PERCENT
    return (2 * goods_cents * int(percent * IN_A_PERCENT) + whole) // (2 * whole)


def rates(now: datetime) -> dict[str, Decimal]:
    """State to its rate in percent on the day it is there at `now`; one without a rate is missing."""
    begun = TaxRate.objects.filter(valid_from__lte=now.astimezone(UTC).date())  # no state is ahead of UTC
    known = begun.order_by("valid_from").values_list("state", "percent", "valid_from")
    return {state: percent for state, percent, day in known if day <= delivery.local_date(now, state)}


def rate_for(order: Order, known: Mapping[str, Decimal], ship_to: Mapping[str, str]) -> Decimal:
    """The rate of an order sent to `ship_to`; none where nothing is sold."""
    sold = order.kind == Order.Kind.REFILL and not order.is_test
    return known.get(ship_to.get("state", "").upper(), NONE) if sold else NONE


def elsewhere(order: Order, ship_to: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """The amounts of a locked order that goes to `ship_to` instead; none change within a state.

    Prices stay as they are. What its owner's move adds to the tax that was quoted, or takes off it, is kept.
    """
    if ship_to.get("state") == order.ship_to.get("state"):
        return {}
    rate = rate_for(order, rates(now), ship_to)
    goods = order.total_cents - order.tax_cents
    tax = due(goods, rate)
    quoted_goods = order.quoted_total_cents - order.quoted_tax_cents
    return {
        "tax_rate": rate,
        "tax_cents": tax,
        "total_cents": goods + tax,
        "moved_tax_cents": due(quoted_goods, rate) - order.quoted_tax_cents,
    }


def drop(order: Order) -> None:
    """It is on us after all: nothing is sold, so no tax is owed."""
    if order.tax_cents:
        order.total_cents -= order.tax_cents
        order.tax_rate, order.tax_cents = NONE, 0
        order.save(update_fields=["total_cents", "tax_rate", "tax_cents"])
