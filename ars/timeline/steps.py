"""Of an order: its steps, its price, what its owner answered; and for staff, the warehouse's word and the shelf."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, gettext_noop

from ars.timeline.entry import Entry, Kind, Place, detailed
from orders import lifecycle, notes, parcels, words, words_after, words_tax
from orders.clock import Clock
from orders.models import Dispatch, Order, OrderEvent, OrderLine, Question, Reservation, StockMovement
from orders.money import display_amount

Status = Order.Status
SEES = "orders.view_order"
KINDS: dict[str, tuple[Kind, Place]] = {
    Status.PLACED: (Kind.ORDER, Place.PLACED),
    Status.BACKORDERED: (Kind.STOCK, Place.STOCKED),
    Status.RELEASED: (Kind.STOCK, Place.STOCKED),
    Status.PACKED: (Kind.PARCEL, Place.STOCKED),
    Status.PAYMENT_FAILED: (Kind.CHARGE, Place.CHARGED),
    Status.SHIPPED: (Kind.PARCEL, Place.MOVED),
    Status.DELIVERED: (Kind.PARCEL, Place.MOVED),
    Status.RETURNED: (Kind.PARCEL, Place.MOVED),
    Status.CANCELLED: (Kind.ORDER, Place.MOVED),
}
QUOTED = gettext_noop("We wrote %(amount)s.")
AT_MOST = gettext_noop("You never pay more than that.")
OF_QUOTE = ("quoted_total_cents", "quoted_tax_cents", "moved_tax_cents")
OF_PRICE = ("quoted_total_cents", "total_cents", "discount_cents", "tax_rate", "tax_cents")
FREE = gettext_noop("It is free of charge.")
MOVED = gettext_noop("You changed where it goes.")


def of(order: Order, events: Sequence[OrderEvent], clock: Clock, *, refused: bool, linked: bool) -> Iterator[Entry]:
    """Its steps and its price. `refused`: what the bank said stands for the step it caused; `linked`: to its page."""
    before = ""
    for event in events:
        step = _step(order, event, clock, changed=event.status != before, refused=refused)
        yield _linked(step, order) if linked and event.status == Status.PLACED else step
        before = event.status
    yield _quoted(order, clock)
    if order.priced_at is not None:
        yield _priced(order, clock)


def answers(questions: Iterable[Question], clock: Clock) -> Iterator[Entry]:
    """What their owner said of orders when asked."""
    for asked in questions:
        if asked.answered_at is not None:
            came = asked.kind == Question.Kind.HAS_IT_COME and asked.answer == Question.Answer.YES
            answer = words_after.IT_HAS_COME if came else words_after.TOLD[Question.Answer(asked.answer)]
            facts = {"question": asked.kind, "answer": asked.answer, "asked_at": asked.asked_at, "times": asked.times}
            yield Entry(
                at=asked.answered_at,
                place=Place.TOLD,
                kind=Kind.PARCEL,
                when=clock.moment(asked.answered_at),
                text=gettext(answer),
                ref=f"question {asked.pk}",
                permission=SEES,
                details=detailed(facts),
            )


def behind(orders: Sequence[Order], clock: Clock, *, packers: bool = True) -> Iterator[Entry]:
    """What customers have no words for: each line's price, what warehouses sent, what is promised, what left us.

    `packers`: with the name of who packed it.
    """
    for line in OrderLine.objects.filter(order__in=orders).select_related("sku", "order"):
        known = {"sku": line.sku.code, "quantity": line.quantity, "need": line.replenishment_id, "open": line.open}
        known |= {"quoted_cents": line.quoted_unit_price_cents, "unit_price_cents": line.unit_price_cents}
        yield _silent(line.order.placed_at, Place.QUOTED, Kind.PRICE, f"line {line.pk}", SEES, known, clock)
    for sent in Dispatch.objects.filter(order__in=orders).select_related("partner", "packed_by"):
        known = {"dispatch_id": sent.dispatch_id, "partner": sent.partner.name, **sent.body}
        known |= {"packed_by": str(sent.packed_by)} if packers and sent.packed_by else {}
        known |= {name: getattr(sent, name) for name in ("shelf", "handed_over_at", "put_back_at")}
        yield _silent(sent.at, Place.STOCKED, Kind.PARCEL, f"dispatch {sent.pk}", "orders.view_dispatch", known, clock)
    for held in Reservation.objects.filter(line__order__in=orders).select_related("sku"):
        known = {"sku": held.sku.code, "reserved": held.quantity}
        ref = f"reservation {held.pk}"
        yield _silent(held.at, Place.STOCKED, Kind.STOCK, ref, "orders.view_reservation", known, clock)
    for moved in StockMovement.objects.filter(order__in=orders).select_related("sku"):
        known = {"sku": moved.sku.code, "moved": moved.quantity, "cause": moved.kind, "reason": moved.reason}
        ref = f"stock movement {moved.pk}"
        yield _silent(moved.at, Place.MOVED, Kind.STOCK, ref, "orders.view_stockmovement", known, clock)


def _step(order: Order, event: OrderEvent, clock: Clock, *, changed: bool, refused: bool) -> Entry:
    kind, place = KINDS[event.status]
    facts = {"order": order.display_number, "status": event.status, "by": event.by, "note": event.note}
    if event.status == Status.SHIPPED:
        facts |= {"carrier": order.carrier, "tracking_number": order.tracking_number}
    hidden = event.note == notes.REFUNDED or (refused and event.status == Status.PAYMENT_FAILED)
    return Entry(
        at=event.at,
        place=place,
        kind=kind,
        when=clock.moment(event.at),
        text="" if hidden else _words(order, event, changed=changed),
        ref=f"step {event.pk}",
        permission=SEES,
        details=detailed(facts),
    )


def _linked(entry: Entry, order: Order) -> Entry:
    link = gettext("Order %(number)s") % {"number": order.display_number}
    return replace(entry, url=reverse("order", args=[order.number]), link=link)


def words_of(status: str, note: str, *, changed: bool) -> str:
    """A step in plain words; nothing for a note that was not written for its owner."""
    if note == lifecycle.READDRESSED:
        return gettext(MOVED)
    if noted := words_after.noted(note):
        return noted
    return words.step_taken(status) if changed else ""


def _words(order: Order, event: OrderEvent, *, changed: bool) -> str:
    """The same, with what to follow once it left."""
    text = words_of(event.status, event.note, changed=changed)
    if event.status != Status.SHIPPED or text != words.step_taken(event.status):
        return text
    sent = [{"carrier": each.carrier, "number": each.tracking_number} for each in parcels.of(order)]
    return " ".join([text, *(gettext("%(carrier)s, tracking number %(number)s.") % each for each in sent)])


def _quoted(order: Order, clock: Clock) -> Entry:
    quoted = gettext(QUOTED) % {"amount": display_amount(order.quoted_total_cents, order.currency)}
    free = order.kind == Order.Kind.REPLACEMENT
    return Entry(
        at=order.placed_at,
        place=Place.QUOTED,
        kind=Kind.PRICE,
        when=clock.moment(order.placed_at),
        text=gettext(FREE) if free else f"{quoted} {words_tax.moved(order) or gettext(AT_MOST)}",
        ref=f"quote of order {order.display_number}",
        permission=SEES,
        details=detailed({name: getattr(order, name) for name in OF_QUOTE}),
    )


def _priced(order: Order, clock: Clock) -> Entry:
    """The price is fixed at the first dispatch; told where it is another than was written."""
    assert order.priced_at is not None
    facts = {name: getattr(order, name) for name in OF_PRICE}
    return Entry(
        at=order.priced_at,
        place=Place.PRICED,
        kind=Kind.PRICE,
        when=clock.moment(order.priced_at),
        text=words_after.price_story(order),
        ref=f"price of order {order.display_number}",
        permission=SEES,
        details=detailed(facts),
    )


def _silent(
    at: datetime, place: Place, kind: Kind, ref: str, permission: str, facts: dict[str, Any], clock: Clock
) -> Entry:
    return Entry(at, place, kind, clock.moment(at), "", ref, permission, detailed(facts))
