"""Whether work is done: beat sends, workers of each queue take, and nothing has waited for long."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

from ars.celery import app
from ars.doctor.findings import Finding, ok, trouble
from ars.models import Tick
from ars.stuck import SETTLES_WITHIN, WORK, stuck
from ars.timetable import QUEUES, TICK_SECONDS
from ars.watch import broker

SILENT = timedelta(seconds=8 * TICK_SECONDS)
WORKERS_SECONDS = 3.0  # a worker that is alive answers at once, whatever it is at
HELP = {
    "lowsignal": "Are there workers of the queue celery? Each failure is in the log under its trace.",
    "charge": "Is Stripe reachable, and are there workers of the queue outside?",
    "message": "Does the mail server take mails, and are there workers of the queue outside?",
}


def workers() -> Iterator[Finding]:
    """Who takes from which queue, as the workers themselves say."""
    try:
        with broker.connected():
            pass
    except broker.AwayError:
        yield trouble("Workers cannot be asked: the broker does not answer.", "Mend the broker first.")
        return
    heard = app.control.inspect(timeout=WORKERS_SECONDS).active_queues() or {}
    served = {queue["name"] for queues in heard.values() for queue in queues}
    for queue in QUEUES:
        if queue.name in served:
            yield ok(f"A worker takes from the queue {queue.name}.")
        else:
            told = f"No worker takes from the queue {queue.name}: {_waits(queue.name)}"
            yield trouble(told, f"Start one: celery -A ars.celery worker --queues {queue.name}")


def _waits(queue: str) -> str:
    return "charges, mails and webhooks wait." if queue == "outside" else "nothing is decided and nothing ordered."


def beat() -> Iterator[Finding]:
    """By its signs of life, which workers write down."""
    now, latest = timezone.now(), Tick.objects.order_by("sent_at").last()
    do = "Start it, one only: celery -A ars.celery beat. If workers are missing too, start them first: they note it."
    if latest is None:
        yield trouble("Beat has never been heard of.", do)
    elif now - latest.sent_at > SILENT:
        since = int((now - latest.sent_at) / timedelta(minutes=1))
        told = f"Beat has not been heard of for {since} minutes: what no request wakes, waits."
        yield trouble(told, do)
    else:
        yield ok("Beat is alive.")


def waiting() -> Iterator[Finding]:
    """What should have been done by now."""
    now, found = timezone.now(), False
    for model in WORK:
        if count := stuck(model, now).count():
            found, minutes = True, SETTLES_WITHIN // timedelta(minutes=1)
            name = model._meta.verbose_name if count == 1 else model._meta.verbose_name_plural
            told = f"{count} {name} {'has' if count == 1 else 'have'} waited for over {minutes} minutes."
            yield trouble(told, HELP[str(model._meta.model_name)])
    if not found:
        yield ok("Nothing waits longer than it should.")
