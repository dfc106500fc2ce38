"""What the admin's own pages lead to in ours."""

from django import template

from orders.aftercare import LEFT_US
from orders.lifecycle import NOT_PACKED
from orders.models import Order

register = template.Library()


@register.filter
def may_end(shown: object) -> bool:
    """Whether the page shows an order that may still be cancelled."""
    return isinstance(shown, Order) and shown.status in NOT_PACKED


@register.filter
def has_left(shown: object) -> bool:
    """Whether the page shows an order of which something may be replaced."""
    return isinstance(shown, Order) and shown.status in LEFT_US


@register.filter
def has_failed(shown: object) -> bool:
    """Whether the page shows an order that waits for a payment."""
    return isinstance(shown, Order) and shown.status == Order.Status.PAYMENT_FAILED
