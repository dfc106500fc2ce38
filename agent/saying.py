"""What is said to people and programs, at once: both may be waiting for the next line."""

from __future__ import annotations

import json
import sys
from typing import Any


def say(line: str) -> None:
    """At once, also where a program listens."""
    print(line, flush=True)


def say_json(told: Any) -> None:
    """One document, in ASCII: nobody knows what the other side takes a byte for."""
    say(json.dumps(told, indent=2))


def complain(sentence: str) -> None:
    """To who looks for what went wrong."""
    print(f"ars-agent: {sentence}", file=sys.stderr, flush=True)
