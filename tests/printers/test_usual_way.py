"""What one look takes in one go is what going through supply by supply would make of it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printers import supplies
from printers.models import Printer, Reading, Slot
from tests.printers.device import Device
from tests.printers.model import Report
from tests.printers.test_arrival import Slate
from tests.properties import examples

LEVELS = st.sampled_from([60, 60, 59, 45, 30, 16, 15, 70, 99, None])
SAYS = st.sampled_from([None, None, None, True])
SERIALS = st.sampled_from([None, None, "A"])
REPORTS = st.builds(Report, st.integers(0, 90), level=LEVELS, low=st.none(), genuine=SAYS, serial=SERIALS)
# Each with the minute it is received: before the printer's own, its clock is ahead.
HEARD = st.lists(st.tuples(REPORTS, st.integers(-5, 5)), min_size=2, max_size=6)


@pytest.fixture
def slate(device: Device) -> Slate:
    return Slate(device)


def left(slate: Slate, heard: list[tuple[Report, int]]) -> tuple[Any, ...]:
    """What was answered, what the row says and what is history, but for the ids of signals."""
    slate.wipe()
    answers = [slate.hear(report, timedelta(minutes=max(report.at + after, 0))) for report, after in heard]
    told = [(each["slot"], each["status"], each["replenishment"]) for a in answers for each in a["supplies"]]
    state = {code: kept | {"signal": kept["signal"] is not None} for code, kept in _row().supplies.items()}
    return told, state, _row().seen_at, list(Reading.objects.order_by("observed_at").values())


def _row() -> Printer:
    return Printer.objects.get()


@examples(80)
@given(heard=HEARD)
def test_both_ways_leave_the_same(slate: Slate, heard: list[tuple[Report, int]]) -> None:
    at_once = left(slate, heard)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(supplies, "usual", lambda report, now: None)
        assert left(slate, heard) == at_once


def test_what_staff_say_of_a_slot_counts_at_once(slate: Slate) -> None:
    fine = Report(0, level=40)
    slate.hear(fine)
    assert slate.hear(replace(fine, at=1))["supplies"][0]["status"] == "ok"
    Slot.objects.filter(code="PGBK").update(low_threshold=50)
    assert slate.hear(replace(fine, at=2))["supplies"][0]["status"] == "low"
