"""Read by Python at its start, where a process may be told a wrong time: its sleeps do not go through libfaketime.

Told to leave the monotonic clock alone, libfaketime 0.9.10 refuses every sleep on it ("Invalid argument"), which is how
time.sleep() sleeps.
"""

import select
import time
from typing import SupportsIndex


def sleep(seconds: float | SupportsIndex, /) -> None:
    """The same, by another call."""
    if float(seconds) < 0:
        raise ValueError("sleep length must be non-negative")
    select.select((), (), (), float(seconds))


time.sleep = sleep
