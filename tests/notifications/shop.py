"""What happens to an order, from the outside: it ships, its card fails; and what the worker then reads."""

import re
from datetime import datetime

from billing import receipts
from billing.models import Card, Charge
from notifications import outbox
from notifications.models import Message
from orders import lifecycle
from orders.models import Dispatch, Order, OrderEvent
from tests.factories.orders import DispatchFactory
from tests.factories.printers import NOW
from tests.orders.world import World

PARCEL = {"carrier": "UPS", "tracking_number": "1Z999AA10123456784"}


def read_steps(now: datetime = NOW) -> list[Message]:
    """Read every step that is due, as the worker does; all mails there are then, oldest first."""
    due = OrderEvent.objects.filter(due_at__lte=now).order_by("pk")
    outbox.read_events(list(due.values_list("pk", flat=True)), now)
    return list(Message.objects.order_by("pk"))


def read_one(now: datetime = NOW) -> Message:
    """The last mail that reading made."""
    return read_steps(now)[-1]


def pack(world: World, order: Order, now: datetime = NOW, **body: object) -> Dispatch:
    return lifecycle.dispatch(order, world.partner, f"D-{order.number}", PARCEL | body, now)


def ship(world: World, order: Order, now: datetime = NOW, **body: object) -> None:
    """Packed, charged to Visa 4242, on its way."""
    charge(order, pack(world, order, now, **body), Charge.Status.PAID)
    assert lifecycle.ship(order.pk, now, "Stripe", "Charged.")


def decline(world: World, order: Order, code: str, now: datetime = NOW) -> None:
    """Packed, and Visa 4242 is declined for the reason of Stripe's `code`."""
    asked = code == "authentication_required"
    status = Charge.Status.NEEDS_AUTHENTICATION if asked else Charge.Status.DECLINED
    charge(order, pack(world, order, now), status, code)
    assert lifecycle.hold(order.pk, now, "Stripe", "Visa 4242 was not charged.")


def charge(order: Order, parcel: Dispatch, status: str, outcome: str = "") -> Charge:
    order.refresh_from_db()
    card, _ = Card.objects.get_or_create(
        stripe_id="pm_1",
        defaults={"user": order.user, "brand": "visa", "last4": "4242", "exp_month": 4, "exp_year": 2030},
    )
    return Charge.objects.create(
        order=order,
        dispatch=parcel,
        card=card,
        attempt=order.charges.count() + 1,
        status=status,
        amount_cents=order.total_cents,
        currency="usd",
        receipt_number=receipts.number(NOW) if status == Charge.Status.PAID else None,
        outcome=outcome,
        created_at=NOW,
        settled_at=NOW,
    )


def waive(world: World, order: Order, note: str) -> None:
    """Packed and sent without a charge, for the reason in `note`."""
    order.refresh_from_db()
    parcel = DispatchFactory.create(order=order, partner=world.partner)
    waived = charge(order, parcel, Charge.Status.WAIVED, "nothing_to_pay")
    Charge.objects.filter(pk=waived.pk).update(card=None)
    pack(world, order)
    assert lifecycle.ship(order.pk, NOW, "billing", note)


def without_signatures(text: str) -> str:
    """The text of a mail with `...` for what is signed in its links."""
    return re.sub(r"(/mail/\w+/)[^/\s]+/", r"\1.../", text)
