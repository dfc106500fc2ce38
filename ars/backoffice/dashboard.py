"""The first page of the back office: yours, the queues, whether everything flows, and today; made from a few rows."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Value

from ars.backoffice import figures, marks
from ars.backoffice.counting import OF_QUEUE
from ars.backoffice.queues import QUEUES, Queue, open_to
from ars.models import Figure, QueueCount, QueueMark
from billing.models import Charge
from enrollment.models import User
from notifications.models import Delivery, Message
from orders.models import Dispatch
from orders.money import display_amount
from printers.facts import Fact
from printers.models import LowSignal

DAY, WEEK = timedelta(days=1), 7
STOPPED_AFTER = timedelta(minutes=5)  # the counter runs every minute
SLOW_AFTER, STANDS_AFTER = timedelta(seconds=30), timedelta(minutes=5)
FLOW: dict[str, type[Fact]] = {
    "Printer reports": LowSignal,
    "Parcels to charge": Dispatch,
    "Payments": Charge,
    "Mails": Message,
    "Messages to partners": Delivery,
}
TODAY = ("signals", "orders", "shipments", "revenue", "declines", "mail-failures")


@dataclass(frozen=True)
class Row:
    """A queue as the table shows it."""

    queue: Queue
    count: int
    late: int
    oldest: datetime | None
    more: int | None  # than a day ago


@dataclass(frozen=True)
class Flow:
    """Whether a kind of work is done as it comes."""

    title: str
    word: str
    oldest: datetime | None


def context(staff: User, now: datetime) -> dict[str, Any]:
    """What the template shows."""
    rows, counted_at = _queues(staff, now)
    stopped = counted_at is None or counted_at < now - STOPPED_AFTER
    return {
        "rows": rows,
        "next": next((row.queue for row in rows if row.count), None),
        "counted_at": counted_at,
        "stopped": stopped,
        "yours": _yours(staff, now),
        "flow": _flow(now),
        "today": _today(staff, now),
    }


def _queues(staff: User, now: datetime) -> tuple[list[Row], datetime | None]:
    """The queues open to somebody, and when they were counted."""
    counts = {count.queue: count for count in QueueCount.objects.all()}
    a_day_ago = figures.hour_of(now - DAY)
    named = Figure.objects.filter(hour=a_day_ago, name__startswith=OF_QUEUE)
    before = {name.removeprefix(OF_QUEUE): value for name, value in named.values_list("name", "value")}
    rows = []
    for queue in open_to(staff):
        count = counts.get(queue.slug) or QueueCount(queue=queue.slug, count=0, late=0)
        more = count.count - before[queue.slug] if queue.slug in before else None
        rows.append(Row(queue, count.count, count.late, count.oldest, more))
    return rows, min((count.counted_at for count in counts.values()), default=None)


def _yours(staff: User, now: datetime) -> list[tuple[Queue, QueueMark]]:
    """What they work on, and what they put off that is awake again."""
    claimed = QueueMark.objects.filter(by=staff).order_by("queue", "key")
    mine = [mark for mark in claimed if mark.queue in QUEUES and _is_due(mark, now)]
    return [(QUEUES[mark.queue], mark) for mark in mine if staff.has_perm(QUEUES[mark.queue].right)]


def _is_due(mark: QueueMark, now: datetime) -> bool:
    if mark.asleep_until is not None:
        return mark.asleep_until <= now
    return marks.works(mark, now)


def _flow(now: datetime) -> list[Flow]:
    """The oldest of what is due, of each kind, in one query."""
    firsts = [
        model._default_manager.filter(due_at__lte=now)
        .annotate(title=Value(title))
        .order_by("due_at")
        .values_list("title", "due_at")[:1]
        for title, model in FLOW.items()
    ]
    oldest = {title: at for title, at in firsts[0].union(*firsts[1:], all=True) if at}
    return [Flow(title, _word(oldest.get(title), now), oldest.get(title)) for title in FLOW]


def _word(oldest: datetime | None, now: datetime) -> str:
    if oldest is None or oldest > now - SLOW_AFTER:
        return "flowing"
    return "slow" if oldest > now - STANDS_AFTER else "standing still"


def _today(staff: User, now: datetime) -> list[tuple[str, str, str]]:
    """Title, today's number, and what a day of the week before had."""
    money = staff.has_perm("billing.view_charge")
    names = [name for name in TODAY if money or name not in ("revenue", "declines")]
    midnight = figures.hour_of(now).replace(hour=0)
    found = figures.daily(names, midnight - WEEK * DAY)
    told = []
    for name in names:
        today = found[name].pop(midnight, 0)
        usual = sum(found[name].values()) / WEEK
        told.append((figures.FIGURES[name].title, said(name, today), said(name, round(usual))))
    return told


def said(name: str, value: int) -> str:
    """A figure's number as people read it."""
    unit = figures.FIGURES[name].unit
    return display_amount(value, "usd") if unit == "cents" else f"{value:,} h" if unit == "hours" else f"{value:,}"
