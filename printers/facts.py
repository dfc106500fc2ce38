"""Facts other apps act on: rows that carry `due_at`, how a sweep claims them, and the nudge that wakes one early.

Work is found by query, never only by message: a lost nudge, broker or worker delays a fact, and loses nothing.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from celery import current_app
from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from printers import tracing

log = logging.getLogger(__name__)

BATCH = 100
LEASE = timedelta(seconds=60)
SWEEP_SECONDS = 20


class Refused(Exception):
    """A rule says no. The text is a sentence for the person or partner who asked; `code` names the rule."""

    def __init__(self, sentence: str, code: str = "refused") -> None:
        super().__init__(sentence)
        self.code = code


class Fact(models.Model):
    """A row somebody to the right must act on: due from `due_at` on, done when it is NULL."""

    due_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


def due_index(table: str, key: str = "id") -> models.Index:
    """The partial index that makes an empty sweep one probe and a claim one short walk, however many rows exist.

    `key` is the primary key: what is due at the same moment is claimed in the order in which it was written.
    """
    return models.Index(fields=["due_at", key], condition=models.Q(due_at__isnull=False), name=f"{table}_due")


def claim(facts: type[Fact], *, now: datetime, lease: timedelta, limit: int) -> list[int]:
    """Take up to `limit` due facts for `lease`; others skip them, and a crash gives them back when it runs out."""
    with transaction.atomic():
        due = facts._default_manager.filter(due_at__lte=now).order_by("due_at", "pk")  # as the index has them
        taken = list(due.select_for_update(skip_locked=True).values_list("pk", flat=True)[:limit])
        if taken:
            facts._default_manager.filter(pk__in=taken).update(due_at=now + lease)
    return taken


def sweep(facts: type[Fact], act: Callable[[list[int], datetime], object]) -> int:
    """Claim facts a batch at a time and `act` on them until none is due or the time is up; how many were done.

    For pure database work. A fact is done when `act` returns and nobody made it due again meanwhile. A batch that
    fails is acted on one by one, so that one bad row holds up no other; the bad one comes back after its lease.
    """
    started, done = time.monotonic(), 0
    while time.monotonic() - started < SWEEP_SECONDS:
        now = timezone.now()
        taken = claim(facts, now=now, lease=LEASE, limit=BATCH)
        if not taken:
            break
        acted = _act(act, taken, now)
        facts._default_manager.filter(pk__in=acted, due_at=now + LEASE).update(due_at=None)
        done += len(acted)
    return done


def _act(act: Callable[[list[int], datetime], object], taken: list[int], now: datetime) -> list[int]:
    """The facts that were acted on without an error."""
    try:
        act(taken, now)
        return taken
    except Exception:
        if len(taken) == 1:
            log.exception("%s failed for fact %s; it is tried again after its lease", act.__name__, taken[0])
            return []
    return [pk for pk in taken if _act(act, [pk], now)]


def nudge(fact: str) -> None:
    """Wake the sweep that acts on `fact` once this transaction commits. Never raises, never waits."""
    cause = tracing.current()
    transaction.on_commit(lambda: _publisher.wake(settings.NUDGES[fact], cause), robust=True)


@contextmanager
def without_nudges() -> Iterator[None]:
    """Nobody is woken meanwhile: for a process that sweeps by itself, and whose facts are no business of workers."""
    _publisher.silent = True
    try:
        yield
    finally:
        _publisher.silent = False


class _Publisher:
    """One thread a process that tells the broker; a slow or dead broker never holds up the caller."""

    def __init__(self) -> None:
        self.silent = False
        self._waiting: dict[str, str] = {}  # task: the id of who wakes it, the first of many
        self._wakeup = threading.Condition()
        self._thread: threading.Thread | None = None

    def wake(self, task: str, cause: str) -> None:
        if self.silent:
            return
        with self._wakeup:
            self._waiting.setdefault(task, cause)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="nudges", daemon=True)
                self._thread.start()
            self._wakeup.notify()

    def _run(self) -> None:
        while True:
            with self._wakeup:
                self._wakeup.wait_for(lambda: self._waiting)
                tasks, self._waiting = self._waiting, {}
            for task, cause in tasks.items():
                try:
                    current_app.send_task(task, retry=False, expires=60, headers={"woken_by": cause})
                except (OperationalError, OSError) as error:
                    log.info("nudge not sent, the sweep will find it: %s (%s)", task, error)


_publisher = _Publisher()
