"""The catalogue as CSV: out and in again, every difference shown, and every row that cannot be used named."""

import pytest

from printers import catalogue, exchange
from printers.catalogue_tables import MAPPINGS, MODELS, SKUS, SLOTS
from printers.exchange import Outcome, Table
from printers.facts import Refused
from printers.models import PrinterModel, Sku, Slot, SlotAlias, SlotSku
from tests.factories.printers import NOW, LowSignalFactory, PrinterModelFactory, SeriesFactory, SkuFactory

pytestmark = pytest.mark.django_db

TABLES = [MODELS, SKUS, SLOTS, MAPPINGS]


def by_name(table: Table) -> str:
    return table.name


@pytest.fixture
def loaded() -> None:
    catalogue.load()


def look(table: Table, text: str | bytes) -> Outcome:
    return exchange.run(table, text.encode() if isinstance(text, str) else text, NOW)


def do(table: Table, text: str) -> Outcome:
    """Looked at, and then done as it was shown."""
    return exchange.run(table, text.encode(), NOW, look(table, text).seen)


def sheet(table: Table, *rows: str) -> str:
    return "\n".join((",".join(table.columns), *rows))


def small() -> Slot:
    """PIXMA TR1 with a black slot for PG-1."""
    model = PrinterModelFactory.create(name="TR1", slug="tr1", series=SeriesFactory.create(name="PIXMA"))
    slot = Slot.objects.create(model=model, code="K", name="Black", colorant="k", position=1)
    sku = SkuFactory.create(code="PG-1", name="PG-1 Black", kind="ink")
    SlotSku.objects.create(slot=slot, sku=sku, size="standard")
    return slot


# Out and in again


@pytest.mark.parametrize("table", TABLES, ids=by_name)
def test_what_was_taken_out_changes_nothing_when_it_is_brought_in(loaded: None, table: Table) -> None:
    outcome = look(table, exchange.export(table))
    assert (outcome.errors, outcome.differs) == ([], False)
    assert outcome.unchanged == len(list(table.take_out())) > 50


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM", "'=quoted", "'plain", "''=", 'a "b", c'])
def test_no_cell_is_a_formula_and_each_comes_back_as_it_was(name: str) -> None:
    SkuFactory.create(code="PG-1", name=name)
    text = exchange.export(SKUS)
    assert not [cell for cell in text.split("\n")[1].split(",") if cell.startswith(exchange.FORMULA)]
    outcome = look(SKUS, text)
    assert (outcome.errors, outcome.differs) == ([], False)


def test_a_spreadsheet_s_mark_at_the_beginning_is_no_part_of_it() -> None:
    small()
    assert not look(SKUS, b"\xef\xbb\xbf" + exchange.export(SKUS).encode()).errors


# What it shows and does


def test_what_is_added_and_changed_is_shown_before_it_is_done() -> None:
    small()
    text = sheet(SKUS, "PG-1,PG-1 Pigment Black,ink", "PG-2,PG-2 Cyan,ink")
    shown = look(SKUS, text)
    assert shown.added == [{"sku": "PG-2", "name": "PG-2 Cyan", "kind": "ink"}]
    assert shown.changed == [("PG-1", "name", "PG-1 Black", "PG-1 Pigment Black")]
    assert (shown.unchanged, shown.done) == (0, False)
    assert list(Sku.objects.values_list("name", flat=True)) == ["PG-1 Black"]
    assert do(SKUS, text).done
    assert list(Sku.objects.values_list("name", flat=True)) == ["PG-1 Pigment Black", "PG-2 Cyan"]
    assert not look(SKUS, text).differs


def test_a_model_is_closed_and_another_one_added() -> None:
    small()
    outcome = do(MODELS, sheet(MODELS, "PIXMA,TR1,no,", "PIXMA,TR 2,yes,the maker's page"))
    assert outcome.changed == [("TR1", "eligible", "yes", "no")]
    assert list(PrinterModel.objects.values_list("slug", "eligible")) == [("tr-2", True), ("tr1", False)]


