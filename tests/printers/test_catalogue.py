"""The catalogue: what it holds, what loading it twice does, and what that must never undo."""

from pathlib import Path

import pytest

from orders import pricelist
from orders.models import Price
from printers import catalogue
from printers.models import PrinterModel, Series, Sku, Slot, SlotAlias, SlotSku
from tests.factories.printers import NOW, LowSignalFactory, SkuFactory, SlotAliasFactory, SlotFactory
from tests.printers.sheets import command, copy_sheets, edit

pytestmark = pytest.mark.django_db


@pytest.fixture
def sheets(tmp_path: Path) -> Path:
    return copy_sheets(tmp_path)


def slot_of(model: str, code: str) -> Slot:
    return Slot.objects.get(model__name=model, code=code)


def fits(slot: Slot) -> dict[str, str]:
    return {fit.size: fit.sku.code for fit in slot.fits.select_related("sku")}


def slot_for(model: str, **described: str) -> str | None:
    """The slot a printer means that describes a supply so."""
    ((kind, text),) = described.items()
    key = catalogue.alias_key(kind, text)
    return SlotAlias.objects.filter(model__name=model, key=key).values_list("slot__code", flat=True).first()


def test_the_sheets_hold_every_eligible_model() -> None:
    catalogue.load()
    sizes = {series.name: series.models.count() for series in Series.objects.all()}
    assert sizes == {"PIXMA": 22, "imageCLASS": 47, "imagePROGRAF": 3}


def test_each_series_has_its_way_to_enrol() -> None:
    catalogue.load()
    assert dict(Series.objects.values_list("slug", "enrollment_path")) == {
        "pixma": "download",
        "imageclass": "instructions",
        "imageprograf": "download",
    }


def test_what_staff_chose_stays_when_the_sheets_are_loaded_again() -> None:
    catalogue.load()
    Series.objects.filter(slug="pixma").update(enrollment_path="instructions")
    PrinterModel.objects.filter(slug="pro-200").update(picture="photo")
    catalogue.load()
    assert Series.objects.get(slug="pixma").enrollment_path == "instructions"
    assert PrinterModel.objects.get(slug="pro-200").picture == "photo"


def test_a_model_has_the_slots_of_its_family_in_order() -> None:
    catalogue.load()
    expected = {
        "TR8620": "PGBK BK C M Y",
        "TS8322": "PGBK BK C M Y PB",
        "PRO-200": "BK GY LGY C M Y PC PM",
        "TS5320": "K COLOR",
        "MF269dw II": "K",
        "MF743Cdw": "K C M Y",
        "PRO-300": "MBK PBK C M Y PC PM R GY CO",
        "TC-20M": "BK C M Y",
    }
    listed = {name: Slot.objects.filter(model__name=name).values_list("code", flat=True) for name in expected}
    assert {name: " ".join(codes) for name, codes in listed.items()} == expected


def test_a_slot_takes_both_sizes_where_they_are_made() -> None:
    catalogue.load()
    assert fits(slot_of("TR8620", "PGBK")) == {"standard": "PGI-280-PGBK", "high": "PGI-280XL-PGBK"}
    assert fits(slot_of("MF445dw", "K")) == {"standard": "CRG-057", "high": "CRG-057H"}
    assert fits(slot_of("D1620", "K")) == {"standard": "CRG-121"}


def test_models_of_one_family_share_their_cartridges() -> None:
    catalogue.load()
    assert SlotSku.objects.filter(sku__code="CLI-281-C").count() == 14
    assert Sku.objects.get(code="CLI-281XL-C").name == "CLI-281XL Cyan"


def test_no_mapping_is_taken_for_confirmed_and_its_source_is_kept() -> None:
    catalogue.load()
    assert not Slot.objects.filter(mapping_confirmed=True).exists()
    assert PrinterModel.objects.get(name="TR8620").supply_source == "weak-source-blog"


def test_every_cartridge_gets_a_demo_price_that_says_so() -> None:
    command()
    assert Price.objects.filter(is_demo=True).count() == Sku.objects.count()
    assert Price.objects.get(sku__code="PGI-280XL-PGBK").amount_cents == 2499


def test_the_command_says_what_it_did() -> None:
    lines = command()
    assert lines[0] == "72 eligible models (22 PIXMA, 47 imageCLASS, 3 imagePROGRAF), 221 slots."
    assert "72 models added" in lines[1]
    assert lines[2] == "The prices added are demo prices: made up for trying things, not an offer."
    assert lines[3] == "221 slots wait for a person to confirm which cartridge fits."


