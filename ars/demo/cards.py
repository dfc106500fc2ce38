"""What the card service must know: a stand-in that was started again has forgotten every card, and is told anew."""

from datetime import datetime
from uuid import uuid4

from ars.demo.people import DECLINING_CARD, DOMAIN, GOOD_CARD
from billing import gateway
from billing.gateway import CardRefusedError, UnavailableError
from billing.models import Card, Charge, StripeCustomer

TEST_CARDS = {"0341": DECLINING_CARD}  # by its last four digits; every other card becomes a good one


def remind(now: datetime, *, everybody: bool) -> bool:
    """Save cards again that the service does not know: everybody's at our own stand-in, else the demo's people's.

    False when the service did not let us.
    """
    customers = StripeCustomer.objects.select_related("user")
    try:
        for customer in customers if everybody else customers.filter(user__email__endswith=DOMAIN):
            if everybody or not _is_known(customer):
                _save_again(customer, now)
    except (CardRefusedError, UnavailableError):
        return False
    return True


def _is_known(customer: StripeCustomer) -> bool:
    cards = Card.objects.filter(user=customer.user, removed_at=None)
    try:
        return bool([gateway.attach_card(card.stripe_id, customer.stripe_id) for card in cards])
    except CardRefusedError:
        return False


def _save_again(customer: StripeCustomer, now: datetime) -> None:
    """As the same customer and the same cards of ours. What was being charged is charged from the beginning."""
    user = customer.user
    stripe_id = gateway.create_customer(user.email, key=f"again-{uuid4()}")
    StripeCustomer.objects.filter(pk=customer.pk).update(stripe_id=stripe_id)
    for card in Card.objects.filter(user=user, removed_at=None):
        saved = gateway.attach_card(TEST_CARDS.get(card.last4, GOOD_CARD), stripe_id)
        Card.objects.filter(pk=card.pk).update(stripe_id=saved.payment_method_id)
    lost = Charge.objects.filter(card__user=user, status=Charge.Status.PENDING)
    lost.update(payment_intent_id=None, due_at=now)
