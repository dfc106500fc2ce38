"""Which model a printer means by what it calls itself."""

import pytest

from enrollment.recognition import models_of
from tests.factories.printers import PrinterModelFactory

pytestmark = pytest.mark.django_db
CATALOGUE = ("TR8620", "TR8620a", "TR150", "PRO-200", "MF262dw II", "MF264dw", "MF264dw II", "MF445dw", "TS6320")


@pytest.fixture(autouse=True)
def _catalogue() -> None:
    for name in CATALOGUE:
        PrinterModelFactory.create(name=name)


@pytest.mark.parametrize(
    ("called", "meant"),
    [
        ("Canon TR8620", ["TR8620"]),
        ("canon tr8620a series", ["TR8620a"]),
        ("MFG:Canon;CMD:URF;MDL:TR8620;CLS:PRINTER;", ["TR8620"]),
        ("PIXMA PRO-200", ["PRO-200"]),
        ("Canon PRO 200 series", ["PRO-200"]),
        ("Canon PRO200", ["PRO-200"]),
        ("Canon MF264dw", ["MF264dw"]),
        ("Canon imageCLASS MF264dw II", ["MF264dw II"]),
        ("Canon TR8600 series", ["TR8620", "TR8620a"]),
        ("Canon TS6300 series", ["TS6320"]),
        ("Canon MF440 Series", ["MF445dw"]),
        ("Canon TR1500", []),
        ("Canon TR8600", []),
        ("Canon TS8430 series", []),
        ("HP OfficeJet 8620", []),
        ("", []),
        ("series", []),
    ],
)
def test_a_model_is_named_or_its_series_is_or_we_do_not_know_it(called: str, meant: list[str]) -> None:
    assert [model.name for model in models_of(called)] == meant
