"""Packed parcels with a card to pay for them, and what became of them."""

import time
from datetime import timedelta
from typing import Any

from stripe import WebhookSignature

from billing import cards, charging, lifecycle
from billing.gateway import Outcome
from billing.models import Card, Charge, PlanCard, StripeCustomer
from enrollment.models import User
from orders.models import Dispatch, Order
from tests.factories import (
    NOW,
    DispatchFactory,
    OrderFactory,
    OrderLineFactory,
    ReservationFactory,
    StockItemFactory,
)
from tests.standin.shop import Shop

SECRET = "whsec_local"
LATER = NOW + timedelta(minutes=10)


def packed(total_cents: int = 2676, **order: Any) -> Dispatch:
    """A parcel the warehouse has just packed: its one piece is promised, its charge not begun."""
    parcel = OrderFactory.create(status=Order.Status.PACKED, priced_at=NOW, quoted_total_cents=total_cents, **order)
    line = OrderLineFactory.create(order=parcel)
    StockItemFactory.create(sku=line.sku, on_hand=5)
    ReservationFactory.create(line=line)
    return DispatchFactory.create(order=parcel)


def known_card(dispatch: Dispatch) -> Card:
    """A card in our rows alone, for rules that never ask Stripe."""
    user = dispatch.order.user
    StripeCustomer.objects.create(user=user, stripe_id=f"cus_{user.pk}")
    card = Card.objects.create(
        user=user, stripe_id=f"pm_{user.pk}", brand="visa", last4="4242", exp_month=12, exp_year=2030
    )
    PlanCard.objects.create(plan=dispatch.order.plan, card=card)
    return card


def entered(user: User, shop: Shop, card: str = "pm_card_visa") -> str:
    """The name of what the card service saved when the user typed a card: all that their browser sends us."""
    name = cards.begin_setup(user).partition("_secret_")[0]
    return shop.sdk.setup_intents.confirm(name, {"payment_method": card}).id


def refused(outcome: str = "insufficient_funds", advice: str = "try_again_later", **order: Any) -> Charge:
    """The first attempt of an order that waits since: its card, known in our rows alone, was declined."""
    dispatch = packed(**order)
    known_card(dispatch)
    charge = lifecycle.begin(dispatch.pk, NOW)
    assert charge is not None
    lifecycle.settle(charge.pk, Outcome("declined", "pi_1", code=outcome, advice=advice), NOW)
    charge.refresh_from_db()
    return charge


ASKING = "pm_card_authenticationRequiredOnSetup"  # its bank asks the customer, who is not there when it is charged


def asked_for(card: str = ASKING, **order: Any) -> Charge:
    """The first attempt of an order that waits since: the bank wants the customer to confirm it."""
    charge = begun(card, **order)
    advance_until_settled(charge)
    assert charge.status == Charge.Status.NEEDS_AUTHENTICATION
    return charge


def asked_in_our_rows() -> Charge:
    """The same with a card known in our rows alone, for rules that never ask Stripe."""
    dispatch = packed()
    known_card(dispatch)
    charge = lifecycle.begin(dispatch.pk, NOW)
    assert charge is not None
    lifecycle.settle(charge.pk, Outcome("needs_authentication", "pi_1", code="authentication_required"), NOW)
    charge.refresh_from_db()
    return charge


def another_card(user: User, last4: str = "1881") -> Card:
    """One more of a user's cards, in our rows alone."""
    shown = {"brand": "visa", "exp_month": 12, "exp_year": 2030}
    return Card.objects.create(user=user, stripe_id=f"pm_{user.pk}_{last4}", last4=last4, **shown)


def begun(card: str = "pm_card_visa", **order: Any) -> Charge:
    """A charge that has begun, on a card saved at Stripe; nobody asked Stripe to charge it yet."""
    dispatch = packed(**order)
    saved = cards.save_card(dispatch.order.user, card)
    PlanCard.objects.create(plan=dispatch.order.plan, card=saved)
    charge = lifecycle.begin(dispatch.pk, NOW)
    assert charge is not None
    return charge


def begun_again(charge: Charge) -> Charge:
    """The next attempt of an order whose card was refused: packed again, under another dispatch."""
    Order.objects.filter(pk=charge.order_id).update(status=Order.Status.PACKED)
    again = lifecycle.begin(DispatchFactory.create(order=charge.order).pk, LATER)
    assert again is not None
    return again


def intent_of(shop: Shop, charge: Charge) -> dict[str, Any]:
    """The charge's PaymentIntent as Stripe has it now."""
    charge.refresh_from_db()
    return shop.sdk.payment_intents.retrieve(str(charge.payment_intent_id)).to_dict()


def event_of(intent: dict[str, Any], kind: str = "payment_intent.succeeded", name: str = "evt_1") -> dict[str, Any]:
    return {"id": name, "object": "event", "type": kind, "data": {"object": intent}}


def signature(body: str, secret: str = SECRET, age: float = 0) -> str:
    return str(WebhookSignature.generate_signature_header(body, secret, timestamp=int(time.time() - age)))


def end_of(charge: Charge) -> tuple[str, str, int]:
    """The charge's status, its order's, and how often that order shipped."""
    charge.refresh_from_db()
    order = Order.objects.get(pk=charge.order_id)
    return charge.status, order.status, order.events.filter(status=Order.Status.SHIPPED).count()


def note_of(charge: Charge) -> str:
    """The latest line of the order's history."""
    event = Order.objects.get(pk=charge.order_id).events.last()
    return event.note if event else ""


def advance_until_settled(charge: Charge, rounds: int = 8) -> None:
    """As the sweep does, without its waits."""
    for _ in range(rounds):
        charging.advance(charge.pk, NOW)
        charge.refresh_from_db()
        if charge.status != Charge.Status.PENDING:
            return


SHIPPED_ONCE = ("paid", "shipped", 1)
