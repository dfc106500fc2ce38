"""The figures of `/metrics` that rows tell: right with any number of processes, whichever of them is asked.

Gauges are read as they are now, each by a partial index of what is not done, so that they cost the same with a million
printers. Counters are sums of what beat counts each minute (`ars.backoffice.figures`), and never fall.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet, Sum
from django.utils import timezone
from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from ars.backoffice.figures import BY_KIND
from ars.models import Figure, QueueCount, Tick
from ars.stuck import WORK, stuck
from ars.watch import broker
from billing.models import Charge
from notifications.models import Delivery, Message
from orders.models import Decision
from printers.facts import Fact
from printers.models import LowSignal

MILLISECONDS = 5000  # for each statement: a scrape holds up nobody
MOST = 10_000  # counted of one kind: enough to know that it is too much
COUNTERS = {"signals": "Low signals taken.", "orders": "Orders placed.", "shipments": "Parcels that left."} | {
    "mails": "Mails written."
}
COUNTERS_BY_KIND = {
    "decided-": ("ars_decisions", "Decisions about low signals.", "kind"),
    "charged-": ("ars_charges", "Charges whose outcome was heard.", "outcome"),
}
assert COUNTERS_BY_KIND.keys() == BY_KIND.keys()


class Rows(Collector):
    """Reads the database and the broker, each time it is asked."""

    def collect(self) -> Iterator[Metric]:
        """Without the database, that alone is told of it."""
        now = timezone.now()
        yield from _broker()
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(MILLISECONDS)])
                found = [*_counters(), *_waiting(now), *_work(now), *_ticks(now)]
        except (DatabaseError, InterfaceError):
            found = []
        yield from found
        yield _gauge("ars_database_up", "1 while the database answers.", float(bool(found)))


registry = CollectorRegistry()
registry.register(Rows())


def _gauge(name: str, told: str, value: float) -> Metric:
    return GaugeMetricFamily(name, told, value)


def _by(label: str, name: str, told: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, told, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


def _counters() -> Iterator[Metric]:
    kinds = Q(*(Q(name__startswith=beginning) for beginning in BY_KIND), _connector=Q.OR)
    sums = dict(Figure.objects.filter(kinds | Q(name__in=COUNTERS)).values_list("name").annotate(Sum("value")))
    for name, told in COUNTERS.items():
        yield CounterMetricFamily(f"ars_{name}", told, sums.get(name, 0))
    for beginning, (name, told, label) in COUNTERS_BY_KIND.items():
        family = CounterMetricFamily(name, told, labels=[label])
        for each in sorted(each for each in sums if each.startswith(beginning)):
            family.add_metric([each.removeprefix(beginning)], sums[each])
        yield family


def _waiting(now: datetime) -> Iterator[Metric]:
    """What customers and partners wait for, by the age of the oldest."""
    signals, charges = _not_done(LowSignal), _not_done(Charge)
    undecided = signals.filter(~Exists(Decision.objects.filter(signal=OuterRef("pk"))))
    yield from _oldest(undecided, "received_at", "ars_signal", "undecided", "Low signals nobody has decided about", now)
    asked = charges.filter(status=Charge.Status.PENDING, on_session=False)  # else it is its owner who is waited for
    yield from _oldest(asked, "created_at", "ars_charge", "unsettled", "Charges without an outcome", now)
    yield from _oldest(_not_done(Message), "created_at", "ars_mail", "unsent", "Mails not sent yet", now)
    begun = _not_done(Delivery).filter(Q(due_at__lte=now) | Q(attempts__gt=0))
    yield from _oldest(begun, "created_at", "ars_webhook", "waiting", "Messages partners have not taken", now)


def _not_done(model: type[Fact]) -> QuerySet[Any]:
    """The first of its rows that are not done, to be asked further."""
    return model._default_manager.filter(
        pk__in=_first(model._default_manager.filter(due_at__isnull=False)).values("pk")
    )


def _first(facts: QuerySet[Fact]) -> QuerySet[Fact]:
    return facts.order_by("due_at", "pk")[:MOST]


def _oldest(rows: QuerySet[Fact], since: str, name: str, state: str, told: str, now: datetime) -> Iterator[Metric]:
    found = rows.aggregate(count=Count("pk"), oldest=Min(since))
    yield _gauge(f"{name}s_{state}", f"{told}, {MOST} at most.", found["count"])
    yield _gauge(f"{name}_oldest_{state}_seconds", f"{told}: the age of the oldest.", _age(found["oldest"], now))


def _age(at: datetime | None, now: datetime) -> float:
    return max((now - at).total_seconds(), 0) if at else 0


def _work(now: datetime) -> Iterator[Metric]:
    """What sweeps have to do, and what they should have done long ago."""
    due: dict[str, float] = {}
    late: dict[str, float] = {}
    for model in apps.get_models():
        if issubclass(model, Fact):
            rows = _first(model._default_manager.filter(due_at__lte=now))
            found, name = rows.aggregate(count=Count("pk"), oldest=Min("due_at")), str(model._meta.model_name)
            due[name], late[name] = found["count"], _age(found["oldest"], now)
    yield _by("kind", "ars_work_due", f"Facts that are due, {MOST} at most.", due)
    yield _by("kind", "ars_work_due_seconds", "For how long the first of them is.", late)
    counts = {str(model._meta.model_name): float(stuck(model, now).count()) for model in WORK}
    yield _by("kind", "ars_work_stuck", "What has waited longer than it should, as /readyz tells it.", counts)


def _ticks(now: datetime) -> Iterator[Metric]:
    ticks = list(Tick.objects.all())
    ages = {tick.queue: _age(tick.ran_at, now) for tick in ticks}
    lags = {tick.queue: (tick.ran_at - tick.sent_at).total_seconds() for tick in ticks}
    yield _by("queue", "ars_queue_tick_age_seconds", "Since a worker took the queue's last sign of life.", ages)
    yield _by("queue", "ars_queue_lag_seconds", "How long that lay in the queue.", lags)
    sent = max((tick.sent_at.timestamp() for tick in ticks), default=0)
    yield _gauge("ars_beat_last_tick_timestamp_seconds", "When beat sent the last sign of life that was taken.", sent)
    at = QueueCount.objects.aggregate(at=Max("counted_at"))["at"]
    yield _gauge("ars_counted_timestamp_seconds", "When counters were last counted.", at.timestamp() if at else 0)


def _broker() -> Iterator[Metric]:
    try:
        lengths = broker.lengths()
    except broker.AwayError:
        lengths = {}
    waiting = {queue: float(length) for queue, length in lengths.items()}
    yield _gauge("ars_broker_up", "1 while the broker answers.", float(bool(lengths)))
    yield _by("queue", "ars_queue_length", "Messages that wait in the broker.", waiting)
