"""Deleting an account, as one step: plans, orders and name at once; its cards are taken away at Stripe after that."""

from datetime import datetime, timedelta

from django.db import transaction

from billing import gateway
from billing.gateway import UnavailableError
from billing.models import Card
from enrollment import closing
from enrollment.models import User
from orders import farewell
from orders.models import Order
from printers import facts

LATER = timedelta(hours=1)


def delete_account(user: User, now: datetime) -> bool:
    """End all there is of an account; False if that was done before. Raises Refused for staff, and changes nothing."""
    with transaction.atomic():
        farewell.leave(user, now)
        if closing.close(user, now) is None:
            return False
        Card.objects.filter(user=user, removed_at=None).update(due_at=now)
        facts.nudge("card")
    return True


def take_away(card_id: int, now: datetime) -> bool:
    """Have Stripe forget a card; False while a packed parcel is still to be charged to it, or Stripe is away."""
    card = Card.objects.get(pk=card_id)
    if Order.objects.filter(user=card.user_id, status=Order.Status.PACKED).exists():
        return _later(card, now)
    try:
        gateway.detach_card(card.stripe_id)
    except UnavailableError:
        return _later(card, now)
    Card.objects.filter(pk=card_id).update(removed_at=now, due_at=None)
    return True


def _later(card: Card, now: datetime) -> bool:
    Card.objects.filter(pk=card.pk).update(due_at=now + LATER)
    return False
