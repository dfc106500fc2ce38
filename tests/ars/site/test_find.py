"""Finding a printer by what people type."""

import pytest

from ars.site.find import LONGEST, find
from printers.models import PrinterModel, Series

PIXMA, CLASS = Series(pk=1, name="PIXMA"), Series(pk=2, name="imageCLASS")
NAMES = {"TR8620": PIXMA, "TR8620a": PIXMA, "TR8622": PIXMA, "TR152": PIXMA, "MF264dw": CLASS, "MF264dw II": CLASS}
MODELS = [PrinterModel(pk=pk, name=name, series=series) for pk, (name, series) in enumerate(NAMES.items(), 1)]


def names(models: tuple[PrinterModel, ...]) -> list[str]:
    return [model.name for model in models]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("TR8620", ["TR8620"]),
        ("tr 8620", ["TR8620"]),
        ("pixma tr-8620", ["TR8620"]),
        ("my TR8620 at home", ["TR8620"]),
        ("mf264dw ii", ["MF264dw II"]),
        ("Brand imageCLASS MF264dw II", ["MF264dw II"]),
        ("862", ["TR8620", "TR8620a", "TR8622"]),
        ("imageclass", ["MF264dw", "MF264dw II"]),
        ("LaserJet", []),
        ("", []),
        ("---", []),
    ],
)
def test_a_printer_is_found_by_its_name_or_a_part_of_it(typed: str, meant: list[str]) -> None:
    assert names(find(typed, MODELS).matches) == meant


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("TR8521", ["TR8620", "TR8622", "TR8620a", "TR152"]),
        ("RT8620", ["TR8620", "TR8620a", "TR8622"]),
        ("LaserJet", []),
        ("TR8620", []),
    ],
)
def test_what_means_none_has_neighbours(typed: str, near: list[str]) -> None:
    assert names(find(typed, MODELS).near) == near


def test_only_one_is_meant_when_there_is_no_doubt() -> None:
    assert find("TR8620", MODELS).only == MODELS[0]
    assert find("TR86", MODELS).only is None


def test_of_a_long_text_the_beginning_is_looked_at() -> None:
    assert len(find("x" * 100_000, MODELS).typed) == LONGEST
