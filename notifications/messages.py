"""The catalogue of orders' mails: which step makes which mail, and what its templates are told."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.text import get_text_list
from django.utils.translation import gettext, ngettext

from billing import declines, dunning
from billing import lifecycle as charges
from billing.models import Charge
from enrollment import links
from notifications import mail_links
from orders import delivery, notes, parcels, pricing, promotions, unpaid, words, words_tax
from orders.clock import Clock
from orders.models import Decision, Order, OrderEvent, OrderLine, Replenishment
from orders.money import display_amount

Status = Order.Status
Context = dict[str, Any]


@dataclass(frozen=True)
class Mail:
    """A kind of mail, named like the folder of its templates, and the states in which it is no longer true."""

    kind: str
    context: Callable[[OrderEvent, Clock], Context]
    untrue_once: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Line:
    """A line of an order as it is read: '2 x Cyan', its SKU, its price."""

    name: str
    sku: str
    price: str


@dataclass(frozen=True)
class Parcel:
    """What to follow, and where; no address when the carrier is not known."""

    carrier: str
    tracking_number: str
    url: str


def mail_for(event: OrderEvent) -> Mail | None:
    """The mail a step makes; None when it makes none, or when it came to nothing before anybody was told."""
    mail = MAILS.get(event.status)
    if mail is None or event.order.status in mail.untrue_once:
        return None
    if event.status == Status.PAYMENT_FAILED:
        return None if _was_read_on_the_page(event) or _was_told_before(event) else _of_refusal(event, mail)
    return None if _went_straight_to_backorder(event) else mail


def context_for(mail: Mail, event: OrderEvent, now: datetime) -> Context:
    """All the templates of `mail` may say about `event`, formatted."""
    return {**about(event.order), **mail.context(event, Clock(now, event.order.ship_to["state"]))}


def about(order: Order) -> Context:
    """What every mail about an order may say."""
    return {
        "number": order.display_number,
        "order_url": mail_links.link(mail_links.ORDER, order.pk),
        "printer": one_line(order.plan.display_name),
        "ship_to": address_lines(order.ship_to),
    }


def _went_straight_to_backorder(event: OrderEvent) -> bool:
    """Placing writes the next step with it: told once, as what it became."""
    if event.status != Status.PLACED:
        return False
    next_step = event.order.events.filter(pk__gt=event.pk).order_by("pk").first()
    return next_step is not None and next_step.status == Status.BACKORDERED


def _was_read_on_the_page(event: OrderEvent) -> bool:
    """Whoever had the same card tried again, and was answered while the page still asked, has read it there."""
    before = event.order.events.filter(pk__lt=event.pk).order_by("pk").last()
    if before is None or (before.status, before.by) != (Status.PACKED, charges.CUSTOMER):
        return False
    charge = _refused_at(event)
    asked_at = (charge.answered_at if charge else None) or before.at
    return event.at - asked_at < words.ANSWER_AT_ONCE


def _was_told_before(event: OrderEvent) -> bool:
    """A card that is asked by itself once more and refused again is no news: the retry plan has mails of its own."""
    charge = _refused_at(event)
    before = event.order.charges.filter(attempt=charge.attempt - 1).first() if charge else None
    return charge is not None and before is not None and charge.card_id == before.card_id and not charge.on_session


def _of_refusal(event: OrderEvent, mail: Mail) -> Mail | None:
    """A bank that wants its customer's word is another mail, and only the first time: after that it was on our page."""
    charge = _refused_at(event)
    if charge is None or charge.status != Charge.Status.NEEDS_AUTHENTICATION:
        return mail
    return None if charge.on_session else replace(mail, kind="confirm_payment")


def _refused_at(event: OrderEvent) -> Charge | None:
    """The attempt whose end held the order."""
    return event.order.charges.filter(settled_at=event.at).order_by("-attempt").first()


