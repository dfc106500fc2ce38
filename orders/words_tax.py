"""The words for sales tax: what it is called, a cost that has some, and what a move to another state makes of it."""

from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext

from enrollment import states
from orders.models import Order
from orders.money import display_amount


def rate(percent: Decimal) -> str:
    """'7.25 %': never broken over two lines, and without zeros at its end."""
    return f"{number_format(f'{percent.normalize():f}')}\u00a0%"


def called(order: Order) -> str:
    """'Sales tax', or where there is some, 'Sales tax, OR 7.25 %'."""
    if not order.tax_rate:
        return gettext("Sales tax")
    facts = {"state": order.ship_to.get("state", "").upper(), "rate": rate(order.tax_rate)}
    return gettext("Sales tax, %(state)s %(rate)s") % facts


def cost(total_cents: int, tax_cents: int, currency: str) -> str:
    """What it comes to: '$24.99', or '$24.99 plus $1.81 tax'."""
    goods = display_amount(total_cents - tax_cents, currency)
    if not tax_cents:
        return goods
    return gettext("%(goods)s plus %(tax)s tax") % {"goods": goods, "tax": display_amount(tax_cents, currency)}


def moved(order: Order) -> str:
    """What sending it to another state made of what was quoted; empty where that changed nothing."""
    if not order.moved_tax_cents:
        return ""
    facts = {"state": state_name(order), "most": display_amount(order.most_cents, order.currency)}
    if not order.most_tax_cents:
        return gettext("You sent it to %(state)s, where no sales tax is added: it costs at most %(most)s.") % facts
    return gettext("You sent it to %(state)s: with the sales tax of that state it costs at most %(most)s.") % facts


def state_name(order: Order) -> str:
    """Oregon."""
    state = str(order.ship_to.get("state", "")).upper()
    return states.NAMES.get(state, state)
