"""Runs functions at the same moment in threads of their own, each on its own database connection."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection


class Players:
    """Threads with a database connection each, that act at the same moment as often as they are asked to."""

    def __init__(self, count: int) -> None:
        self._pool, self._barrier, self._count = ThreadPoolExecutor(count), Barrier(count), count

    def __enter__(self) -> "Players":
        self.act([_connect] * self._count)
        return self

    def __exit__(self, *_: object) -> None:
        self.act([_disconnect] * self._count)
        self._pool.shutdown()

    def act(self, acts: Iterable[Callable[[], Any]]) -> list[Any]:
        """One act for each thread: what it returned, or the exception it raised."""
        return [future.result(60) for future in [self._pool.submit(self._run, act) for act in acts]]

    def _run(self, act: Callable[[], Any]) -> Any:
        self._barrier.wait(30)
        return outcome(act)


def _connect() -> None:
    connection.ensure_connection()  # this thread's own


def _disconnect() -> None:
    connection.close()


READY: dict[int, Players] = {}  # by their number; a new connection costs far more than what most races do on it


def race(*contenders: Callable[[], Any]) -> list[Any]:
    """Start all at once; what each returned, or the exception it raised."""
    if len(contenders) not in READY:
        READY[len(contenders)] = Players(len(contenders)).__enter__()
    return READY[len(contenders)].act(contenders)


def go_home() -> None:
    """Whoever raced in this test does so in no other."""
    while READY:
        READY.popitem()[1].__exit__()


def somebody_waits_for_us() -> bool:
    """Whether what this thread's transaction has locked is wanted by another."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
        )
        return bool(cursor.fetchone()[0])


def outcome(act: Callable[[], Any]) -> Any:
    """What it returned, or the exception it raised."""
    try:
        return act()
    except Exception as error:  # noqa: BLE001 - a contender's failure is its outcome, and the test looks at it
        return error


def errors(outcomes: Sequence[Any]) -> list[Exception]:
    """The outcomes that are exceptions."""
    return [outcome for outcome in outcomes if isinstance(outcome, Exception)]
