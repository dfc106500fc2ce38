"""How a cell ended: as the card service's books, our rows, and the people concerned have it."""

from dataclasses import dataclass
from datetime import UTC, datetime

from billing.models import Charge
from billing.reconciliation import running
from orders.models import Order
from tests.standin.shop import Shop

CENTS = 2676
EVER, NEVER = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class End:
    """Cents that the card service took and gave back; what our charge and order say; how often people were told.

    `why` is the last line of the history of an order that waits.
    """

    taken: list[int]
    given_back: list[int]
    charge: str
    order: str
    shipped: int = 1
    refunded_told: int = 0
    why: str = ""


REFUSED = "Visa 9995 was not charged. The bank said there was not enough available."
ENDS = {
    "paid": End([CENTS], [], "paid", "shipped"),
    "held": End([], [], "declined", "payment_failed", shipped=0, why=REFUSED),
    "refunded": End([CENTS], [CENTS], "paid", "returned", refunded_told=1),
}


def end_of(order: Order, shop: Shop) -> End:
    order.refresh_from_db()
    events = list(order.events.order_by("pk"))
    return End(
        taken=[paid.amount_captured for paid in shop.paid()],
        given_back=[refund.amount for refund in shop.sdk.refunds.list({"limit": 100}).data],
        charge=Charge.objects.get(order=order).status,
        order=order.status,
        shipped=sum(event.status == Order.Status.SHIPPED and not event.note.startswith("Money") for event in events),
        refunded_told=sum(event.note == "Money was given back." for event in events),
        why=events[-1].note if order.status == Order.Status.PAYMENT_FAILED else "",
    )


def differences() -> list[str]:
    """Between their books and ours, over all time."""
    run = running.reconcile(EVER, NEVER, NEVER)
    assert not run.failure
    return [str(difference) for difference in run.differences.all()]


def standing_intents(shop: Shop) -> list[str]:
    """The intents of refused charges by which money could still be taken."""
    kept = Charge.objects.filter(status__in=["declined", "needs_authentication"]).values_list(
        "payment_intent_id", flat=True
    )
    found = [shop.sdk.payment_intents.retrieve(str(name)) for name in kept]
    return [intent.status for intent in found if intent.status != "canceled"]