def test_a_new_slot_is_known_by_its_names() -> None:
    slot = small()
    do(SLOTS, sheet(SLOTS, "TR1,C,Cyan,c,2,20"))
    added = Slot.objects.get(code="C")
    assert (added.low_threshold, added.mapping_confirmed) == (20, False)
    assert set(SlotAlias.objects.filter(slot=added).values_list("key", flat=True)) == {"name:c", "name:cyan"}
    assert not SlotAlias.objects.filter(slot=slot).exists()


def test_another_cartridge_is_decided_about_at_once_and_confirmed_where_it_says_so() -> None:
    slot = small()
    SkuFactory.create(code="PG-2")
    waiting = LowSignalFactory.create(slot=slot, printer__model=slot.model, due_at=None)
    do(MAPPINGS, sheet(MAPPINGS, "TR1,K,standard,PG-2,no"))
    waiting.refresh_from_db()
    slot.refresh_from_db()
    assert waiting.due_at is not None
    assert (slot.fits.get().sku.code, slot.mapping_confirmed) == ("PG-2", False)
    assert SlotAlias.objects.get(slot=slot).key == "part:pg2"
    outcome = do(MAPPINGS, sheet(MAPPINGS, "TR1,K,standard,PG-2,yes"))
    assert outcome.changed == [("TR1 K standard", "confirmed", "no", "yes")]
    slot.refresh_from_db()
    assert slot.mapping_confirmed


def test_a_change_beside_the_file_s_rows_is_shown_too() -> None:
    """Confirming is of the slot: its other size says so as well."""
    slot = small()
    SlotSku.objects.create(slot=slot, sku=SkuFactory.create(code="PG-1XL"), size="high")
    outcome = look(MAPPINGS, sheet(MAPPINGS, "TR1,K,high,PG-1XL,yes"))
    assert [what for what, *_ in outcome.changed] == ["TR1 K standard", "TR1 K high"]
    assert outcome.unchanged == 0


# What is refused


BAD: list[tuple[Table, str, str]] = [
    (SKUS, "PG-9,,ink", "skus.csv, row 2, column name: must not be empty."),
    (SKUS, "PG-9,Nine,paper", "column kind: 'paper' is not known. It must be one of: ink, toner."),
    (SKUS, f"{'P' * 41},Nine,ink", "column sku: must have at most 40 characters."),
    (SKUS, "PG-9,Ni\x07ne,ink", "column name: has a character that cannot be printed."),
    (SKUS, "PG-9,Nine", "skus.csv, row 2: has 2 cells where the head has 3."),
    (MODELS, "LaserJet,TR9,yes,", "column series: 'LaserJet' is not known. It must be one of: PIXMA."),
    (MODELS, "PIXMA,TR9,maybe,", "column eligible: 'maybe' is not known."),
    (MODELS, "PIXMA,tr1,yes,", "column model: tr1 reads like TR1."),
    (MODELS, "PIXMA,!!!,yes,", "column model: needs letters or digits."),
    (SLOTS, "TR9,K,Black,k,1,15", "column model: the catalogue has no 'TR9'."),
    (SLOTS, "TR1,K,Black,z,1,15", "column colorant: 'z' is not known."),
    (SLOTS, "TR1,K,Black,k,1,100", "column low_threshold: must be a whole number from 1 to 99, not '100'."),
    (SLOTS, "TR1,K,Black,k,0,15", "column position: must be a whole number from 1 to 32, not '0'."),
    (SLOTS, "TR1,C,Cyan,c,1,15", "column position: 1 is taken by K."),
    (MAPPINGS, "TR9,K,standard,PG-1,no", "column model: the catalogue has no 'TR9'."),
    (MAPPINGS, "TR1,X,standard,PG-1,no", "column slot: TR1 has no slot 'X'."),
    (MAPPINGS, "TR1,K,huge,PG-1,no", "column size: 'huge' is not known."),
    (MAPPINGS, "TR1,K,standard,PG-9,no", "column sku: the catalogue has no 'PG-9'."),
    (MAPPINGS, "TR1,K,high,OLD-1,no", "column sku: OLD-1 is not made any more."),
]