def _confirmation(event: OrderEvent, clock: Clock) -> Context:
    order = event.order
    return {
        **_quote(order, clock),
        "arrives": clock.days(delivery.expected_window(order.listed_at, clock.state)),
        "is_free": not order.quoted_total_cents,
        "cancel_until": clock.moment(order.listed_at) if order.listed_at > event.at else "",
        "cancel_url": mail_links.link(mail_links.CANCEL, order.pk),
    }


def _backordered(event: OrderEvent, clock: Clock) -> Context:
    order = event.order
    was_ready = order.events.filter(pk__lt=event.pk, status__in=[Status.RELEASED, Status.PAYMENT_FAILED]).exists()
    return {**_quote(order, clock), **waiting(order, clock), "was_ready": was_ready}


def waiting(order: Order, clock: Clock) -> Context:
    """When an order out of stock is expected, by when its owner must say what they want, and where."""
    wait = getattr(order, "wait", None)
    return {
        "expected": clock.day(wait.expected_on) if wait and wait.expected_on else "",
        "answer_by": clock.day(wait.answer_by) if wait and wait.answer_by else "",
        "answer_url": mail_links.link(mail_links.WAITING, order.pk),
    }


def shipped(event: OrderEvent, clock: Clock, to_come: Charge | None = None) -> Context:
    """What is said of a parcel; of one that leaves once it is paid, by that charge, which has no receipt yet."""
    order = event.order
    charge = to_come or _latest_charge(order, Charge.Status.PAID, Charge.Status.WAIVED)
    window = delivery.delivery_window(clock.date_of(order.shipped_at or event.at))
    paid = charge is not None and charge.status != Charge.Status.WAIVED
    return {
        **amounts(order),
        "arrives": clock.days(window),
        "arrives_by": clock.day(window[1]),
        "parcels": _parcels(order),
        "charged": display_amount(charge.amount_cents, charge.currency) if charge and paid else "",
        "card": str(charge.card) if charge and paid and charge.card else "",
        "waived": gettext(event.note) if charge and not paid else "",
        "receipt_number": (charge.receipt_number or "") if charge else "",
        "receipt_url": mail_links.receipt(order),
        "price_note": pricing.difference(order),
    }


def _payment_failed(event: OrderEvent, clock: Clock) -> Context:
    order = event.order
    charge = _latest_charge(order, Charge.Status.DECLINED, Charge.Status.NEEDS_AUTHENTICATION)
    again = dunning.next_retry(order, clock.now)
    return {
        **amounts(order),
        "card": str(charge.card) if charge and charge.card else "",
        "why": _why_declined(charge) if charge else "",
        "until": words.set_aside_until(unpaid.since(order) or event.at, clock),
        "again": clock.day(again) if again else "",
        "stage": {notes.CARD_STILL_NEEDED: "reminder", notes.LAST_DAY_TO_PAY: "last"}.get(event.note, "first"),
        "pay_url": pay_url(order),
    }


def pay_url(order: Order) -> str:
    """Where an order that waits for a payment is paid, without signing in."""
    return f"{settings.SITE_URL}/pay/{links.sign(links.PAY, order.pk)}/"


_NEVER_SHIPPED = frozenset({Status.CANCELLED})
MAILS: dict[str, Mail] = {
    Status.PLACED: Mail("order_confirmation", _confirmation, _NEVER_SHIPPED),
    Status.BACKORDERED: Mail("backordered", _backordered, _NEVER_SHIPPED),
    Status.SHIPPED: Mail("shipped", shipped),
    Status.PAYMENT_FAILED: Mail(
        "payment_failed",
        _payment_failed,
        _NEVER_SHIPPED | {Status.PACKED, Status.SHIPPED, Status.DELIVERED, Status.RETURNED},
    ),
}


def _quote(order: Order, clock: Clock) -> Context:
    """What was ordered, why, and what it will cost at most."""
    return {**amounts(order, quoted=True), "reasons": _reasons(order, clock)}


