"""Waiting for something another thread or process does, with a deadline instead of hope."""

import time
from collections.abc import Callable


def eventually(happens: Callable[[], bool], seconds: float = 60.0) -> bool:
    """True as soon as it happens, False when it has not within the time."""
    deadline = time.monotonic() + seconds
    while not (answer := happens()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return answer
