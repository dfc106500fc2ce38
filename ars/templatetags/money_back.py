"""What the back office's pages say of money that goes back: of which charges it may, and the mail about it."""

from typing import Any

from django import template
from django.utils import timezone

from ars.timeline.proof import preview
from billing.models import Charge
from billing.refunds import limits
from notifications import after_messages
from notifications.models import Message
from orders import notes
from orders.models import Order, OrderEvent

register = template.Library()


@register.simple_tag(takes_context=True)
def refundable(context: dict[str, Any]) -> list[Charge]:
    """The charges that took money for the order on the page, or the charge on it; none for who may give nothing."""
    shown, taken = context.get("original"), Charge.objects.took_money().order_by("attempt")
    if not limits.may_ask(context["request"].user):
        return []
    if isinstance(shown, Order):
        return list(taken.filter(order=shown))
    return list(taken.filter(pk=shown.pk)) if isinstance(shown, Charge) else []


@register.simple_tag
def refund_mail(charge: Charge, cents: int) -> Message:
    """The mail to the customer as it will go out when so much was given back; its links are theirs alone."""
    now = timezone.now()
    step = OrderEvent(order=charge.order, status=charge.order.status, at=now, note=notes.REFUNDED)
    return preview(after_messages.refund_to_come(charge, cents), step, now)
