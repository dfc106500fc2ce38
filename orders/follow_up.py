"""When to ask after a parcel: makes the questions of an order that left, and moves their dates when it arrives."""

from datetime import date, datetime, time, timedelta

from orders import delivery
from orders.models import Order, Question

STILL_LOW_AFTER = timedelta(days=7)  # of its delivery
STILL_LOW_BUSINESS_DAYS = 3  # after the end of the window, where nobody reported a delivery
IN_THE_MORNING = time(9)  # where the parcel goes

Kind = Question.Kind


def begin(order: Order, shipped_at: datetime) -> None:
    """The parcel left: has it come, at the end of the window; is it in, for each cartridge a printer waits for."""
    last = _last_day(order, shipped_at)
    overdue = _morning(order, last + delivery.DAY)
    still_low = _morning(order, delivery.after_business_days(last, STILL_LOW_BUSINESS_DAYS))
    # In the order in which the mails name them.
    waited_for = order.lines.filter(open=True, replenishment__isnull=False).order_by("pk")
    Question.objects.bulk_create(
        [
            Question(kind=Kind.HAS_IT_COME, order=order, due_at=overdue),
            *(Question(kind=Kind.IS_IT_IN, order=order, line=line, due_at=still_low) for line in waited_for),
        ],
        ignore_conflicts=True,
    )


def delivered(order: Order, delivered_at: datetime) -> None:
    """It has come: nobody is asked whether it has, and whether it is in is asked by that day."""
    questions = Question.objects.filter(order=order)
    questions.filter(kind=Kind.HAS_IT_COME).update(due_at=None)
    questions.filter(kind=Kind.IS_IT_IN, times=0, due_at__isnull=False).update(due_at=delivered_at + STILL_LOW_AFTER)


def last_day(order: Order) -> date | None:
    """The last day an order should arrive; None while it has not left."""
    return _last_day(order, order.shipped_at) if order.shipped_at else None


def is_late(order: Order, now: datetime) -> bool:
    """Whether that day is over, where the parcel goes."""
    last = last_day(order)
    return last is not None and delivery.local_date(now, _state(order)) > last


def _last_day(order: Order, shipped_at: datetime) -> date:
    return delivery.delivery_window(delivery.local_date(shipped_at, _state(order)))[1]


def _morning(order: Order, day: date) -> datetime:
    return datetime.combine(day, IN_THE_MORNING, delivery.zone(_state(order)))


def _state(order: Order) -> str:
    return str(order.ship_to.get("state", ""))
