"""What Stripe tells of its own accord, and what each kind of event does here. Any order, any number of times, late.

Kinds that are not in `EFFECTS` are stored and change nothing: `charge.refunded` repeats what `refund.*` says,
`setup_intent.*` what its owner's browser brings us, or did not want to.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q

from billing import disputes, expiry, gateway, lifecycle
from billing.models import Card, Charge, PlanCard, Refund, StripeCustomer
from billing.refunds import lifecycle as refunds
from enrollment import lifecycle as plans
from orders.money import parse_number

Object = Mapping[str, Any]
Effect = Callable[[Object, datetime, datetime], object]


def _intent(intent: Object, said_at: datetime, now: datetime) -> None:
    charge_id = _charge_of(intent)
    if charge_id:
        lifecycle.settle(charge_id, gateway.read_intent(intent), now)


def _charge_of(intent: Object) -> int | None:
    """By the id we keep; an intent whose id we could not keep yet is found by what we wrote on it, and kept.

    None for intents that are not ours, or that are second to the one we keep.
    """
    known = Charge.objects.filter(payment_intent_id=intent["id"]).first()
    if known:
        return known.pk
    ours = intent.get("metadata") or {}
    pending = Charge.objects.filter(status=Charge.Status.PENDING, order__number=parse_number(str(ours.get("order"))))
    charge = pending.first()
    if charge is None or str(charge.attempt) != ours.get("attempt"):
        return None
    return charge.pk if lifecycle.keep_intent(charge.pk, intent["id"]) else None


def _refund(refund: Object, said_at: datetime, now: datetime) -> None:
    """One of ours by the name on it or its id; else somebody made it in the dashboard."""
    name = str((refund.get("metadata") or {}).get("refund", ""))
    named = Q(pk=int(name), charge__payment_intent_id=refund.get("payment_intent")) if name.isdecimal() else Q(pk=None)
    known = Refund.objects.filter(named | Q(stripe_id=refund["id"])).first()
    outcome = gateway.read_refund(refund)
    if known:
        refunds.settle(known.pk, outcome, now)
        return
    charge = Charge.objects.filter(payment_intent_id=refund.get("payment_intent") or "").first()
    if charge and outcome.kind == "made":
        refunds.keep_foreign(charge, refund["id"], refund["amount"], now)


def _card(method: Object, said_at: datetime, now: datetime) -> None:
    """The networks sent a card's new number or date; older news than what is known changes nothing."""
    card = method.get("card")
    if not card:
        return
    older = Q(heard_at=None) | Q(heard_at__lt=said_at)
    known = Card.objects.filter(older, stripe_id=method["id"]).select_for_update(no_key=True).first()
    if known is None:
        return
    had_expired = known.has_expired(expiry.today(now))
    for name in ("brand", "last4", "exp_month", "exp_year"):
        setattr(known, name, card[name])
    known.heard_at = said_at
    known.save(update_fields=["brand", "last4", "exp_month", "exp_year", "heard_at"])
    if had_expired and known.removed_at is None and not known.has_expired(expiry.today(now)):
        expiry.renewed(known, now)


def _card_gone(method: Object, said_at: datetime, now: datetime) -> None:
    _remove(Card.objects.filter(stripe_id=method["id"]).values_list("pk", flat=True), now)


def _customer_gone(customer: Object, said_at: datetime, now: datetime) -> None:
    """With a customer Stripe forgets their cards; the next card saved makes another customer."""
    known = StripeCustomer.objects.filter(stripe_id=customer["id"])
    _remove(Card.objects.filter(user__stripe_customer__in=known).values_list("pk", flat=True), now)
    known.delete()


def _remove(card_ids: Any, now: datetime) -> None:
    """Stripe keeps these cards no more: they pay for no plan until its owner names another."""
    gone = list(card_ids)
    Card.objects.filter(pk__in=gone, removed_at=None).update(removed_at=now)
    for plan_id in PlanCard.objects.filter(card__in=gone).order_by("plan").values_list("plan", flat=True):
        plans.set_payable(plan_id, None)


EFFECTS: dict[str, Effect] = {
    "payment_intent.succeeded": _intent,
    "payment_intent.payment_failed": _intent,
    "payment_intent.canceled": _intent,
    "payment_intent.requires_action": _intent,
    "refund.created": _refund,
    "refund.updated": _refund,
    "refund.failed": _refund,
    "charge.refund.updated": _refund,
    "charge.dispute.created": disputes.heard,
    "charge.dispute.updated": disputes.heard,
    "charge.dispute.closed": disputes.heard,
    "payment_method.automatically_updated": _card,
    "payment_method.updated": _card,
    "payment_method.detached": _card_gone,
    "customer.deleted": _customer_gone,
}
