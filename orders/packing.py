"""Our own pack station: what a warehouse packs next, and what becomes of the parcels this station packed."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from enrollment.models import Partner
from orders import unpaid
from orders.models import Dispatch, Order, OrderLine, Short
from printers.facts import Refused

STATION = "Pack station"
LONGEST_PLACE = 40
Status = Order.Status


def station() -> Partner:
    """The station as a partner: what it tells goes the way of every other warehouse."""
    return Partner.objects.get_or_create(name=STATION)[0]


def listed(now: datetime) -> QuerySet[Order]:
    """Orders a warehouse knows of, with all it reads of them: no test printer's, none whose time has not come."""
    lines = OrderLine.objects.select_related("sku").order_by("pk")
    not_yet = Q(status=Status.RELEASED, listed_at__gt=now)
    return Order.objects.filter(~not_yet, is_test=False).prefetch_related(Prefetch("lines", lines), "events")


def to_pack(now: datetime) -> QuerySet[Order]:
    """What to pack, the oldest first: not what staff hold, nor what no card pays for any more."""
    return _ready(now).exclude(unpaid.NO_CARD)


def without_card(now: datetime) -> QuerySet[Order]:
    """What would be packed if its card had not died since it was released; with a card again it is `to_pack`."""
    return _ready(now).filter(unpaid.NO_CARD)


def _ready(now: datetime) -> QuerySet[Order]:
    return listed(now).filter(status=Status.RELEASED, held_at=None).order_by("placed_at", "pk")


def here() -> QuerySet[Dispatch]:
    """Parcels this station packed that neither left nor were unpacked, the latest of each order."""
    later = Dispatch.objects.filter(order=OuterRef("order"), pk__gt=OuterRef("pk"))
    packed = Dispatch.objects.filter(partner__name=STATION, handed_over_at=None, put_back_at=None)
    return packed.filter(~Exists(later)).select_related("order").order_by("at", "pk")


def charging() -> QuerySet[Dispatch]:
    """Parcels whose card is being charged."""
    return here().filter(order__status=Status.PACKED)


def to_hand_over() -> QuerySet[Dispatch]:
    """Parcels that are paid, and may leave."""
    return here().filter(order__status=Status.SHIPPED)


def on_hold() -> QuerySet[Dispatch]:
    """Parcels whose card did not go through."""
    return here().filter(order__status=Status.PAYMENT_FAILED)


def to_put_back() -> QuerySet[Dispatch]:
    """Parcels whose order ended, or waits for stock again: what is in them goes back to the shelf."""
    return here().filter(order__status__in=[Status.CANCELLED, Status.BACKORDERED])


def parcel_of(order: Order) -> Dispatch | None:
    """The parcel of an order that is at this station."""
    return here().filter(order=order).first()


def attempts(order: Order) -> tuple[int, int]:
    """How often this station has packed an order, and how often it has not found all of it.

    The next try is called by this number: sent twice, it is one.
    """
    own = {"order": order, "partner__name": STATION}
    return Dispatch.objects.filter(**own).count(), Short.objects.filter(**own).count()


def hand_over(order: Order, now: datetime) -> bool:
    """A carrier has its parcel. False when it is not to leave, or has left."""
    return bool(to_hand_over().filter(order=order).update(handed_over_at=now))


def put_back(order: Order, now: datetime) -> bool:
    """What was in its parcel lies on the shelf again. False when it was not to be unpacked, or was before."""
    return bool(to_put_back().filter(order=order).update(put_back_at=now))


def shelve(order: Order, place: str) -> bool:
    """Keep where its parcel lies while it waits for a card. False when it does not. Refused `no_place` without one."""
    place = " ".join(place.split())[:LONGEST_PLACE]
    if not place or not place.isprintable():
        raise Refused("Say where the parcel lies.", "no_place")
    return bool(on_hold().filter(order=order).update(shelf=place))
