"""What must not be: a charger that makes and confirms an intent in one call, under a fresh key each time it asks."""

import uuid
from datetime import datetime

import stripe
from django.utils import timezone

from billing import lifecycle
from billing.gateway import Outcome, intents, wire
from billing.models import Charge


def advance(charge_id: int, now: datetime) -> None:
    """As `charging.advance`, which the sweep calls."""
    charge = Charge.objects.select_related("order", "card__user__stripe_customer").get(pk=charge_id)
    if charge.status != Charge.Status.PENDING:
        return
    lifecycle.renew(charge_id, now)
    outcome = take(charge)
    if lifecycle.decides(charge, outcome):
        lifecycle.settle(charge_id, outcome, timezone.now())
    else:
        lifecycle.postpone(charge, outcome, timezone.now())


def take(charge: Charge) -> Outcome:
    """Money, if Stripe says so."""
    assert charge.card is not None
    try:
        made = wire.client().v1.payment_intents.create(
            {
                "amount": charge.amount_cents,
                "currency": charge.currency,
                "customer": charge.card.user.stripe_customer.stripe_id,
                "payment_method": charge.card.stripe_id,
                "metadata": {"order": charge.order.number, "attempt": str(charge.attempt)},
                "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
                "confirm": True,
                "off_session": True,
            },
            {"idempotency_key": str(uuid.uuid4())},
        )
    except stripe.StripeError as error:
        return intents.unknown(error)
    return intents.read_intent(made.to_dict())