def test_a_second_load_changes_nothing() -> None:
    command()
    assert command()[1] == "0 changes."


def test_a_printer_may_call_a_slot_by_other_names() -> None:
    catalogue.load()
    assert slot_for("TR8620", name="Pigment Black") == "PGBK"
    assert slot_for("TR8620", name="PGI-280 PGBK") == "PGBK"
    assert slot_for("TR8620", part="pgi280xlpgbk") == "PGBK"
    assert slot_for("TR8620", part="CLI-281XXL M") == "M"
    assert slot_for("TR8620", colorant="Yellow") == "Y"


def test_a_name_that_means_two_slots_or_none_means_no_slot() -> None:
    catalogue.load()
    assert slot_for("TR8620", colorant="black") is None  # two slots draw black
    assert slot_for("TR8620", name="Waste tank") is None


def test_a_toner_is_known_under_each_size_and_both() -> None:
    catalogue.load()
    names = ["Canon Cartridge 057/057H", "Canon Cartridge 057H", "CANON cartridge 057", "CRG-057"]
    assert {slot_for("LBP226dw", name=name) for name in names} == {"K"}


def test_a_key_keeps_letters_and_digits_alone() -> None:
    assert catalogue.alias_key("name", " PGI-280 (XL) Pgbk ") == "name:pgi280xlpgbk"


def test_confirming_holds_through_the_next_load() -> None:
    catalogue.load()
    slot = slot_of("TR8620", "C")
    assert catalogue.confirm_mapping(slot)
    assert not catalogue.confirm_mapping(slot)
    assert catalogue.load().total() == 0
    assert slot_of("TR8620", "C").mapping_confirmed


def test_confirming_has_open_signals_of_the_slot_decided_again() -> None:
    waiting = LowSignalFactory.create(due_at=None, slot__mapping_confirmed=False)
    closed = LowSignalFactory.create(due_at=None, slot=waiting.slot, closed_at=NOW, closed_cause="replaced")
    catalogue.confirm_mapping(waiting.slot)
    waiting.refresh_from_db()
    closed.refresh_from_db()
    assert (waiting.due_at, closed.due_at) == (NOW, None)


def test_what_staff_put_into_a_confirmed_slot_stays(sheets: Path) -> None:
    catalogue.load()
    slot = slot_of("TR8620", "C")
    slot.fits.filter(size="high").update(sku=Sku.objects.get(code="CLI-281XL-M"))
    catalogue.confirm_mapping(slot)
    edit(sheets.with_name("families.csv"), "CLI-281-C,CLI-281XL-C", "CLI-999-C,CLI-999XL-C")
    catalogue.load(sheets)
    assert fits(slot) == {"standard": "CLI-281-C", "high": "CLI-281XL-M"}
    assert fits(slot_of("TR8622", "C")) == {"standard": "CLI-999-C", "high": "CLI-999XL-C"}


def test_thresholds_closed_models_and_prices_of_staff_stay() -> None:
    command()
    Slot.objects.filter(code="PGBK").update(low_threshold=25)
    PrinterModel.objects.filter(name="TR8620").update(eligible=False)
    Price.objects.all().delete()
    Price.objects.create(sku=Sku.objects.get(code="CRG-057"), amount_cents=9999, valid_from=NOW)
    assert command()[1] == "102 changes: 102 prices added."
    assert slot_of("TR8620", "PGBK").low_threshold == 25
    assert not PrinterModel.objects.get(name="TR8620").eligible
    assert Price.objects.get(sku__code="CRG-057").amount_cents == 9999


def test_a_model_that_is_gone_from_the_sheet_is_closed_and_keeps_its_cartridges(sheets: Path) -> None:
    catalogue.load()
    edit(sheets, "PIXMA,TR8620,PGI-280/CLI-281,weak-source-blog\n", "")
    assert catalogue.load(sheets) == {"models closed": 1}
    assert not PrinterModel.objects.get(name="TR8620").eligible
    assert fits(slot_of("TR8620", "C")) == {"standard": "CLI-281-C", "high": "CLI-281XL-C"}


