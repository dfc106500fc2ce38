"""The receipt of an order, by mail: when its owner asks for it. What ships is told with the number of its receipt."""

from datetime import datetime

from billing import receipts
from billing.models import Refund
from notifications import mail_links, messages, outbox
from notifications.models import Message
from orders import returns
from orders.clock import Clock
from orders.models import Order


@outbox.in_our_language
def of(order: Order, now: datetime) -> Message:
    """Not saved."""
    clock = Clock(now, str(order.ship_to.get("state", "")))
    refunds = Refund.objects.filter(charge__order=order).exclude(status=Refund.Status.FAILED)
    charges = order.charges.select_related("card")
    context = {
        **messages.about(order),
        **messages.amounts(order),
        "receipt": receipts.of(charges, refunds.select_related("charge__card").order_by("created_at", "pk"), clock),
        "receipt_url": mail_links.receipt(order),
        "placed": clock.dated(order.placed_at),
        "seller": returns.address()[1:],
        "buyer": messages.one_line(order.user.full_name),
        "email": order.user.email,
    }
    return outbox.compose("receipt", context, now, to=order.user.email, user=order.user, order=order)
