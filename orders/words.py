"""The words for orders and decisions, in one place: pages, mails, receipts and the back office all read them here."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext, gettext_noop

from orders import delivery, unpaid, words_waiting
from orders.clock import Clock
from orders.models import Order, Replenishment
from printers.models import LowSignal

Status = Order.Status
Kind = Replenishment.Kind

STEPS = (gettext_noop("Ordered"), gettext_noop("Packed"), gettext_noop("On its way"), gettext_noop("Delivered"))
BANK_IS_SLOW = timedelta(hours=1)
ANSWER_AT_ONCE = timedelta(seconds=20)  # how long a page waits for the bank's answer to a card tried by hand
CARRIER_IS_SLOW = timedelta(hours=24)


@dataclass(frozen=True)
class State:
    """What an order's state is called, how far it is (step 1 to 4; 0 is off the way), its tone and its icon."""

    words: str
    step: int
    tone: str
    icon: str

    @property
    def label(self) -> str:
        return gettext(self.words)


BEING_CHECKED = "being_checked"
WAITING_FOR_CARD = "waiting_for_card"
HAS_IT_COME = "has_it_come"
LOST = "lost"
STATES = {
    Status.PLACED: State(gettext_noop("Ordered"), 1, "move", "clock"),
    Status.BACKORDERED: State(gettext_noop("Waiting for stock"), 1, "wait", "clock"),
    WAITING_FOR_CARD: State(gettext_noop("Waiting for a card"), 1, "stop", "card"),
    BEING_CHECKED: State(gettext_noop("Being checked"), 1, "wait", "eye"),
    Status.RELEASED: State(gettext_noop("Getting ready"), 1, "move", "box"),
    Status.PACKED: State(gettext_noop("Packed"), 2, "move", "box"),
    Status.PAYMENT_FAILED: State(gettext_noop("Card problem"), 2, "stop", "card"),
    Status.SHIPPED: State(gettext_noop("On its way"), 3, "move", "truck"),
    HAS_IT_COME: State(gettext_noop("Has it come?"), 3, "wait", "question"),
    LOST: State(gettext_noop("Did not come"), 3, "idle", "question"),
    Status.DELIVERED: State(gettext_noop("Delivered"), 4, "ok", "check"),
    Status.RETURNED: State(gettext_noop("Returned"), 4, "idle", "return"),
    Status.CANCELLED: State(gettext_noop("Cancelled"), 0, "idle", "cross"),
}


def window(order: Order, clock: Clock) -> tuple[date, date] | None:
    """First and last day it should arrive: from the day it shipped, or as if it left today. None if unknown."""
    if order.shipped_at is not None:
        return delivery.delivery_window(clock.date_of(order.shipped_at))
    if order.status in (Status.RELEASED, Status.PACKED):
        return delivery.delivery_window(clock.date_of(max(clock.now, order.listed_at)))
    return None


def state_name(order: Order, clock: Clock) -> str:
    """The row of `STATES` an order stands in: its status, or what time and cards have made of it."""
    if order.status == Status.PAYMENT_FAILED and order.priced_at is None:
        return WAITING_FOR_CARD
    if order.status == Status.RELEASED and order.held_at is not None:
        return BEING_CHECKED
    if order.status == Status.SHIPPED and order.lost_at is not None:
        return LOST
    days = window(order, clock)
    if order.status == Status.SHIPPED and days is not None and clock.today > days[1]:
        return HAS_IT_COME
    return order.status


def state(order: Order, clock: Clock) -> State:
    """Label, step, tone and icon of an order now."""
    return STATES[state_name(order, clock)]


