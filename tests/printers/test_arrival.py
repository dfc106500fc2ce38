"""Reports that come late, twice and out of order: the SQL against a plain model, and the cases people meet."""

import json
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from django.db import connection
from hypothesis import find, given
from hypothesis import strategies as st

from printers import reports, supplies, tokens
from printers.models import LowSignal, Printer, Slot
from printers.telemetry import ingest
from tests.factories.printers import NOW, SlotAliasFactory
from tests.printers import model
from tests.printers.device import Device
from tests.printers.model import Report
from tests.properties import examples

MONTHS = timedelta(days=3)  # all reports are here by then, and none is too old
LEVELS = st.sampled_from([None, 0, 1, 5, 10, 14, 15, 16, 30, 45, 54, 60, 64, 69, 70, 80, 99, 100])
SAYS = st.sampled_from([None, None, False, True])
SERIALS = st.sampled_from([None, None, None, "A", "B"])
A_REPORT = {
    "fine": st.builds(Report, st.just(0), level=LEVELS, low=SAYS, genuine=SAYS, serial=SERIALS),
    "coarse": st.builds(Report, st.just(0), level=st.sampled_from([100, 10, 1, 0]), low=st.none()),
    "flag": st.builds(Report, st.just(0), level=st.none(), low=SAYS),
}
CHANGES = st.lists(st.sampled_from([(9,), (12, 9), (100, 98), (100,), (64,)]), min_size=1, max_size=4)
STORIES = [*(st.lists(each, min_size=1, max_size=6) for each in A_REPORT.values())]
STORIES += 2 * [CHANGES.map(lambda parts: [Report(0, level=level) for part in parts for level in part])]


@st.composite
def stories(draw: st.DrawFn) -> list[Report]:
    """Some reports of one kind of printer, half an hour apart by its own time."""
    return [replace(report, at=30 * place) for place, report in enumerate(draw(st.one_of(STORIES)))]


@st.composite
def arrivals(draw: st.DrawFn) -> tuple[list[Report], list[Report]]:
    """What a printer said, and in which order it came: one late, or all anyhow; some of it twice."""
    told = draw(stories())
    late = draw(st.integers(-1, len(told) - 1))
    if late >= 0:
        return told, [*told[:late], *told[late + 1 :], told[late]]
    again = draw(st.lists(st.sampled_from(told), max_size=3))
    return told, draw(st.permutations(told + again))


