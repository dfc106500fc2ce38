"""How long something may take in all, however many small waits it is made of."""

from __future__ import annotations

import time


class Deadline:
    """A moment by which it must be done."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.at = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds that remain; never less than a thousandth, which no socket takes for `forever`."""
        return max(self.at - time.monotonic(), 0.001)

    @property
    def is_over(self) -> bool:
        """Whether no time is left."""
        return time.monotonic() >= self.at