def amounts(order: Order, *, quoted: bool = False) -> Context:
    """What it costs line by line: what was quoted, or what will be charged, or was."""

    def shown(cents: int) -> str:
        return display_amount(cents, order.currency)

    total, tax = (order.most_cents, order.most_tax_cents) if quoted else (order.total_cents, order.tax_cents)
    found = _lines(order)
    lines = [
        Line(
            line_name(line, line.quantity),
            line.sku.code,
            shown(line.quantity * (line.quoted_unit_price_cents if quoted else line.unit_price_cents)),
        )
        for line in found
    ]
    return {
        "lines": lines,
        "what": named([line.name for line in lines]),
        "discounts": [(name, shown(-cents)) for name, cents in promotions.named(found, quoted=quoted).items()],
        "tax_name": gettext("Sales tax") if quoted else words_tax.called(order),
        "tax": shown(tax),
        "shipping": shown(order.shipping_cents),
        "total": shown(total),
        "cost": words_tax.cost(total, tax, order.currency),
    }


def _lines(order: Order) -> list[OrderLine]:
    return list(order.lines.select_related("sku", "slot").order_by("pk"))


def line_name(line: OrderLine, quantity: int) -> str:
    """So many pieces of a line: 'Cyan', '2 x Cyan'."""
    name = line.slot.name if line.slot else line.sku.name
    return f"{quantity} × {name}" if quantity > 1 else name


def named(names: list[str]) -> str:
    """What an order is about, short enough for a subject: 'Cyan and Magenta', '6 cartridges'."""
    if len(names) > 3:
        return ngettext("%(count)d cartridge", "%(count)d cartridges", len(names)) % {"count": len(names)}
    return listed(names)


def listed(names: list[str]) -> str:
    """'Cyan', 'Cyan and Magenta', 'Cyan, Magenta and Yellow'."""
    return get_text_list(names, gettext("and"))


def what(order: Order) -> str:
    """The same of an order."""
    return named([line_name(line, line.quantity) for line in _lines(order)])


def _reasons(order: Order, clock: Clock) -> list[str]:
    """Why each line was ordered: its need's latest decision to order, as the order's page says it."""
    decisions = Decision.objects.filter(replenishment__lines__order=order, kind=Replenishment.Kind.ORDERED)
    latest = decisions.order_by("replenishment", "-at", "-pk").distinct("replenishment").select_related("signal__slot")
    return [words.decision(decision.kind, decision.signal, decision.at, clock) for decision in latest]


def _latest_charge(order: Order, *statuses: str) -> Charge | None:
    charges = order.charges.filter(status__in=statuses).select_related("card")
    return charges.order_by("-attempt").first()


def _why_declined(charge: Charge) -> str:
    if charge.status == Charge.Status.NEEDS_AUTHENTICATION:
        return gettext(declines.AUTHENTICATION)
    return declines.sentence(charge.outcome, charge.advice)


def _parcels(order: Order) -> list[Parcel]:
    return [
        Parcel(one_line(each.carrier), one_line(each.tracking_number), each.tracking_url) for each in parcels.of(order)
    ]


def address_lines(ship_to: dict[str, str]) -> list[str]:
    """The lines of an address as they stand on the parcel."""
    town = f"{ship_to.get('city', '')}, {ship_to.get('state', '')} {ship_to.get('postal_code', '')}"
    lines = [ship_to.get(name, "") for name in ("full_name", "attention", "line1", "line2")] + [town]
    return [line for line in map(one_line, lines) if line]


def brand() -> Context:
    """What the frame of every mail says."""
    return {
        "brand": settings.BRAND_NAME,
        "support_phone": settings.SUPPORT_PHONE,
        "support_hours": settings.SUPPORT_HOURS,
        "support_email": settings.SUPPORT_EMAIL,
    }


def one_line(typed: str) -> str:
    """What somebody typed, without the line breaks that could pass for ours."""
    return " ".join(typed.split())
