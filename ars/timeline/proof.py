"""What answers a customer's bank: who agreed to what, what was ordered, charged and delivered, and what we wrote."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from ars.timeline import backoffice
from ars.timeline.entry import Entry
from billing.models import Dispute
from enrollment.models import Consent, PlanEvent
from notifications import messages, outbox
from notifications.models import Message
from orders import parcels
from orders.models import Order, OrderEvent, OrderLine
from orders.money import display_amount


@dataclass(frozen=True)
class Line:
    """A line of the order, with what a piece cost."""

    line: OrderLine
    price: str
    discount: str


@dataclass(frozen=True)
class Mail:
    """A mail, and its text as others than its reader may have it."""

    sent: Message
    text: str


@dataclass(frozen=True)
class Proof:
    """All of it for one disputed order, the oldest first; `consents` are those given before it was placed."""

    order: Order
    total: str
    tax: str
    lines: Sequence[Line]
    address: Sequence[str]
    consents: Sequence[Consent]
    parcels: Sequence[parcels.Parcel]
    story: Sequence[Entry]
    mails: Sequence[Mail]


def of(dispute: Dispute, now: datetime) -> Proof:
    """What is known of the order of a disputed charge."""
    order = Order.objects.select_related("user", "plan__model", "plan__printer").get(pk=dispute.charge.order_id)
    lines = order.lines.select_related("sku").order_by("pk")
    consents = Consent.objects.filter(plan=order.plan, given_at__lte=order.placed_at)
    return Proof(
        order=order,
        total=display_amount(order.total_cents, order.currency),
        tax=display_amount(order.tax_cents, order.currency),
        lines=[_line(order, line) for line in lines],
        address=messages.address_lines(order.ship_to),
        consents=list(consents.order_by("given_at")),
        parcels=parcels.of(order),
        story=backoffice.evidence(order.pk, now),
        mails=[
            Mail(mail, without_links(mail.text))
            for mail in Message.objects.filter(order=order).order_by("created_at", "pk").defer("html", "secret")
        ],
    )


def preview(mail: messages.Mail, step: OrderEvent, now: datetime) -> Message:
    """The mail that a step to come will make, for staff to read; its links are its owner's alone."""
    shown = outbox.render(mail, step, now)
    shown.text = without_links(shown.text)
    return shown


def preview_of_plan(step: PlanEvent, now: datetime) -> Message | None:
    """The same of a step of a plan; None where it makes no mail."""
    for shown in outbox.plan_mails(step, now):
        shown.text = without_links(shown.text)
        return shown
    return None


def without_links(text: str) -> str:
    """A mail's text without the addresses in it: who holds one acts for the customer."""
    return re.sub(rf"{re.escape(settings.SITE_URL)}/\S+", "[link]", text)


def _line(order: Order, line: OrderLine) -> Line:
    price, discount = line.unit_price_cents, line.unit_discount_cents
    return Line(line, display_amount(price, order.currency), display_amount(discount, order.currency))
