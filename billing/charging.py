"""Brings one charge forward at Stripe, no transaction open meanwhile: create, keep the id, confirm that id, settle.

A charge takes money through the PaymentIntent whose id its row keeps, and through no other. Whoever finds an id there
(after a crash, a lost answer, a lease that ran out) asks Stripe about it first. So killing the worker anywhere, or two
workers on one charge, ends in one payment at most; an intent made twice because an answer was lost is never confirmed.
"""

from datetime import datetime

from django.utils import timezone

from billing import confirming, gateway, intents, lifecycle
from billing.gateway import Outcome
from billing.models import Charge
from printers import tracing


def advance(charge_id: int, now: datetime) -> None:
    """Ask Stripe for what is missing to an outcome, and settle it or come back later.

    `now` is when it starts. A call may last a minute, so what is written after one reads the clock again.
    """
    charge = Charge.objects.select_related("order", "card__user__stripe_customer").get(pk=charge_id)
    if charge.due_at is not None:
        with tracing.under(charge.order.trace):
            _advance(charge, now)


def _advance(charge: Charge, now: datetime) -> None:
    lifecycle.renew(charge.pk, now)
    if charge.status != Charge.Status.PENDING:
        _call_off(charge)
        return
    if charge.on_session:
        confirming.advance(charge, now)
        return
    outcome = _ask(charge)
    if lifecycle.decides(charge, outcome):
        lifecycle.settle(charge.pk, outcome, timezone.now())
    else:
        lifecycle.postpone(charge, outcome, timezone.now())


def _call_off(charge: Charge) -> None:
    """Take back the intent of a refused charge: no late yes may come for an order that is paid otherwise, or over."""
    outcome = gateway.cancel_intent(str(charge.payment_intent_id), intents.key(charge, "cancel"))
    if outcome.kind == "paid":
        lifecycle.settle(charge.pk, outcome, timezone.now())
    if outcome.kind == "paid" or outcome.canceled:
        lifecycle.called_off(charge.pk)
    else:
        lifecycle.postpone(charge, outcome, timezone.now())


def _ask(charge: Charge) -> Outcome:
    found = gateway.retrieve_intent(charge.payment_intent_id) if charge.payment_intent_id else _create(charge)
    if found.kind != "unconfirmed" or found.payment_intent_id is None:
        return found
    lifecycle.renew(charge.pk, timezone.now())
    return gateway.confirm_intent(found.payment_intent_id, intents.key(charge, "confirm"))


def _create(charge: Charge) -> Outcome:
    made = intents.make(charge)
    if made.payment_intent_id is None or lifecycle.keep_intent(charge.pk, made.payment_intent_id):
        return made
    lifecycle.renew(charge.pk, timezone.now())
    kept = Charge.objects.values_list("payment_intent_id", flat=True).get(pk=charge.pk)
    return gateway.retrieve_intent(str(kept))