@pytest.mark.parametrize(("table", "row", "sentence"), BAD)
def test_a_bad_row_is_named_and_nothing_is_changed(table: Table, row: str, sentence: str) -> None:
    small()
    SkuFactory.create(code="OLD-1", discontinued_at=NOW)
    before = exchange.export(table)
    outcome = look(table, sheet(table, row))
    assert len(outcome.errors) == 1
    assert sentence in outcome.errors[0]
    assert not exchange.run(table, sheet(table, row).encode(), NOW, outcome.seen).done
    assert exchange.export(table) == before


def test_every_bad_row_is_named_and_the_good_ones_wait() -> None:
    small()
    text = sheet(SKUS, "PG-1,,ink", "PG-2,PG-2 Cyan,ink", "PG-3,PG-3 Magenta,paper", "PG-2,PG-2 Blue,ink")
    outcome = look(SKUS, text)
    where = [error.partition(": ")[0] for error in outcome.errors]
    assert where == [
        "skus.csv, row 2, column name",
        "skus.csv, row 4, column kind",
        "skus.csv, row 5, column sku",
    ]
    assert outcome.errors[2].endswith("PG-2 is there twice.")
    assert Sku.objects.count() == 1


def test_a_confirmed_slot_stays_confirmed() -> None:
    catalogue.confirm_mapping(small())
    (error,) = look(MAPPINGS, sheet(MAPPINGS, "TR1,K,standard,PG-1,no")).errors
    assert error.endswith("column confirmed: A person has confirmed this slot; that is not taken back.")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "row 1: no column named sku, name, kind."),
        (b"sku,name\n1,2", "row 1: no column named kind."),
        (b"sku,name,kind\n", "has no rows below its head."),
        (b"sku,name,kind\nPG-1,\xff,ink", "is not UTF-8 text."),
        (b'sku,name,kind\nPG-1,"a,ink', "is not a CSV file"),
        (b"x" * (exchange.MOST_BYTES + 1), "is larger than 1 MB. Divide it."),
        (b"sku,name,kind\n" + b"a,b,ink\n" * 5001, "has 5001 rows, more than 5000. Divide it."),
    ],
)
def test_what_is_no_such_table_is_refused_whole(content: bytes, sentence: str) -> None:
    (error,) = look(SKUS, content).errors
    assert sentence in error


def test_what_was_shown_is_done_only_while_the_table_is_as_it_was() -> None:
    small()
    text = sheet(SKUS, "PG-1,PG-1 Pigment Black,ink")
    seen = look(SKUS, text).seen
    Sku.objects.filter(code="PG-1").update(name="PG-1 Photo Black")
    with pytest.raises(Refused, match="changed meanwhile"):
        exchange.run(SKUS, text.encode(), NOW, seen)
    assert Sku.objects.get().name == "PG-1 Photo Black"


@pytest.mark.parametrize("other", ["PG-1,Something else,ink", "PG-1,PG-1 Black,toner"])
def test_a_mark_is_good_for_its_own_file_alone(other: str) -> None:
    small()
    seen = look(SKUS, sheet(SKUS, "PG-1,PG-1 Pigment Black,ink")).seen
    for mark in (seen, "", "0" * 64):
        with pytest.raises(Refused, match="changed meanwhile"):
            exchange.run(SKUS, sheet(SKUS, other).encode(), NOW, mark)
    assert Sku.objects.get().name == "PG-1 Black"


def test_the_same_file_sent_twice_is_done_once() -> None:
    small()
    text = sheet(SKUS, "PG-2,PG-2 Cyan,ink")
    seen = look(SKUS, text).seen
    assert exchange.run(SKUS, text.encode(), NOW, seen).done
    with pytest.raises(Refused, match="changed meanwhile"):
        exchange.run(SKUS, text.encode(), NOW, seen)
    assert Sku.objects.count() == 2