def test_a_corrected_cartridge_reaches_slots_nobody_confirmed_and_what_waits_for_them(sheets: Path) -> None:
    catalogue.load()
    waiting = LowSignalFactory.create(slot=slot_of("D1620", "K"), due_at=None)
    other = LowSignalFactory.create(slot=slot_of("TR8620", "C"), due_at=None)
    edit(sheets.with_name("families.csv"), "CRG-121,", "CRG-128,")
    edit(sheets.with_name("families.csv"), ",CRG-121,", ",CRG-128,")
    edit(sheets, "D1620,CRG-121", "D1620,CRG-128")
    edit(sheets, "D1650,CRG-121", "D1650,CRG-128")
    catalogue.load(sheets)
    waiting.refresh_from_db()
    other.refresh_from_db()
    assert fits(waiting.slot) == {"standard": "CRG-128"}
    assert (waiting.due_at, other.due_at) == (NOW, None)


def test_a_slot_that_is_gone_from_the_sheet_stays_without_cartridges(sheets: Path) -> None:
    catalogue.load()
    LowSignalFactory.create(slot=slot_of("TS8320", "PB"))
    edit(sheets, "TS8320,PGI-280/CLI-281 with PB", "TS8320,PGI-280/CLI-281")
    catalogue.load(sheets)
    assert fits(slot_of("TS8320", "PB")) == {}


def test_a_source_that_says_confirmed_confirms(sheets: Path) -> None:
    catalogue.load()
    edit(sheets, "TR8620,PGI-280/CLI-281,weak-source-blog", "TR8620,PGI-280/CLI-281,confirmed: looked in the printer")
    catalogue.load(sheets)
    assert set(Slot.objects.filter(mapping_confirmed=True).values_list("model__name", flat=True)) == {"TR8620"}
    assert catalogue.load(sheets).total() == 0


def test_a_name_given_by_staff_stays_where_the_slot_is_confirmed() -> None:
    catalogue.load()
    slot = slot_of("TR8620", "PGBK")
    catalogue.confirm_mapping(slot)
    SlotAlias.objects.filter(model=slot.model, key="name:black").update(slot=slot)
    SlotAliasFactory.create(slot=slot, key="name:bigblack")
    catalogue.load()
    assert slot_for("TR8620", name="Black") == "PGBK"
    assert slot_for("TR8620", name="Big Black") == "PGBK"


def test_a_colorant_that_comes_to_be_shared_means_no_slot_any_more(sheets: Path) -> None:
    catalogue.load()
    assert slot_for("D1620", colorant="black") == "K"
    with sheets.with_name("families.csv").open("a") as families:
        families.write("CRG-121,K2,Second Black,k,2,10,toner,CRG-122,,\n")
    catalogue.load(sheets)
    assert slot_for("D1620", colorant="black") is None
    assert slot_for("D1620", name="Second Black") == "K2"


def test_a_first_price_has_what_waited_for_it_decided_again(tmp_path: Path) -> None:
    catalogue.load()
    waiting = LowSignalFactory.create(slot=slot_of("D1620", "K"), due_at=None)
    pricelist.load(pricelist.DEFAULT, NOW)
    waiting.refresh_from_db()
    assert waiting.due_at == NOW


def test_slots_of_models_nobody_loaded_are_left_alone() -> None:
    slot = SlotFactory.create(model__name="Other", code="X", mapping_confirmed=False)
    catalogue.load()
    assert Slot.objects.filter(pk=slot.pk, code="X").exists()
    assert not PrinterModel.objects.get(name="Other").eligible


def test_what_is_not_made_any_more_stays_so_when_the_sheets_come_again() -> None:
    catalogue.load()
    old, new = Sku.objects.get(code="CLI-281-C"), SkuFactory.create(code="CLI-999-C")
    catalogue.discontinue(old, new, NOW)
    catalogue.discontinue(Sku.objects.get(code="PGI-280-PGBK"), None, NOW)
    catalogue.load()
    assert fits(slot_of("TR8620", "C"))["standard"] == "CLI-999-C"
    assert slot_for("TR8620", part="CLI-999-C") == "C"
    assert fits(slot_of("TR8620", "PGBK")) == {"high": "PGI-280XL-PGBK"}


def test_a_successor_that_is_the_other_size_stands_once() -> None:
    catalogue.load()
    catalogue.discontinue(Sku.objects.get(code="CLI-281-C"), Sku.objects.get(code="CLI-281XL-C"), NOW)
    assert list(fits(slot_of("TR8620", "C")).values()) == ["CLI-281XL-C"]
