"""What the pack station says of an order: one word that fills the screen, and one sentence below it."""

from dataclasses import dataclass

from ars.backoffice.pack import days_left
from orders import parcels, unpaid
from orders.clock import Clock
from orders.models import Dispatch, Order

Status = Order.Status
PACK, CHARGING, HAND_OVER, HOLD, STOP, GONE = "PACK", "Charging…", "HAND OVER", "HOLD", "STOP", "GONE"
LOOK_EVERY = 2  # seconds
BY = {"customer": "by the customer", "billing": "because no payment worked in time"}
BACK = "Put the goods back."
NO_CARD = "No card pays for it any more. Do not pack it: with another card it is on the list again by itself."


@dataclass(frozen=True)
class Screen:
    """The word, its tone, and the sentence. `confirms`: what scanning the order once more says was done."""

    word: str
    tone: str
    sentence: str
    confirms: str = ""

    @property
    def look_every(self) -> int:
        """After how many seconds the page looks again; 0 when nothing is waited for."""
        return LOOK_EVERY if self.word == CHARGING else 0


def of(order: Order, parcel: Dispatch | None, clock: Clock) -> Screen:
    """Where an order stands; `parcel` is the one of it that is at this station."""
    if order.status == Status.RELEASED:
        return _to_pack(order)
    if order.status == Status.PACKED:
        if parcel is None:
            return Screen(STOP, "stop", "Another warehouse has packed it.")
        return Screen(CHARGING, "move", "The card is being charged. Keep the parcel here until the word changes.")
    if order.status == Status.SHIPPED and parcel is not None:
        carrier = parcels.of(order)[0].carrier if order.carrier else "the carrier"
        return Screen(HAND_OVER, "ok", f"It is paid. Give it to {carrier}.", "The carrier has it")
    if order.status == Status.PAYMENT_FAILED and parcel is not None:
        return Screen(
            HOLD, "wait", f"The card did not go through. Set the parcel aside: {days_left(order, clock.now)}."
        )
    if order.status in (Status.CANCELLED, Status.BACKORDERED):
        confirms = "All of it is on the shelf" if parcel else ""
        return Screen(STOP, "stop", f"{ended(order, clock)} {BACK}", confirms)
    return _no_work(order, clock)


def _to_pack(order: Order) -> Screen:
    if order.held_at is not None:
        return Screen(STOP, "stop", f"A person looks at it before it is packed: {order.held_for} {BACK}")
    if unpaid.lacks_card(order):
        return Screen(HOLD, "wait", NO_CARD)
    return Screen(PACK, "move", "")


def _no_work(order: Order, clock: Clock) -> Screen:
    """There is nothing to do with it here."""
    if order.status == Status.PAYMENT_FAILED and unpaid.is_packed(order):
        return Screen(STOP, "stop", "Another warehouse has packed it.")
    if order.status == Status.PAYMENT_FAILED:
        return Screen(STOP, "stop", f"It waits for a card, and is not to be packed. {BACK}")
    if order.status == Status.PLACED:
        return Screen(STOP, "stop", "Its stock is being looked up. Scan it again in a minute.")
    if order.status == Status.SHIPPED and order.shipped_at:
        return Screen(GONE, "idle", f"It has left us: {clock.moment(order.shipped_at)}.")
    return Screen(GONE, "idle", f"{order.get_status_display()} on {clock.moment(order.updated_at)}.")


def ended(order: Order, clock: Clock) -> str:
    """'Cancelled by the customer at 9:05 am.'"""
    events = [event for event in order.events.all() if event.status == order.status]
    last = max(events, key=lambda event: (event.at, event.pk), default=None)
    if last is None:
        return f"{order.get_status_display()}."
    moment = clock.moment(last.at)
    when = f"at {moment.split(', ')[-1]}" if clock.date_of(last.at) == clock.today else f"on {moment}"
    if order.status == Status.BACKORDERED:
        return f"It waits for stock since {when.removeprefix('at ').removeprefix('on ')}."
    return f"Cancelled {BY.get(last.by, f'by {last.by}')} {when}."


def changed(order: Order, seen: int) -> str:
    """What to say to who read the order in an older revision; empty when it is as they saw it."""
    if seen == order.revision:
        return ""
    return "The order has changed since you began. Print a new label: it goes to the address below."
