"""The catalogue of mails after a parcel left, or an order ended: which step makes which, and what they are told."""

from collections.abc import Callable

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext

from billing import dunning
from billing.models import Charge, Refund
from enrollment import links
from notifications import messages
from notifications.messages import Context, Mail, one_line
from notifications.models import Message
from orders import follow_up, notes, patience, returns, wishes
from orders.clock import Clock
from orders.models import Order, OrderEvent, Question, Return
from orders.money import display_amount

Status = Order.Status
REFUND_MADE = "refund_made"


def mail_for(event: OrderEvent) -> Mail | None:
    """The mail a step makes; None when it makes none, or when it is not true any more."""
    if event.note in NOTED:
        noted, still_true = NOTED[event.note]
        return noted if still_true(event) else None
    if event.status == Status.CANCELLED:
        return CANCELLED if _is_news(event) else None
    mail = messages.mail_for(event)
    replaces = event.order.kind == Order.Kind.REPLACEMENT and event.status in (Status.PLACED, Status.BACKORDERED)
    return Mail("replacement", _replacement, mail.untrue_once) if mail is not None and replaces else mail


def _is_news(event: OrderEvent) -> bool:
    """Its owner knows of the order, and the mail about the end of their plan does not name it."""
    with_plan = event.note == wishes.PLAN_ENDED and event.at == event.order.plan.ended_at
    return not with_plan and Message.objects.filter(order=event.order).exists()


def _replacement(event: OrderEvent, clock: Clock) -> Context:
    """A free order, in stock or not, with the number of the one it stands for."""
    order = event.order
    return {
        **messages.MAILS[event.status].context(event, clock),
        "old": order.replaces.display_number if order.replaces else "",
        "waits": event.status == Status.BACKORDERED,
        "reasons": [],  # they are why the old one was ordered
    }


def _new_date(event: OrderEvent, clock: Clock) -> Context:
    return {"what": messages.what(event.order), **messages.waiting(event.order, clock)}


def _still_waits(event: OrderEvent) -> bool:
    """And no later step of it says the same anew."""
    later = event.order.events.filter(pk__gt=event.pk, note=notes.NEW_DATE)
    return event.order.status == Status.BACKORDERED and not later.exists()


def _cancelled(event: OrderEvent, clock: Clock) -> Context:
    return {
        "when_in_stock": event.note == patience.TOO_LONG,
        "pay_url": f"{settings.SITE_URL}/account/replenishment/{event.order.plan_id}/payment-method/"
        if event.note == dunning.ENDED
        else "",
        "what": messages.what(event.order),
        "by_customer": event.by == wishes.CUSTOMER,
        "at_wish": event.order.at_wish,
        "why": gettext(one_line(event.note)).rstrip("."),
        "day": clock.day(event.at),
    }


def _has_it_come(event: OrderEvent, clock: Clock) -> Context:
    last = follow_up.last_day(event.order)
    asked = event.order.questions.get(kind=Question.Kind.HAS_IT_COME)
    return {
        "what": messages.what(event.order),
        "last": clock.day(last) if last else "",
        "link": _signed(asked),
        "problem_url": f"{settings.SITE_URL}/account/orders/{event.order.display_number}/problem/",
    }


def _is_it_in(event: OrderEvent, clock: Clock) -> Context:
    """Each cartridge asked about in this step, with a link of its own."""
    asked = _asked(event).select_related("line__slot").order_by("pk")
    supplies = [(str(each.line.slot.name), _signed(each)) for each in asked if each.line and each.line.slot]
    order = event.order
    came = gettext("It came on %(day)s.") % {"day": clock.day(order.delivered_at)} if order.delivered_at else ""
    return {"what": messages.named([name for name, _ in supplies]), "supplies": supplies, "came": came}


def _asked(event: OrderEvent) -> "QuerySet[Question]":
    return Question.objects.filter(order=event.order, kind=Question.Kind.IS_IT_IN, asked_at=event.at)


def _complaint_answered(event: OrderEvent, clock: Clock) -> Context:
    answered = event.order.complaints.get(declined_at=event.at)
    return {
        "what": messages.what(event.order),
        "answer": one_line(answered.answer),
        "problem_url": f"{settings.SITE_URL}/account/orders/{event.order.display_number}/problem/",
    }


def _return_slip(event: OrderEvent, clock: Clock) -> Context:
    announced = Return.objects.get(order=event.order, at=event.at)
    lines = announced.lines.select_related("line__sku", "line__slot").order_by("pk")
    return {
        "return_number": announced.display_number,
        "what": messages.named([messages.line_name(each.line, each.quantity) for each in lines]),
        "last": clock.day(announced.send_by),
        "address": returns.address(),
        "slip_url": f"{settings.SITE_URL}/account/orders/{event.order.display_number}/return/",
    }


def _refund_made(event: OrderEvent, clock: Clock) -> Context:
    refund = Refund.objects.select_related("charge__card").get(charge__order=event.order, settled_at=event.at)
    return _went_back(event.order, refund.charge, refund.amount_cents)


def refund_to_come(charge: Charge, amount_cents: int) -> Mail:
    """The mail that a refund of so much would make, for staff to read before they give it."""
    return Mail(REFUND_MADE, lambda event, clock: _went_back(event.order, charge, amount_cents))


def _went_back(order: Order, charge: Charge, amount_cents: int) -> Context:
    return {
        "what": messages.what(order),
        "amount": display_amount(amount_cents, charge.currency),
        "card": str(charge.card) if charge.card else gettext("your card"),
        "receipt_number": charge.receipt_number or "",
    }


def _signed(question: Question) -> str:
    """The link that lets its holder answer this question, and do nothing else."""
    address = question.kind.replace("_", "-")
    return f"{settings.SITE_URL}/{address}/{links.sign(question.kind, question.pk)}/"


def _always(event: OrderEvent) -> bool:
    return True


def _not_there_yet(event: OrderEvent) -> bool:
    return event.order.status == Status.SHIPPED and event.order.lost_at is None


def _not_answered(event: OrderEvent) -> bool:
    return _asked(event).filter(answer="").exists()


def _is_unpaid(event: OrderEvent) -> bool:
    return event.order.status == Status.PAYMENT_FAILED


CANCELLED = Mail("order_cancelled", _cancelled)
NOTED: dict[str, tuple[Mail, Callable[[OrderEvent], bool]]] = {
    notes.ASKED_IF_COME: (Mail("has_it_come", _has_it_come), _not_there_yet),
    notes.ASKED_IF_IN: (Mail("is_it_in", _is_it_in), _not_answered),
    notes.NEW_DATE: (Mail("new_date", _new_date), _still_waits),
    notes.COMPLAINT_ANSWERED: (Mail("complaint_answered", _complaint_answered), _always),
    notes.RETURN_ANNOUNCED: (Mail("return_slip", _return_slip), _always),
    notes.REFUNDED: (Mail(REFUND_MADE, _refund_made), _always),
    notes.CARD_STILL_NEEDED: (messages.MAILS[Status.PAYMENT_FAILED], _is_unpaid),
    notes.LAST_DAY_TO_PAY: (messages.MAILS[Status.PAYMENT_FAILED], _is_unpaid),
}
