"""Damaged sheets: each is refused in one sentence that says where, and changes nothing."""

from pathlib import Path

import pytest
from django.core.management import CommandError

from orders import pricelist
from orders.models import Price
from printers import catalogue
from printers.models import PrinterModel, Series
from printers.sheets import BadSheet
from tests.factories.printers import NOW, SkuFactory
from tests.printers.sheets import command, copy_sheets, edit

pytestmark = pytest.mark.django_db


@pytest.fixture
def sheets(tmp_path: Path) -> Path:
    return copy_sheets(tmp_path)


@pytest.mark.parametrize(
    ("sheet", "old", "new", "said"),
    [
        ("catalogue.csv", "PIXMA,TR150", "PIXNA,TR150", "catalogue.csv, row 3, column series: 'PIXNA' is not known."),
        ("catalogue.csv", "TR150,PGI-35", "TR150,PGI-36", "row 3, column family: 'PGI-36/CLI-36' is not known."),
        ("catalogue.csv", "PIXMA,TR152", "PIXMA,tr150", "row 4, column model: tr150 is there twice."),
        ("catalogue.csv", "PIXMA,TR152", "PIXMA,", "row 4, column model: must not be empty."),
        ("catalogue.csv", "PIXMA,TR152", "PIXMA," + "T" * 61, "row 4, column model: must have at most 60 characters."),
        (
            "catalogue.csv",
            "PIXMA,TR152",
            "PIXMA,TR\x00152",
            "row 4, column model: has a character that",
        ),
        ("catalogue.csv", "PIXMA,TR152", "PIXMA,TR152,x", "catalogue.csv, row 4: has 5 cells where the head has 4."),
        ("catalogue.csv", "PIXMA,TR152", 'PIXMA,"TR152', "is not a CSV file"),
        ("catalogue.csv", "series,model", "series,name", "catalogue.csv, row 1: no column named model."),
        (
            "families.csv",
            "CLI-65,BK,Black,k,1,15",
            "CLI-65,BK,Black,k,1,0",
            "row 2, column low_threshold: must be a whole",
        ),
        ("families.csv", "CLI-65,BK,Black,k,1", "CLI-65,BK,Black,k,1.5", "row 2, column position: must be a whole"),
        ("families.csv", "CLI-65,BK,Black,k,1", "CLI-65,BK,Black,q,1", "row 2, column colorant: 'q' is not known."),
        ("families.csv", "CLI-65,GY", "CLI-65,BK", "row 3, column slot: BK is there twice in its family."),
        ("families.csv", "Gray,gy,2", "Gray,gy,1", "row 3, column position: 1 is taken by another slot of the family."),
        (
            "families.csv",
            "ink,CLI-65-GY",
            "ink,CLI-65-BK",
            "row 3, column standard_sku: CLI-65-BK is another cartridge",
        ),
        ("families.csv", "ink,CLI-65-GY", "inc,CLI-65-GY", "row 3, column kind: 'inc' is not known."),
    ],
)
def test_a_damaged_cell_is_named_and_nothing_changes(sheets: Path, sheet: str, old: str, new: str, said: str) -> None:
    edit(sheets.with_name(sheet), old, new)
    with pytest.raises(CommandError) as refused:
        command("--file", str(sheets))
    assert said in str(refused.value)
    assert str(refused.value).endswith("Nothing was changed.")
    assert not Series.objects.exists()


def test_an_empty_sheet_closes_no_model(sheets: Path) -> None:
    catalogue.load()
    sheets.write_text("series,model,family,source\n\n")
    with pytest.raises(CommandError, match=r"catalogue\.csv has no rows below its head\."):
        command("--file", str(sheets))
    assert PrinterModel.objects.filter(eligible=True).count() == 72


def test_a_sheet_that_is_not_there_or_not_text_is_one_sentence(sheets: Path) -> None:
    sheets.write_bytes("PIXMA,TR8620,Grün,x".encode("latin-1"))
    with pytest.raises(CommandError, match="is not UTF-8 text"):
        command("--file", str(sheets))
    sheets.unlink()
    with pytest.raises(CommandError, match="cannot be read: No such file or directory"):
        command("--file", str(sheets))


def test_a_sheet_as_a_spreadsheet_saves_it_is_read(sheets: Path) -> None:
    lines = [f"{line},note" for line in sheets.read_text().splitlines()] + [",,,,"]
    sheets.write_text("\ufeff" + "\r\n".join(lines) + "\r\n", newline="")
    assert catalogue.load(sheets)["models added"] == 72


def test_a_bad_price_takes_the_catalogue_back_too(tmp_path: Path) -> None:
    prices = tmp_path / "prices.csv"
    prices.write_text("sku,price_cents,demo\nCRG-057,8799,yes\nCRG-999,100,yes\n")
    with pytest.raises(
        CommandError, match=r"prices\.csv, row 3, column sku: the catalogue has no cartridge 'CRG-999'\."
    ):
        command("--prices", str(prices))
    assert (Series.objects.count(), Price.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    "row", ["CRG-057,0,yes", "CRG-057,12.50,yes", "CRG-057,8799,", "CRG-057,8799,yes\nCRG-057,1,yes"]
)
def test_a_price_is_cents_once_and_says_whether_it_is_made_up(tmp_path: Path, row: str) -> None:
    SkuFactory.create(code="CRG-057")
    prices = tmp_path / "prices.csv"
    prices.write_text(f"sku,price_cents,demo\n{row}\n")
    with pytest.raises(BadSheet, match=r"prices\.csv, row [23], column (sku|price_cents|demo): "):
        pricelist.load(prices, NOW)
    assert not Price.objects.exists()
