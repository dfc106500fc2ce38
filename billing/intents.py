"""The PaymentIntent of a charge as Stripe is asked for it, and the keys under which a charge asks for anything."""

from billing import gateway
from billing.gateway import Outcome
from billing.models import Charge


def make(charge: Charge, *, for_page: bool = False) -> Outcome:
    """An intent that takes nothing yet; asked again under the same key, it is the same one."""
    assert charge.card is not None, "a charge without a card is settled when it begins"
    return gateway.create_intent(
        amount_cents=charge.amount_cents,
        currency=charge.currency,
        customer_id=charge.card.user.stripe_customer.stripe_id,
        payment_method_id=charge.card.stripe_id,
        metadata=metadata(charge),
        statement=f"N{charge.order.number}",  # a letter must be in it; whoever types it finds the order, letter and all
        key=key(charge, "create"),
        for_page=for_page,
    )


def metadata(charge: Charge) -> dict[str, str]:
    """What Stripe shows beside an intent: whose it is, and the id under which all that led to it is logged."""
    traced = {"trace": charge.order.trace} if charge.order.trace else {}
    return {"order": charge.order.number, "attempt": str(charge.attempt), **traced}


def key(charge: Charge, step: str) -> str:
    """The same for every repeat, so that Stripe executes it once; another only after an error kept under the last."""
    return f"charge-{charge.pk}-{step}" + (f"-{charge.spent_keys}" if charge.spent_keys else "")
