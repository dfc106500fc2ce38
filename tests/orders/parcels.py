"""Orders that have left: shipped, delivered, told about."""

from datetime import datetime, timedelta

from orders import aftercare, lifecycle, replacements, returns
from orders.models import Complaint, Order, Return, ReturnReceipt
from tests.factories.printers import NOW
from tests.orders.world import World

PARCEL = {"carrier": "UPS", "tracking_number": "1Z999"}
DAY = timedelta(days=1)
LATE = NOW + 12 * DAY  # the window of what ships at NOW ends on Thu 3 Dec


def ship(world: World, order: Order, now: datetime = NOW) -> Order:
    """Packed and gone."""
    lifecycle.dispatch(order, world.partner, f"D-{order.pk}", PARCEL, now)
    assert lifecycle.ship(order.pk, now, "Stripe", "Charged.")
    order.refresh_from_db()
    return order


def shipped(world: World, code: str = "PGBK") -> Order:
    return ship(world, world.order(code))


def delivered(world: World, at: datetime = NOW + 3 * DAY) -> Order:
    order = shipped(world)
    assert lifecycle.deliver(order, at, at, "carrier")
    order.refresh_from_db()
    return order


def all_of(order: Order) -> dict[int, int]:
    """Every piece of an order."""
    return {line.pk: line.quantity for line in order.lines.all()}


def seen(order: Order) -> int:
    """What a page made now would have seen."""
    return aftercare.claimed(aftercare.pieces(order))


def complain(order: Order, kind: str = Complaint.Kind.DAMAGED, now: datetime = LATE) -> Complaint:
    return replacements.complain(order, kind, all_of(order), now, seen=seen(order))


def announce(order: Order, now: datetime = NOW + 4 * DAY) -> Return:
    return returns.announce(order, all_of(order), now, seen=seen(order))


def back(
    world: World,
    order: Order,
    return_id: str = "B-1",
    *,
    quantity: int = 1,
    accepted: bool = True,
    now: datetime = LATE,
) -> ReturnReceipt:
    """It is in the warehouse's hands again."""
    sent = [{"sku": order.lines.all()[0].sku.code, "quantity": quantity, "accepted": accepted}]
    return returns.receive(world.partner, order, return_id, sent, LATE)[0]
