"""Figures of the back office: what is counted each hour, kept as one number an hour, so that a year is few rows."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from django.db.models import Count, Max, Min, Sum

from ars.models import Figure
from billing.models import Charge
from notifications.models import Message
from orders.models import Decision, Order, OrderEvent
from printers.models import LowSignal

HOUR = timedelta(hours=1)
CAUGHT_UP = 48  # hours that are counted afterwards at most, when nothing was for a while
Unit = Literal["count", "cents", "hours"]
Counted = dict[str, int]


@dataclass(frozen=True)
class Named:
    """A figure: its title, what it is counted in, and the number of an hour [from, until)."""

    name: str
    title: str
    unit: Unit
    of: Callable[[datetime, datetime], int]
    gauge: bool = False  # as it is now, not what came in the hour: nothing to be counted afterwards


def signals(since: datetime, until: datetime) -> int:
    """Printers that said for the first time that something is low."""
    return LowSignal.objects.filter(received_at__gte=since, received_at__lt=until).count()


def placed(since: datetime, until: datetime) -> int:
    """Orders that were placed."""
    return Order.objects.filter(placed_at__gte=since, placed_at__lt=until).count()


def shipped(since: datetime, until: datetime) -> int:
    """Parcels that left."""
    return OrderEvent.objects.filter(status=Order.Status.SHIPPED, at__gte=since, at__lt=until).count()


def revenue(since: datetime, until: datetime) -> int:
    """What was charged, before anything went back."""
    paid = Charge.objects.took_money().filter(settled_at__gte=since, settled_at__lt=until)
    return int(paid.aggregate(cents=Sum("amount_cents", default=0))["cents"])


def tried(since: datetime, until: datetime) -> int:
    """Cards that were asked, with an answer."""
    asked = Charge.objects.filter(settled_at__gte=since, settled_at__lt=until)
    return asked.exclude(status=Charge.Status.WAIVED).count()


def declined(since: datetime, until: datetime) -> int:
    """Of these, those that were refused."""
    refused = [Charge.Status.DECLINED, Charge.Status.NEEDS_AUTHENTICATION]
    return Charge.objects.filter(settled_at__gte=since, settled_at__lt=until, status__in=refused).count()


def mails(since: datetime, until: datetime) -> int:
    """Mails that were written."""
    return Message.objects.filter(created_at__gte=since, created_at__lt=until).count()


def mails_failed(since: datetime, until: datetime) -> int:
    """Of these, those that were given up, or that no mail server has taken so far."""
    written = Message.objects.filter(created_at__gte=since, created_at__lt=until)
    return written.filter(sent_at=None).exclude(last_error="").count()


def backorders(since: datetime, until: datetime) -> int:
    """Orders that wait for stock."""
    return Order.objects.filter(status=Order.Status.BACKORDERED).count()


def oldest_backorder(since: datetime, until: datetime) -> int:
    """How many hours the oldest of them has waited."""
    oldest = Order.objects.filter(status=Order.Status.BACKORDERED).aggregate(at=Min("placed_at"))["at"]
    return int((until - oldest) / HOUR) if oldest else 0


FIGURES = {
    each.name: each
    for each in (
        Named("signals", "Low signals", "count", signals),
        Named("orders", "Orders placed", "count", placed),
        Named("shipments", "Parcels shipped", "count", shipped),
        Named("revenue", "Revenue", "cents", revenue),
        Named("charges", "Cards asked", "count", tried),
        Named("declines", "Cards refused", "count", declined),
        Named("mails", "Mails written", "count", mails),
        Named("mail-failures", "Mails that failed", "count", mails_failed),
        Named("backorders", "Orders waiting for stock", "count", backorders, gauge=True),
        Named("backorder-age", "Oldest backorder", "hours", oldest_backorder, gauge=True),
    )
}


def decided(since: datetime, until: datetime) -> Counted:
    """Decisions, by their kind."""
    made = Decision.objects.filter(at__gte=since, at__lt=until).order_by()
    return dict(made.values_list("kind").annotate(Count("pk")))


def charged(since: datetime, until: datetime) -> Counted:
    """Charges whose outcome was heard, by that outcome."""
    settled = Charge.objects.filter(settled_at__gte=since, settled_at__lt=until)
    return dict(settled.values_list("status").annotate(Count("pk")))


# By the beginning of their names: figures that are one for each kind of something. `/metrics` tells them.
BY_KIND: dict[str, Callable[[datetime, datetime], Counted]] = {"decided-": decided, "charged-": charged}


def hour_of(at: datetime) -> datetime:
    """The beginning of its hour, UTC."""
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def count(now: datetime) -> None:
    """This hour's numbers so far, and those of the hours before that nobody has counted to their end."""
    this = hour_of(now)
    last = Figure.objects.filter(name__in=FIGURES).aggregate(hour=Max("hour"))["hour"] or this
    first = max(min(last, this - HOUR), this - CAUGHT_UP * HOUR)
    latest = ((each.name, this, each.of(this, now)) for each in FIGURES.values())
    keep([*_of_hours(first, this), *latest, *_by_kind(this, now)])


def _of_hours(first: datetime, this: datetime) -> Iterator[tuple[str, datetime, int]]:
    while first < this:
        for each in FIGURES.values():
            if not each.gauge:
                yield each.name, first, each.of(first, first + HOUR)
        yield from _by_kind(first, first + HOUR)
        first += HOUR


def _by_kind(since: datetime, until: datetime) -> Iterator[tuple[str, datetime, int]]:
    for beginning, count_kinds in BY_KIND.items():
        for kind, number in count_kinds(since, until).items():
            yield f"{beginning}{kind}", since, number


def keep(numbers: Iterable[tuple[str, datetime, int]]) -> None:
    """Write numbers of hours, over what was counted of them before."""
    rows = [Figure(name=name, hour=hour, value=value) for name, hour, value in numbers]
    Figure.objects.bulk_create(rows, update_conflicts=True, unique_fields=["name", "hour"], update_fields=["value"])


def daily(names: Iterable[str], since: datetime) -> dict[str, dict[datetime, int]]:
    """Name to day to number: sums of the day's hours, of a gauge the day's highest."""
    found: dict[str, dict[datetime, int]] = {name: {} for name in names}
    rows = Figure.objects.filter(name__in=found, hour__gte=since).order_by("hour").values_list("name", "hour", "value")
    for name, hour, value in rows:
        day = hour.replace(hour=0)
        before = found[name].get(day, 0)
        found[name][day] = max(before, value) if FIGURES[name].gauge else before + value
    return found


def hourly(names: Iterable[str], since: datetime) -> dict[str, dict[datetime, int]]:
    """Name to hour to number."""
    found: dict[str, dict[datetime, int]] = {name: {} for name in names}
    rows = Figure.objects.filter(name__in=found, hour__gte=since).values_list("name", "hour", "value")
    for name, hour, value in rows:
        found[name][hour] = value
    return found