def headline(order: Order, clock: Clock) -> str:
    """The order's heading: the date first, the state's label when there is no date."""
    name = state_name(order, clock)
    days = window(order, clock)
    if order.delivered_at is not None and name == Status.DELIVERED:
        return gettext("Delivered %(day)s") % {"day": clock.day(order.delivered_at)}
    if name == Status.BACKORDERED and (day := words_waiting.expected(order)):
        return gettext("Expected by %(day)s") % {"day": clock.day(day)}
    if days is not None and name == Status.SHIPPED:
        return gettext("Arrives %(days)s") % {"days": clock.days(days)}
    if days is not None and name in (Status.RELEASED, Status.PACKED):
        return gettext("Arrives about %(days)s") % {"days": clock.days(days)}
    return STATES[name].label


def set_aside_until(failed_at: datetime, clock: Clock) -> str:
    """The day up to which a packed order waits for a card, counted from the first decline."""
    return clock.day(failed_at + unpaid.SET_ASIDE)


def sentence(order: Order, clock: Clock, *, card: str = "", failed_at: datetime | None = None) -> str:
    """What the state means for the customer. `card` as in 'Visa 4242'; `failed_at` is the first decline."""
    name = state_name(order, clock)
    facts = {"card": card or gettext("your card"), "carrier": order.carrier or gettext("the carrier")}
    if name == Status.BACKORDERED:
        return words_waiting.sentence(order, clock)
    if order.total_cents == 0 and name in FREE:
        return gettext(FREE[Status(name)])
    if name == Status.PACKED and clock.now - order.updated_at >= BANK_IS_SLOW:
        return gettext("Your bank is taking longer than usual. You need not do anything.")
    if name == Status.SHIPPED and order.shipped_at and clock.now - order.shipped_at < CARRIER_IS_SLOW:
        return gettext("With %(carrier)s. The carrier may not show it until tomorrow.") % facts
    if name == Status.RELEASED and order.listed_at > clock.now:
        return gettext("We start packing it on %(moment)s.") % {"moment": clock.moment(order.listed_at)}
    return gettext(SENTENCES[name]) % (facts | {"day": _day(name, order, clock, failed_at)})


def _day(name: str, order: Order, clock: Clock, failed_at: datetime | None) -> str:
    """The day that a state's sentence names."""
    if name == Status.PAYMENT_FAILED:
        return set_aside_until(failed_at or order.updated_at, clock)
    if name == HAS_IT_COME and (days := window(order, clock)):
        return clock.day(days[1])
    return clock.day(order.updated_at)


SENTENCES = {
    Status.PLACED: gettext_noop("We are checking stock."),
    WAITING_FOR_CARD: gettext_noop(
        "There is no card we can charge for this printer. Your ink is set aside; we pack it as soon as there is one."
    ),
    BEING_CHECKED: gettext_noop("A person checks it before it is packed. You need not do anything."),
    Status.RELEASED: gettext_noop("It is in stock and on the warehouse's list. We charge %(card)s when it ships."),
    Status.PACKED: gettext_noop("Packed. We are charging %(card)s."),
    Status.PAYMENT_FAILED: gettext_noop("Your ink is set aside until %(day)s. Nothing was charged."),
    Status.SHIPPED: gettext_noop("With %(carrier)s."),
    HAS_IT_COME: gettext_noop("It should have arrived by %(day)s."),
    LOST: gettext_noop("You told us that it did not come."),
    Status.DELIVERED: gettext_noop("Put it in when the printer asks for it."),
    Status.RETURNED: gettext_noop("It came back to us."),
    Status.CANCELLED: gettext_noop("Cancelled on %(day)s. Nothing was charged."),
}

# The same where there is nothing to pay.
FREE = {
    Status.RELEASED: gettext_noop("It is in stock and on the warehouse's list. It costs you nothing."),
    Status.PACKED: gettext_noop("Packed. It costs you nothing."),
}

