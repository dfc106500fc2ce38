"""The words for orders that are out of stock: until when, and what is asked."""

from datetime import date

from django.utils.translation import gettext

from orders.clock import Clock
from orders.models import Order


def expected(order: Order) -> date | None:
    """When an order that is out of stock should be in stock, as its owner was told; None when no date is known."""
    wait = getattr(order, "wait", None)
    return wait.expected_on if wait else None


def sentence(order: Order, clock: Clock) -> str:
    """That it waits, until when, and that it costs nothing yet."""
    if day := expected(order):
        facts = {"day": clock.day(day)}
        said = gettext("We are out of it and expect it by %(day)s. It ships as soon as it is here.") % facts
    else:
        said = gettext("We are out of it and have no date yet. It ships as soon as it is here.")
    free = order.kind == Order.Kind.REPLACEMENT
    return said if free else f"{said} {gettext('You have not been charged.')}"


def answer_needed(order: Order, clock: Clock) -> str:
    """By when its owner is to say whether an order that is out of stock is kept; empty when they need not."""
    wait = getattr(order, "wait", None)
    if order.status != Order.Status.BACKORDERED or wait is None or wait.answer_by is None:
        return ""
    text = gettext(
        "Will you keep waiting? Tell us by %(day)s. Without a word from you we cancel it then, you pay nothing, and we "
        "order it again when it is in stock."
    )
    return text % {"day": clock.day(wait.answer_by)}
