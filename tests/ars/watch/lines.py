"""What is logged, as production writes it: read back line by line."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ars.watch.logs import formatter


class Lines:
    """All lines written meanwhile."""

    def __init__(self, written: io.StringIO) -> None:
        self._written = written

    @property
    def text(self) -> str:
        return self._written.getvalue()

    @property
    def all(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]

    def of(self, trace: str) -> list[str]:
        """The words of the lines about a trace, in order."""
        return [line["event"] for line in self.all if line.get("trace") == trace]


@contextmanager
def logged() -> Iterator[Lines]:
    """Everything that any logger says from INFO on, the way production says it."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(formatter(debug=False))
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield Lines(written)
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
