"""The tank and the words beside it, for everything a printer can say of a supply."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.utils.html import strip_tags

from ars.account.tanks import Supply, Tank
from orders import words
from orders.clock import Clock
from printers.models import Slot
from printers.supplies import SupplyState
from tests.factories import NOW


def draw(tank: Tank) -> str:
    return render_to_string("components/tank.html", {"tank": tank})


SLOT = Slot(name="Cyan", code="C", colorant="c", low_threshold=15, consumable=True)


def supply(level: int | None, *, last: int | None = None, days: float = 0, **state: Any) -> Supply:
    known: dict[str, Any] = {"low": level is not None and level <= 15, "genuine": True, "serial_number": None}
    known |= {"jumped": False, "replenishment": "none"} | state
    at = NOW - timedelta(days=days)
    now_known = SupplyState(at=at, level=level, last_level=level if last is None else last, **known)
    return Supply(SLOT, now_known, Clock(NOW))


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (supply(64), "64\u00a0% left. We order at 15\u00a0%."),
        (supply(9), "9\u00a0% left. We order at 15\u00a0%."),
        (supply(40, low=True), "40\u00a0% left, and the printer says that it is low."),
        (supply(None, low=True), "Low, says the printer. It does not say how much is left."),
        (supply(None, last=30), "30\u00a0% when last measured; the printer cannot say how much now."),
        (supply(None), "Some left; the printer cannot say how much."),
        (supply(18, days=9), "18\u00a0% on Sat 14 Nov; no reading since."),
        (replace(supply(100), coarse=True), "Full. This printer reports three steps."),
        (replace(supply(10), coarse=True), "Low. This printer reports three steps."),
        (replace(supply(100, low=True), coarse=True), "Low. This printer reports three steps."),
        (replace(supply(0), coarse=True), "Almost empty. This printer reports three steps."),
        (replace(supply(10, days=9), coarse=True), "Low on Sat 14 Nov; no reading since."),
        (
            replace(supply(None, last=1), coarse=True),
            "Almost empty when last measured; the printer cannot say how much now.",
        ),
        (Supply(SLOT, None, Clock(NOW)), "No reading yet."),
        (Supply(Slot(consumable=False), None, Clock(NOW)), words.NOT_IN_PLAN),
    ],
)
def test_a_level_is_told_in_words(found: Supply, sentence: str) -> None:
    assert found.sentence == sentence


@pytest.mark.parametrize(
    ("found", "spoken"),
    [
        (supply(64), "Cyan, 64 percent"),
        (supply(9), "Cyan, 9 percent, low"),
        (supply(None), "Cyan, level not known"),
        (replace(supply(1), coarse=True), "Cyan, Almost empty"),
    ],
)
def test_the_picture_can_be_heard(found: Supply, spoken: str) -> None:
    assert found.spoken == spoken


@pytest.mark.parametrize(
    ("found", "pill"),
    [
        (supply(64), None),
        (supply(9), words.LOW),
        (supply(9, replenishment="on_order"), words.ON_ORDER),
        (supply(9, replenishment="waiting"), words.LOW),
        (supply(64, replenishment="on_order"), None),
        (supply(9, genuine=False), words.NOT_RECOGNISED),
    ],
)
def test_a_pill_says_what_to_know(found: Supply, pill: words.State | None) -> None:
    assert found.pill == pill


def test_ink_stands_as_high_as_its_level() -> None:
    tank = Tank(code="C", ink="c", level=12, mark=15)
    assert (tank.top, tank.height, tank.mark_at) == ("80.4", "9.6", "78.0")


@pytest.mark.parametrize(("level", "top", "height"), [(0, "90.0", "0.0"), (100, "10.0", "80.0")])
def test_a_tank_is_neither_overfull_nor_below_empty(level: int, top: str, height: str) -> None:
    tank = Tank(code="C", ink="c", level=level, mark=15)
    assert (tank.top, tank.height) == (top, height)


@pytest.mark.parametrize(("level", "at"), [(9, "26.0"), (75, "26.0"), (80, "46.0"), (100, "30.0"), (None, "26.0")])
def test_letters_never_stand_on_the_surface(level: int | None, at: str) -> None:
    assert Tank(code="C", ink="c", level=level, mark=15).code_at == at


@pytest.mark.parametrize(("level", "filled"), [(100, 3), (10, 2), (1, 1), (0, 1)])
def test_a_printer_of_steps_fills_blocks_and_draws_no_line(level: int, filled: int) -> None:
    drawn = draw(replace(supply(level), coarse=True).tank)
    assert [len(re.findall(shape, drawn)) for shape in ('tank-block[ "]', "tank-block-full", "tank-ink")] == [
        3,
        filled,
        filled,
    ]
    assert "tank-level" not in drawn
    assert "tank-mark" not in drawn


def test_blocks_are_filled_from_below() -> None:
    bands = [("c", "9.0", "30.0")]
    assert Tank(code="C", ink="c", level=10, mark=15, steps=2).blocks == [(65, bands), (39, bands), (13, [])]


@pytest.mark.parametrize(
    ("found", "said"), [(supply(None), "some"), (Supply(SLOT, None, Clock(NOW)), "?"), (supply(64), "")]
)
def test_a_hatched_tank_says_what_is_known(found: Supply, said: str) -> None:
    drawn = draw(found.tank)
    assert strip_tags(drawn).split() == [*([said] if said else []), "C"]
    assert ("url(#hatch)" in drawn) is bool(said)


def test_three_colours_in_one_cartridge_are_three_bands() -> None:
    bands = Tank(code="COLOR", ink="cmy", level=50, mark=15).bands
    assert bands == [("c", "6.0", "12.0"), ("m", "18.0", "12.0"), ("y", "30.0", "12.0")]


@pytest.mark.parametrize(
    ("found", "faded"),
    [(supply(64), False), (supply(64, days=5), True), (supply(None, last=30), True), (supply(64, days=3.9), False)],
)
def test_an_old_picture_is_faded(found: Supply, faded: bool) -> None:
    assert found.tank.faded is faded
