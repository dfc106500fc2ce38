"""The rules, row by row: facts in, one verdict out."""

from dataclasses import replace
from typing import Any

import pytest

from orders.decisions import FINAL, RULES, WAITING, Facts, Kind, decide, told
from tests.factories.printers import NOW

LOW = Facts(
    name="Black",
    consumable=True,
    plan_active=True,
    sku="PGI-280XL-PGBK",
    priced=True,
    genuine=True,
    paused=False,
    low=True,
    level=9,
    threshold=15,
    said_low=False,
    skip_next=False,
    spares=0,
    ask_first=False,
    confirmed=True,
    observed_at=NOW,
)


@pytest.mark.parametrize(
    ("change", "kind", "reason"),
    [
        ({}, "ordered", "Black was at 9 %, at or below this printer's mark of 15 %. PGI-280XL-PGBK was ordered."),
        (
            {"level": 40, "said_low": True},
            "ordered",
            "Black was at 40 %, and the printer says it is low. PGI-280XL-PGBK was ordered.",
        ),
        ({"level": None, "said_low": True}, "ordered", "Black was low, says the printer. PGI-280XL-PGBK was ordered."),
        ({"genuine": None}, "ordered", None),
        ({"consumable": False}, "not_consumable", "Black fills up instead of running out. It is not part of the plan."),
        ({"plan_active": False}, "not_enrolled", None),
        ({"sku": None}, "unknown_supply", "We do not know yet which cartridge fits Black. A person is finding out."),
        (
            {"priced": False},
            "unknown_supply",
            "PGI-280XL-PGBK for Black has no price yet, so it is not ordered until it has one.",
        ),
        (
            {"genuine": False},
            "not_genuine",
            "The printer does not recognise the Black cartridge, so it is not reordered by itself.",
        ),
        ({"paused": True}, "paused", None),
        (
            {"low": False, "level": None},
            "level_unknown",
            "The printer cannot say how much Black is left, and does not say low.",
        ),
        (
            {"jumped_to": 100},
            "level_unknown",
            "Black was at 9 %, at or below this printer's mark of 15 %, and is at 100 % now. The next report tells.",
        ),
        ({"jumped_to": 100, "paused": True}, "paused", None),
        ({"skip_next": True}, "skipped", None),
        ({"spares": 1}, "spare_on_hand", None),
        ({"ask_first": True}, "asking", None),
        ({"confirmed": False}, "to_confirm", None),
    ],
)
def test_each_row_of_the_table(change: dict[str, Any], kind: str, reason: str | None) -> None:
    verdict = decide(replace(LOW, **change))
    assert verdict is not None
    assert verdict.kind == kind
    assert reason in (None, verdict.reason)


def test_a_supply_that_is_not_low_any_more_is_no_decision() -> None:
    assert decide(replace(LOW, low=False, level=40)) is None


def test_what_keeps_us_from_ordering_uses_up_neither_skip_nor_spare() -> None:
    wish = replace(LOW, skip_next=True, spares=2)
    verdicts = [
        decide(cause) for cause in (replace(wish, paused=True), replace(wish, genuine=False), replace(wish, sku=None))
    ]
    assert [verdict.kind for verdict in verdicts if verdict] == ["paused", "not_genuine", "unknown_supply"]


def test_a_skip_goes_before_a_spare_and_both_before_asking() -> None:
    verdict = decide(replace(LOW, skip_next=True, spares=1, ask_first=True, confirmed=False))
    assert verdict is not None
    assert verdict.kind == "skipped"


def test_every_kind_is_waiting_final_or_none_of_both() -> None:
    assert WAITING | FINAL | {Kind.NOT_CONSUMABLE, Kind.STALE, Kind.UNDECIDED} == set(Kind)
    assert not WAITING & FINAL
    assert {kind for kind, _, _ in RULES} == set(Kind) - {Kind.UNDECIDED, Kind.STALE}


@pytest.mark.parametrize(
    ("kind", "open_line", "word"),
    [
        ("undecided", False, "deciding"),
        ("ordered", True, "on_order"),
        ("ordered", False, "none"),
        ("skipped", False, "none"),
        ("paused", False, "waiting"),
        ("not_consumable", False, "none"),
    ],
)
def test_the_printer_is_told_one_of_four_words(kind: str, open_line: bool, word: str) -> None:
    assert told(kind, open_line=open_line) == word