class Slate:
    """A printer with one slot, wiped clean for each example."""

    def __init__(self, device: Device) -> None:
        self.printer, self.token = device.printer, tokens.digest(device.token)

    def wipe(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM printers_reading; DELETE FROM printers_lowsignal")
            cursor.execute("UPDATE printers_printer SET supplies = '{}', seen_at = NULL")

    def hear(self, report: Report, received: timedelta = MONTHS) -> dict[str, Any]:
        said = {"message_id": "m", "observed_at": (NOW + timedelta(minutes=report.at)).isoformat()}
        body = reports.parse(json.dumps(said | {"supplies": [report.sent]}).encode())
        answer = ingest(body, self.token, NOW + received)
        assert answer is not None
        return answer

    def known(self) -> model.Slot:
        """What the printer's row keeps, in the words of the model."""
        kept = Printer.objects.get(pk=self.printer.pk).supplies["PGBK"]
        signal = LowSignal.objects.filter(closed_at=None).first()
        assert (signal.pk if signal else None) == kept["signal"]
        return model.Slot(
            level=kept["level"],
            last=kept["last"],
            low=kept["low"],
            genuine=kept["genuine"],
            serial=kept["serial"],
            jumped=kept["rise"] is not None,
            signal=int((signal.observed_at - NOW).total_seconds()) // 60 if signal else None,
        )


@pytest.fixture
def slate(device: Device) -> Slate:
    return Slate(device)


def seen(slot: model.Slot) -> model.Slot:
    """What the row shows of it."""
    return replace(slot, fine_since=None, replaced=0)


@examples(60)
@given(told=stories())
def test_reports_in_order_leave_what_the_model_says(slate: Slate, told: list[Report]) -> None:
    slate.wipe()
    for count, report in enumerate(told, start=1):
        slate.hear(report)
        assert slate.known() == seen(model.known_after(told[:count]))


def differs(slate: Slate, told: list[Report], arrived: list[Report]) -> str:
    """What is wrong with what is known after reports came in another order; empty when it is as it must be."""
    slate.wipe()
    for report in arrived:
        slate.hear(report)
    known, must = slate.known(), seen(model.known_after(told))
    if [known.level, known.last, known.low, known.serial] != [must.level, must.last, must.low, must.serial]:
        return "another state"
    if known.low and known.signal is None:
        return "low, and nobody is told"
    if known.signal is not None and must.signal is None:
        return "replaced, and not armed"
    # One whose report came after a newer one is history (`stale`): then it alone may be missing.
    both = known.signal is not None and must.signal is not None
    return "another jump" if both and known.jumped != must.jumped else ""


@examples(120)
@given(story=arrivals())
def test_the_order_of_arrival_changes_neither_levels_nor_what_is_armed(
    slate: Slate, story: tuple[list[Report], list[Report]]
) -> None:
    assert differs(slate, *story) == ""


def low(at: int, level: int | None = 9, **said: Any) -> Report:
    return Report(at, level=level, **said)


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_one_changed_and_low_again_orders_however_its_reports_come(slate: Slate, order: tuple[int, ...]) -> None:
    told = [low(0), Report(30, level=100), Report(60, level=98), low(90)]
    for place in order:
        slate.hear(told[place])
    assert slate.known().signal is not None
    assert LowSignal.objects.exclude(closed_cause="stale").count() == (2 if order[0] == 0 else 1)


def test_a_wrong_rule_is_caught(slate: Slate) -> None:
    """The function as it was wrong: a late report never looks for a new cartridge."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('printers_ingest'::regproc)")
        cursor.execute(cursor.fetchone()[0].replace("replaced := replay.replaced IS NOT NULL", "replaced := false"))
    found = find(arrivals(), lambda story: differs(slate, *story) != "", settings=examples(500))
    assert differs(slate, *found) == "replaced, and not armed"


def test_a_printer_that_only_says_low_is_armed_again_by_three_weeks_of_not_saying_it(slate: Slate) -> None:
    day = 24 * 60
    for at, says in [(0, True), (day, False), (21 * day, False), (22 * day, True), (23 * day, False), (30 * day, True)]:
        slate.hear(Report(at, low=says), received=timedelta(minutes=at))
    assert list(LowSignal.objects.order_by("pk").values_list("closed_cause", flat=True)) == ["replaced", ""]


def test_a_clock_that_is_ahead_does_not_confirm_its_own_repeat(slate: Slate) -> None:
    slate.hear(low(0), timedelta())
    for minute in (1, 2):
        slate.hear(Report(5000, level=100), timedelta(minutes=minute))
    assert LowSignal.objects.get().closed_at is None
    slate.hear(Report(5001, level=100), timedelta(minutes=3))
    assert LowSignal.objects.get().closed_cause == "replaced"


def test_what_a_report_leaves_out_is_as_it_was(slate: Slate) -> None:
    slate.hear(low(0, genuine=False, serial="A"))
    slate.hear(low(1))
    assert (slate.known().genuine, slate.known().serial) == (False, "A")
    slate.hear(low(2, serial="B"))
    assert slate.known().genuine is None


def test_a_report_from_before_the_customers_word_orders_nothing_after_it(slate: Slate, device: Device) -> None:
    slate.hear(low(0))
    supplies.replaced(device.printer.pk, device.slot(), NOW + timedelta(minutes=10))
    for report in (low(5), low(20, level=9)):  # one on its way, and a low that only goes on
        slate.hear(report)
    assert slate.known().signal is None
    slate.hear(low(30, level=8))
    assert slate.known().signal == 30


def test_after_the_customers_word_the_next_low_counts_once_it_was_fine(slate: Slate, device: Device) -> None:
    slate.hear(low(0, None, low=True))
    supplies.replaced(device.printer.pk, device.slot(), NOW + timedelta(minutes=10))
    for at, says in ((20, True), (30, False), (40, True)):
        slate.hear(Report(at, low=says))
    assert slate.known().signal == 40


@pytest.mark.parametrize(("part", "confirmed"), [("PGI-280 PGBK", True), ("CLI-281", False)])
def test_a_printer_that_names_the_part_number_we_list_confirms_it(device: Device, part: str, confirmed: bool) -> None:
    Slot.objects.update(mapping_confirmed=False)
    SlotAliasFactory.create(slot=device.slot(), key="part:pgi280pgbk")
    device.send({"slot": "PGBK", "level": 64, "part_number": part})
    assert device.slot().mapping_confirmed is confirmed
    assert not device.slot("C").mapping_confirmed


KINDS = [
    ({}, True),
    ({"type": "ink-tank"}, True),
    ({"type": "opc"}, False),
    ({"type": "waste-ink"}, False),
    ({"type": "inkCartridge", "class": "receptacleThatIsFilled"}, False),
]


@pytest.mark.parametrize(("kind", "found"), KINDS)
def test_only_what_holds_ink_is_known_by_its_colour(device: Device, kind: dict[str, str], found: bool) -> None:
    SlotAliasFactory.create(slot=device.slot("C"), key="colorant:cyan")
    answer = device.send({"colorant": "cyan", "level": 9} | kind).json()
    assert (answer["supplies"][0]["status"] == "low") is found
