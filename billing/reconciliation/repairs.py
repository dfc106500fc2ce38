"""What may be done about a difference: proposed with it, applied by a person, once.

Only what Stripe says for certain is taken over. Where money is missing, or another amount was taken, nobody but a
person can know what is right, and no repair is proposed.
"""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from billing import gateway, lifecycle
from billing.gateway import UnavailableError
from billing.models import Charge, Difference
from billing.refunds import lifecycle as refunds
from printers.facts import Refused

Kind = Difference.Kind
PROPOSED = {
    Kind.PAYMENT_UNSETTLED: "Take over Stripe's answer: the order ships, or what it cannot use goes back.",
    Kind.REFUND_STATE: "Take over how the refund stands at Stripe.",
    Kind.REFUND_MISSING_HERE: "Keep the refund as one made in Stripe's dashboard.",
}


def apply(difference: Difference, now: datetime, by: str) -> bool:
    """Apply what is proposed; False if somebody did. Refused where nothing is, or Stripe does not say it any more."""
    if difference.kind not in PROPOSED:
        raise Refused("Nothing can be repaired here by itself: compare both sides by hand.", "no_repair")
    heard = ASKED[Kind(difference.kind)](difference)
    with transaction.atomic():
        locked = Difference.objects.select_for_update().get(pk=difference.pk)
        if locked.applied_at is not None:
            return False
        heard(now)
        Difference.objects.filter(pk=locked.pk).update(applied_at=now, applied_by=by[:80])
    return True


Heard = Callable[[datetime], object]


def _payment(difference: Difference) -> Heard:
    """Stripe is asked again before the transaction: what it says now counts."""
    charge = difference.charge
    assert charge is not None, "this kind of difference has a charge"
    outcome = gateway.retrieve_intent(str(charge.payment_intent_id))
    if outcome.kind != "paid":
        raise Refused("Stripe does not say any more that this was paid. Compare once more.", "not_paid_there")
    return lambda now: lifecycle.settle(charge.pk, outcome, now)


def _state(difference: Difference) -> Heard:
    refund = difference.refund
    assert refund is not None, "this kind of difference has a refund"
    found = _at_stripe(difference.stripe_id)
    if found.outcome.kind == "made":
        return lambda now: refunds.made_after_all(refund.pk, found.refund_id, now)
    return lambda now: refunds.settle(refund.pk, found.outcome, now)


def _missing(difference: Difference) -> Heard:
    found = _at_stripe(difference.stripe_id)
    charge = Charge.objects.filter(payment_intent_id=found.payment_intent_id).first()
    if charge is None or not found.payment_intent_id:
        raise Refused("This refund is of a payment that is not ours.", "not_our_payment")
    return lambda now: refunds.keep_foreign(charge, found.refund_id, found.amount_cents, now)


def _at_stripe(refund_id: str) -> gateway.GivenBack:
    try:
        return gateway.refund(refund_id)
    except UnavailableError as error:
        raise Refused(
            "Stripe cannot be asked about this refund now. Try again in some minutes.", "no_answer"
        ) from error


ASKED: dict[Kind, Callable[[Difference], Heard]] = {
    Kind.PAYMENT_UNSETTLED: _payment,
    Kind.REFUND_STATE: _state,
    Kind.REFUND_MISSING_HERE: _missing,
}
