"""Brings one refund forward at Stripe, no transaction open meanwhile.

A refund is made under one key. When its answer was lost, Stripe's own list of the payment's refunds is read first: the
one with our name on it is the one. So a lost answer, or two workers on one refund, ends in one refund.
"""

import logging
from datetime import datetime

from django.utils import timezone

from billing import gateway
from billing.gateway import RefundOutcome
from billing.models import Refund
from billing.refunds import lifecycle
from printers import tracing

log = logging.getLogger(__name__)


def advance(refund_id: int, now: datetime) -> None:
    """Ask Stripe for the outcome, and settle it or come back later."""
    refund = Refund.objects.select_related("charge__order").get(pk=refund_id)
    if refund.status != Refund.Status.PENDING or refund.due_at is None:
        return
    with tracing.under(refund.charge.order.trace):
        lifecycle.renew(refund_id, now)
        outcome = _ask(refund)
        if outcome.kind == "unknown":
            lifecycle.postpone(refund, outcome, timezone.now())
        else:
            lifecycle.settle(refund_id, outcome, timezone.now())
        log.info("order %s: refund %s: %s", refund.charge.order, refund_id, outcome.kind)


def _ask(refund: Refund) -> RefundOutcome:
    """What became of it the last time, if it was asked for before; else, or if that is nothing, ask for it."""
    payment_intent_id = str(refund.charge.payment_intent_id)
    if refund.tries:
        found = gateway.find_refund(payment_intent_id, str(refund.pk))
        if found is not None:
            return found
        lifecycle.renew(refund.pk, timezone.now())
    return gateway.make_refund(
        payment_intent_id,
        amount_cents=refund.amount_cents,
        name=str(refund.pk),
        key=f"refund-{refund.pk}" + (f"-{refund.spent_keys}" if refund.spent_keys else ""),
    )
