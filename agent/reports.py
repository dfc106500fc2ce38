"""What is told to the service of a reading: the body of `POST /api/v1/telemetry`. Pure."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import datetime, timezone
from typing import Any

from agent.supplies import LOW_REASONS, Reading, Supply

MOST_SUPPLIES, MOST_REASONS = 32, 64
MOST_INDEX = 65_535


def report(reading: Reading, at: float) -> dict[str, Any]:
    """The body of a report of what was read at `at`, seconds since 1970; what fills instead of empties is left out.

    A colour that two supplies share tells them apart no longer: it is left out, and their names have to do.
    """
    colours = Counter(supply.colorant.lower() for supply in reading.consumed)
    supplies = [_supply(each, colours[each.colorant.lower()] == 1) for each in reading.consumed[:MOST_SUPPLIES]]
    return {
        "message_id": str(uuid.uuid4()),
        "observed_at": rfc3339(at),
        "state_reasons": reading.state_reasons[:MOST_REASONS],
        "supplies": supplies,
    }


def _supply(supply: Supply, tell_colour: bool) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": supply.name,
        "colorant": supply.colorant if tell_colour else "",
        "type": supply.type,
        "class": supply.class_,
        "index": supply.index if supply.index is not None and 0 <= supply.index <= MOST_INDEX else None,
        "low": supply.low,
    }
    return {"level": supply.level, **{name: value for name, value in told.items() if value not in ("", None)}}


def lows(reading: Reading) -> list[str]:
    """What the printer calls low, to tell a crossing from what is known."""
    named = [f"{each.index} {each.name}" for each in reading.consumed if each.low or each.level == 0]
    return sorted([*named, *LOW_REASONS.intersection(reading.state_reasons)])


def rfc3339(at: float) -> str:
    """A time as the contract has it."""
    moment = datetime.fromtimestamp(at, timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
