"""Runs functions at the same moment in threads of their own, each on its own database connection."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection


def race(*contenders: Callable[[], Any]) -> list[Any]:
    """Start all at once; what each returned, or the exception it raised."""
    barrier = threading.Barrier(len(contenders))
    outcomes: list[Any] = [None] * len(contenders)

    def begin(place: int) -> Any:
        connection.ensure_connection()
        barrier.wait(timeout=60)
        return contenders[place]()

    def run(place: int) -> None:
        outcomes[place] = outcome(lambda: begin(place))
        connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(contenders))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return outcomes


def outcome(act: Callable[[], Any]) -> Any:
    """What it returned, or the exception it raised."""
    try:
        return act()
    except Exception as error:  # noqa: BLE001 - a contender's failure is its outcome, and the test looks at it
        return error


def errors(outcomes: Sequence[Any]) -> list[Exception]:
    """The outcomes that are exceptions."""
    return [outcome for outcome in outcomes if isinstance(outcome, Exception)]