# A step of an order, as its history tells it.
STEP_TAKEN = {
    Status.PLACED: gettext_noop("Ordered."),
    Status.BACKORDERED: gettext_noop("Out of stock. It ships as soon as it is here; nothing is charged before."),
    Status.RELEASED: gettext_noop("In stock, and on the warehouse's list."),
    Status.PACKED: gettext_noop("Packed."),
    Status.PAYMENT_FAILED: gettext_noop("The card could not be charged."),
    Status.SHIPPED: gettext_noop("Left the warehouse."),
    Status.DELIVERED: gettext_noop("Delivered."),
    Status.RETURNED: gettext_noop("Returned to us."),
    Status.CANCELLED: gettext_noop("Cancelled."),
}


def step_taken(status: str) -> str:
    """One line of an order's history."""
    return gettext(STEP_TAKEN[Status(status)])


def percent(level: int) -> str:
    """9 %, never broken over two lines."""
    return f"{level}\u00a0%"


def seen(signal: LowSignal) -> str:
    """What the printer showed when it was low: 'Black was at 9 %, below this printer's mark of 15 %.'"""
    if signal.level is None:
        return gettext("The printer said that %(supply)s was low.") % {"supply": signal.slot.name}
    facts = {"supply": signal.slot.name, "level": percent(signal.level), "mark": percent(signal.threshold)}
    if signal.level > signal.threshold:
        return gettext("The printer said that %(supply)s was low, at %(level)s.") % facts
    if signal.level == signal.threshold:
        return gettext("%(supply)s was at %(level)s, this printer's mark.") % facts
    return gettext("%(supply)s was at %(level)s, below this printer's mark of %(mark)s.") % facts


# What was decided about a low supply, and why. Never shown: a supply that was not low, a report that came too late.
DECISIONS = {
    Kind.UNDECIDED: gettext_noop("%(supply)s is low. We are looking at it."),
    Kind.ORDERED: gettext_noop("%(seen)s We ordered one on %(day)s."),
    Kind.PAUSED: gettext_noop("%(supply)s is low. The plan is paused, so nothing was ordered."),
    Kind.SKIPPED: gettext_noop("%(supply)s is low. You asked us to skip one, and we did. We order the next time."),
    Kind.SPARE_ON_HAND: gettext_noop("%(supply)s is low. You have a spare, so nothing was ordered."),
    Kind.ASKING: gettext_noop("%(supply)s is low. You asked us to ask first, so we wait for your yes."),
    Kind.TO_CONFIRM: gettext_noop("%(supply)s is low. A person is checking that we send the right cartridge."),
    Kind.NO_CARD: gettext_noop("%(supply)s is low. No card could be charged for it. Name a card, and we order it."),
    Kind.OUT_OF_STOCK: gettext_noop("%(supply)s is low and out of stock. We order it as soon as there is some."),
    Kind.NOT_GENUINE: gettext_noop(
        "%(supply)s is low, and the printer does not recognise the cartridge. You may use any ink you like; we only "
        "reorder by ourselves what the printer recognises."
    ),
    Kind.UNKNOWN_SUPPLY: gettext_noop(
        "%(supply)s is low, and we cannot order it yet: a person is finding out which cartridge fits and what it costs."
    ),
    Kind.LEVEL_UNKNOWN: gettext_noop(
        "We cannot tell yet how much %(supply)s is left. We order when your printer says that it is low."
    ),
    Kind.NOT_CONSUMABLE: gettext_noop(
        "%(supply)s is not part of the plan; your printer's manual tells how to change it."
    ),
    Kind.NOT_ENROLLED: gettext_noop("%(supply)s is low, but the plan is not active."),
}


def decision(kind: str, signal: LowSignal, at: datetime, clock: Clock) -> str:
    """What was decided about a low supply at `at`, in one or two sentences for the customer."""
    facts = {"supply": signal.slot.name, "seen": seen(signal), "day": clock.day(at)}
    return gettext(DECISIONS[Kind(kind)]) % facts


def order_ended(signal: LowSignal) -> str:
    """What follows from a decision to order whose order the customer has cancelled."""
    text = gettext("%(supply)s is low. Its order was cancelled or sent back, so we are waiting for your word.")
    return text % {"supply": signal.slot.name}


