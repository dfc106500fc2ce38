"""What keeps an order from being paid: no card that can, or a payment that failed; since when, and until when."""

from datetime import datetime, timedelta

from django.db.models import Q

from orders.models import Order

Status = Order.Status
SET_ASIDE = timedelta(days=14)  # how long ink waits for a payment (domain rules, section 4)

# Billing tells plans whether a card can pay (`payable_since`): it expired, was taken away, or ended an order unpaid.
NO_CARD = Q(total_cents__gt=0, is_test=False, plan__payable_since=None)


def lacks_card(order: Order) -> bool:
    """NO_CARD of an order that was read: nothing is packed that nobody can pay for."""
    return bool(order.total_cents) and not order.is_test and order.plan.payable_since is None


def is_packed(order: Order) -> bool:
    """Whether what waits for a payment is a packed parcel: not one that is to be packed, or packed again, first."""
    places = (Status.RELEASED, Status.BACKORDERED, Status.PACKED)
    been = [event.status for event in sorted(order.events.all(), key=lambda event: event.pk) if event.status in places]
    return order.priced_at is not None and been[-1:] in ([], [Status.PACKED])


def since(order: Order) -> datetime | None:
    """When its payment first failed, since the warehouse had it last; None when it has not."""
    first: datetime | None = None
    for event in sorted(order.events.all(), key=lambda event: event.pk):
        if event.status == Status.RELEASED:
            first = None
        elif event.status == Status.PAYMENT_FAILED and first is None:
            first = event.at
    return first
