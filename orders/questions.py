"""The questions after a parcel: asks them when they are due, and acts on the answers, each once."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet

from enrollment.models import Plan
from orders import aftercare, lifecycle, notes, replenishment
from orders.models import Order, Question
from printers import supplies

AGAIN_AFTER = timedelta(days=14)
ASKED_AT_MOST = 3  # once, and twice more after "not yet"
STAFF_AFTER = timedelta(days=21)  # without an answer
CUSTOMER = "customer"
Kind, Answer = Question.Kind, Question.Answer
NOTES = {Kind.HAS_IT_COME: notes.ASKED_IF_COME, Kind.IS_IT_IN: notes.ASKED_IF_IN}


def for_staff(now: datetime) -> QuerySet[Question]:
    """Those that nobody has answered for so long that a person asks."""
    return Question.objects.open().filter(asked_at__lte=now - STAFF_AFTER)


def ask(question_ids: Iterable[int], now: datetime) -> None:
    """Ask what is due: one step, and so one mail, an order and kind. What has become clear meanwhile is dropped."""
    due = Question.objects.filter(pk__in=list(question_ids)).order_by("order__plan_id", "order_id")
    for order_id, kind in dict.fromkeys(due.values_list("order_id", "kind")):
        with transaction.atomic():
            order = aftercare.lock(Order.objects.get(pk=order_id))
            mine = Question.objects.filter(pk__in=list(question_ids), order=order, kind=kind, due_at__isnull=False)
            asked = [
                each.pk for each in mine.select_related("line__replenishment", "line__slot") if _stands(each, order)
            ]
            mine.exclude(pk__in=asked).update(due_at=None)
            if asked:
                told = Question.objects.filter(pk__in=asked)
                told.update(asked_at=now, times=F("times") + 1, answer="", answered_at=None, due_at=None)
                lifecycle.note(order, NOTES[Kind(kind)], now, "system", tell=True)


def _stands(question: Question, order: Order) -> bool:
    """Whether nobody knows the answer yet."""
    if order.lost_at is not None or order.status not in aftercare.LEFT_US:
        return False
    if question.kind == Kind.HAS_IT_COME:
        return order.status == Order.Status.SHIPPED and not question.answer
    line, printer = question.line, order.plan.printer
    if line is None or line.slot is None or printer is None or order.plan.status != Plan.Status.ACTIVE:
        return False
    state = supplies.state(printer, line.slot.code)
    waited_for = line.open and line.replenishment is not None and line.replenishment.closed_at is None
    return waited_for and state is not None and state.low and question.answer in ("", Answer.NOT_YET)


def is_in(question: Question, now: datetime) -> bool:
    """The new one is in, says the customer: the need is met, and the next low report opens another.

    False if it was answered before.
    """
    with transaction.atomic():
        order = aftercare.lock(question.order)
        if not _answer(question, Answer.YES, now):
            return False
        if order.status == Order.Status.SHIPPED:
            lifecycle.deliver(order, now, now, CUSTOMER)
        if question.line and question.line.slot and order.plan.printer_id:
            supplies.replaced(order.plan.printer_id, question.line.slot, now)
    replenishment.decide_for(order.plan_id, now)  # with no lock on the printer: who holds stock may wait for that
    return True


def not_yet(question: Question, now: datetime) -> bool:
    """It is not in yet: asked again later, but not for ever. False if answered before."""
    with transaction.atomic():
        aftercare.lock(question.order)
        again = now + AGAIN_AFTER if question.times < ASKED_AT_MOST else None
        return _answer(question, Answer.NOT_YET, now, due_at=again)


def has_come(order: Order, now: datetime) -> bool:
    """The parcel is there, says the customer. False when that was known. Refused when it never left."""
    with transaction.atomic():
        order = aftercare.lock(order)
        asked = Question.objects.filter(order=order, kind=Kind.HAS_IT_COME, answer="")
        asked.update(answer=Answer.YES, answered_at=now, due_at=None)
        return lifecycle.deliver(order, now, now, CUSTOMER)


def _answer(question: Question, answer: str, now: datetime, due_at: datetime | None = None) -> bool:
    """Keep the answer to an open question; True only for the first."""
    asked = Question.objects.open().filter(pk=question.pk)
    return asked.update(answer=answer, answered_at=now, due_at=due_at) == 1