# Until when an order may still be cancelled, and what is said when it is too late.
PACKED_MEANWHILE = gettext_noop(
    "While you were reading, order %(number)s was packed. It will come and be charged; you can send it back. "
    "Everything else is cancelled."
)
CANCELLED_NOW = gettext_noop("Order %(number)s is cancelled. Nothing was charged.")


def cancel_until(order: Order, clock: Clock) -> str:
    """How long its owner may cancel an order; empty when they cannot."""
    if order.status == Status.RELEASED and order.listed_at > clock.now:
        text = gettext("You can cancel it until we pack it, on %(moment)s at the earliest.")
        return text % {"moment": clock.moment(order.listed_at)}
    return gettext(CANCEL_UNTIL[Status(order.status)]) if order.status in CANCEL_UNTIL else ""


CANCEL_UNTIL = {
    Status.PLACED: gettext_noop("You can cancel it until it is packed."),
    Status.BACKORDERED: gettext_noop("You can cancel it at any time before it is in stock and packed."),
    Status.RELEASED: gettext_noop("You can cancel it until it is packed, which may be any minute on a working day."),
    Status.PAYMENT_FAILED: gettext_noop("You can cancel it until the card is charged."),
}


def too_late(packed_at: datetime | None, clock: Clock) -> str:
    """Why an order cannot be stopped, and what to do instead."""
    if packed_at is None:
        return gettext("This order is over, so there is nothing to cancel.")
    text = gettext(
        "This parcel was packed on %(moment)s, so it cannot be stopped. You can send it back when it comes: its page "
        "tells you how."
    )
    return text % {"moment": clock.moment(packed_at)}


def is_shown(kind: str) -> bool:
    """Whether customers see such a decision at all."""
    return Kind(kind) in DECISIONS


# Supplies and printers

LOW = State(gettext_noop("Low"), 0, "wait", "alert")
ON_ORDER = State(gettext_noop("On order"), 0, "move", "box")
NOT_RECOGNISED = State(gettext_noop("Not recognised"), 0, "idle", "question")
ALL_WELL = State(gettext_noop("All well"), 0, "ok", "check")
PRINTER_OFF = State(gettext_noop("Printer off or asleep"), 0, "idle", "printer")
HELPER_STOPPED = State(gettext_noop("Helper not running"), 0, "idle", "clock")
NEVER_HEARD = State(gettext_noop("Never heard since pairing"), 0, "wait", "alert")
NOT_CONNECTED = State(gettext_noop("Not connected"), 0, "wait", "alert")
NO_READING = State(gettext_noop("Waiting for the first reading"), 0, "idle", "clock")
PAUSED = State(gettext_noop("Paused"), 0, "idle", "pause")
UNFINISHED = State(gettext_noop("Set-up not finished"), 0, "wait", "clock")
ENDED = State(gettext_noop("Ended"), 0, "idle", "cross")

LEVEL_STEPS = {3: gettext_noop("Full"), 2: gettext_noop("Low"), 1: gettext_noop("Almost empty")}
LEVEL = gettext_noop("%(level)s left. We order at %(mark)s.")
LEVEL_SAID_LOW = gettext_noop("%(level)s left, and the printer says that it is low.")
LEVEL_IN_STEPS = gettext_noop("%(level)s. This printer reports three steps.")
LEVEL_LOW_UNKNOWN = gettext_noop("Low, says the printer. It does not say how much is left.")
LEVEL_LAST = gettext_noop("%(last)s when last measured; the printer cannot say how much now.")
LEVEL_SOME = gettext_noop("Some left; the printer cannot say how much.")
NOT_IN_PLAN = gettext_noop("Not part of the plan; your printer's manual tells how to change it.")
LEVEL_OLD = gettext_noop("%(level)s on %(day)s; no reading since.")
