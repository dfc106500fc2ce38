"""Ink that comes back: what a customer says they will send, and what the warehouse says has come (promise P16)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from enrollment import doubts
from enrollment.models import Partner
from orders import aftercare, delivery, follow_up, lifecycle, notes, numbers, pricing
from orders.aftercare import Pieces
from orders.models import Order, OrderLine, Return, ReturnLine, ReturnReceipt, ReturnReceiptLine
from printers import facts, supplies
from printers.facts import Refused

SENT_WITHIN = timedelta(days=30)  # of its delivery, or of the end of its window
CUSTOMER = "customer"


def send_by(order: Order) -> date | None:
    """The last day to send an order back; None while it has not left us."""
    if order.delivered_at is not None:
        return delivery.local_date(order.delivered_at, str(order.ship_to.get("state", ""))) + SENT_WITHIN
    last = follow_up.last_day(order)
    return last + SENT_WITHIN if last else None


def may_be_sent_back(order: Order, now: datetime) -> bool:
    """Whether its owner may send it back for their money: it was paid for, it left us, and not too long ago."""
    last = send_by(order)
    today = delivery.local_date(now, str(order.ship_to.get("state", "")))
    return order.kind == Order.Kind.REFILL and order.status in aftercare.LEFT_US and last is not None and today <= last


def address() -> list[str]:
    """Where ink is sent back to, line by line."""
    return [line.strip() for line in settings.RETURN_ADDRESS.split(";")]


def announce(order: Order, wanted: Mapping[int, int], now: datetime, *, seen: int) -> Return:
    """The customer sends `wanted` pieces (line id to quantity) back. Refused as `aftercare.choose`, or `too_late`."""
    with transaction.atomic():
        order = aftercare.lock(order)
        meant = aftercare.choose(order, wanted, seen)
        last = send_by(order)
        if last is None or not may_be_sent_back(order, now):
            raise Refused(_("It is too late to send this order back. Call us, and we see what we can do."), "too_late")
        announced = Return.objects.create(number=numbers.free(Return.objects), order=order, at=now, send_by=last)
        ReturnLine.objects.bulk_create(
            ReturnLine(announced=announced, line=each.line, quantity=quantity) for each, quantity in meant
        )
        lifecycle.note(order, notes.RETURN_ANNOUNCED, now, CUSTOMER, tell=True)
    return announced


def receive(
    partner: Partner,
    order: Order,
    return_id: str,
    sent: Sequence[Mapping[str, Any]],
    now: datetime,
    *,
    undeliverable: bool = False,
) -> tuple[ReturnReceipt, bool]:
    """Book what came back, once an id; what was accepted is owed to the customer. The receipt, and whether it is new.

    `sent`: `{sku, quantity, accepted}` each. `undeliverable`: the carrier brought it back, which puts the address in
    doubt. Refused `id_reused` (same id, other content), `not_returned` (it never
    left), `more_than_shipped`. Nothing goes back on the shelf by this: staff who have looked at it book a receipt.
    """
    body = {"lines": [dict(line) for line in sent]} | ({"undeliverable": True} if undeliverable else {})
    with transaction.atomic():
        receipt, new = ReturnReceipt.objects.get_or_create(
            partner=partner, return_id=return_id, defaults={"order": order, "body": body, "at": now, "due_at": now}
        )
        if not new:
            if (receipt.order_id, receipt.body) != (order.pk, body):
                raise Refused(f"Return {return_id} was booked before, with other content.", "id_reused")
            return receipt, False
        order = aftercare.lock(order)
        if order.status not in (*aftercare.LEFT_US, Order.Status.RETURNED):
            raise Refused(f"Order {order.display_number} is {order.get_status_display().lower()}.", "not_returned")
        _keep(receipt, reckon(order, sent))
        _note_state(order, partner.name, now)
        if undeliverable:
            doubts.came_back(order.user_id, order.ship_to, now)
        facts.nudge("return")
    return receipt, True


def _keep(receipt: ReturnReceipt, back: Iterable["CameBack"]) -> None:
    ReturnReceiptLine.objects.bulk_create(
        ReturnReceiptLine(
            receipt=receipt,
            line=each.line,
            quantity=each.quantity,
            accepted=each.accepted,
            refund_cents=each.owed_cents,
        )
        for each in back
    )


def told(receipt_id: int) -> None:
    """Billing has seen what it owes for this."""
    ReturnReceipt.objects.filter(pk=receipt_id).update(due_at=None)


@dataclass(frozen=True)
class CameBack:
    """So many pieces of a line that came back, whether they are accepted, and what is owed for them, in cents."""

    line: OrderLine
    quantity: int
    accepted: bool
    owed_cents: int


def reckon(order: Order, sent: Sequence[Mapping[str, Any]]) -> list[CameBack]:
    """A body's lines spread over the order's lines of their SKUs, the first first. Refused `more_than_shipped`."""
    known, shares = aftercare.pieces(order), pricing.shares(order)
    came_back = {line_id: each.came_back for line_id, each in known.items()}
    paid_back = _paid_back(order)
    found = []
    for line in sent:
        missing = line["quantity"]
        for line_id, each in known.items():
            fits = min(missing, each.line.quantity - came_back[line_id]) if each.line.sku.code == line["sku"] else 0
            if fits > 0:
                owed = _owed(shares[line_id], each, paid_back[line_id], fits) if line["accepted"] else 0
                found.append(CameBack(each.line, fits, line["accepted"], owed))
                came_back[line_id] += fits
                paid_back[line_id] += fits if line["accepted"] else 0
                missing -= fits
        if missing:
            raise Refused(
                f"More of {line['sku']} came back than order {order.display_number} had.", "more_than_shipped"
            )
    return found


def owed_for(order: Order, each: Pieces, count: int) -> int:
    """What `count` more pieces of a line cost with their share of discount and tax; one that was replaced, nothing."""
    return _owed(pricing.shares(order)[each.line.pk], each, _paid_back(order)[each.line.pk], count)


def _owed(shares: list[int], each: Pieces, paid_back: int, count: int) -> int:
    return sum(shares[: each.line.quantity - each.replaced][paid_back : paid_back + count])


def _paid_back(order: Order) -> Counter[int]:
    """Line id to the pieces of it that came back and were accepted."""
    accepted = ReturnReceiptLine.objects.filter(line__order=order, accepted=True).order_by()
    return Counter(dict(accepted.values_list("line_id").annotate(pieces=Sum("quantity"))))


def _note_state(order: Order, by: str, now: datetime) -> None:
    """Returned when all of it is back, else a step of its history. No printer waits for what is back."""
    known = aftercare.pieces(order).values()
    back = [each.line for each in known if each.came_back == each.line.quantity]
    if len(back) == len(known):
        lifecycle.move(order, Order.Status.RETURNED, now=now, by=by)
    else:
        lifecycle.note(order, notes.PART_RETURNED, now, by)
    waited = [line for line in back if line.open and line.slot is not None]
    OrderLine.objects.filter(pk__in=[line.pk for line in waited]).update(open=False)
    if order.plan.printer_id:
        supplies.note(order.plan.printer_id, {line.slot.code: "none" for line in waited if line.slot})
