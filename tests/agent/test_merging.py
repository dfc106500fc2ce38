"""One printer read by IPP and by SNMP: each level from whoever tells it finer, and nothing mixed."""

import json
from dataclasses import replace

import pytest

from agent.joining import merged
from agent.supplies import CONSUMED, FILLED, Reading, Supply, percent
from tests.agent.conftest import Start
from tests.agent.ipp_printer import INK, INTEGER, http_answer, ipp_answer, sends
from tests.agent.program import Program
from tests.agent.snmp_printer import INKS, SUPPLY, SnmpPrinter, Tree

SERIAL = "ACDE04471"


def ink(index: int, name: str, colorant: str, raw: int | None, most: int = 100, source: str = "ipp-marker") -> Supply:
    level = percent(raw, most)
    return Supply(index, name, "inkCartridge", CONSUMED, colorant, level, None, raw, most, source)


def snmp(index: int, name: str, colorant: str, raw: int | None, most: int = 2400) -> Supply:
    return ink(index, name, colorant, raw, most, "snmp")


def reading(*supplies: Supply, serial: str = SERIAL) -> Reading:
    return Reading("Canon TS8430", "", serial, [], [*supplies])


def levels(told: Reading) -> list[tuple[int | None, str]]:
    return [(each.level, each.source) for each in told.supplies]


COARSE = reading(ink(1, "Black", "black", 80), ink(2, "Cyan", "cyan", 20))
FINE = reading(snmp(1, "PGI-280 Black", "black", 1801), snmp(2, "CLI-281 Cyan", "cyan", 299))


def test_the_finer_scale_counts_whoever_is_asked_first() -> None:
    assert levels(merged(COARSE, FINE)) == [(75, "snmp"), (12, "snmp")]
    assert levels(merged(FINE, COARSE)) == [(75, "snmp"), (12, "snmp")]


def test_of_one_scale_the_finer_steps_count() -> None:
    fine = reading(snmp(1, "Black", "black", 73, 100), snmp(2, "Cyan", "cyan", 13, 100))
    assert levels(merged(COARSE, fine)) == [(73, "snmp"), (13, "snmp")]


def test_equally_fine_stays_what_was_asked_first() -> None:
    same = reading(snmp(1, "Black", "black", 60, 100), snmp(2, "Cyan", "cyan", 20, 100))
    assert levels(merged(COARSE, same)) == [(80, "ipp-marker"), (20, "ipp-marker")]


@pytest.mark.parametrize("sentinel", [-1, -2, -3])
def test_a_level_beats_a_sentinel(sentinel: int) -> None:
    unknown = reading(ink(1, "Black", "black", sentinel), ink(2, "Cyan", "cyan", 20))
    coarse = reading(snmp(1, "Black", "black", 1, 2), snmp(2, "Cyan", "cyan", sentinel, 2))
    assert levels(merged(unknown, coarse)) == [(50, "snmp"), (20, "ipp-marker")]


def test_rows_from_nought_are_paired_by_order() -> None:
    from_nought = replace(FINE, supplies=[replace(each, index=(each.index or 0) - 1) for each in FINE.supplies])
    assert levels(merged(COARSE, from_nought)) == [(75, "snmp"), (12, "snmp")]


def test_another_order_or_length_is_paired_by_name_and_by_colour() -> None:
    drum = replace(snmp(3, "Drum", "", 900, 1000), type="opc")
    turned = reading(snmp(1, "CLI-281", "cyan", 299), drum, snmp(2, " BLACK ", "", 1801))
    assert levels(merged(COARSE, turned)) == [(75, "snmp"), (12, "snmp")]


def test_two_blacks_of_other_names_are_not_mixed() -> None:
    ours = reading(ink(1, "PGBK", "black", 80), ink(2, "BK", "black", 20), ink(3, "C", "cyan", 40))
    theirs = reading(snmp(1, "Cartridge A", "black", 481), snmp(2, "Cartridge B", "black", 1801))
    assert levels(merged(ours, theirs)) == levels(ours)


def test_what_lies_far_apart_is_not_the_same_supply() -> None:
    assert levels(merged(COARSE, reading(snmp(1, "Black", "black", 2399), snmp(2, "Cyan", "cyan", 2101)))) == [
        (100, "snmp"),
        (20, "ipp-marker"),
    ]


def test_another_serial_number_is_another_printer() -> None:
    assert merged(COARSE, replace(FINE, serial_number="ZZZZ00001")) == COARSE


def test_waste_keeps_its_own_count() -> None:
    box = Supply(1, "Absorber", "wasteInk", FILLED, "", 35, None, 35, 100, "ipp-marker")
    room = replace(box, level=90, raw_level=6030, raw_max=6700, source="snmp")
    assert merged(reading(box), reading(room)).supplies == [box]


def test_each_tells_what_the_other_does_not() -> None:
    low = replace(FINE.supplies[1], low=True)
    ours = Reading("", "uuid", "", ["media-low"], [replace(COARSE.supplies[0], name=""), COARSE.supplies[1]])
    told = merged(ours, Reading("Canon", "", SERIAL, ["marker-ink-almost-empty"], [FINE.supplies[0], low]))
    assert (told.make_and_model, told.printer_uuid, told.serial_number) == ("Canon", "uuid", SERIAL)
    assert told.state_reasons == ["media-low", "marker-ink-almost-empty"]
    assert [(each.name, each.low) for each in told.supplies] == [("PGI-280 Black", None), ("Cyan", True)]


def test_who_tells_of_no_supply_takes_the_others() -> None:
    assert merged(reading(), FINE).supplies == FINE.supplies
    assert merged(FINE, reading()).supplies == FINE.supplies


ANSWER = http_answer(ipp_answer({**INK, "marker-levels": [(INTEGER, level) for level in (80, 60, 20, 35)]}))
# Rows of other names and in another order than the markers have, one of them too far from its marker to be it.
ROWS = {"Cyan": 299, "BLACK": 1321, "Pigment-Black": 241}
TREE: Tree = {}
for row, (name, level) in enumerate(ROWS.items()):
    TREE |= {f"{SUPPLY}.{column}.1.{row}": told for column, told in {4: 3, 5: 6, 8: 2400, 9: level}.items()}
    TREE[f"{SUPPLY}.6.1.{row}"] = name.encode()


def test_the_program_reads_both(program: Program, start: Start) -> None:
    uri, printer = start(sends(ANSWER)).uri(), SnmpPrinter(TREE)
    done = program.run("read", uri, "--also", printer.uri(), "--json")
    printer.close()
    assert (done.returncode, done.stderr) == (0, "")
    assert [(each["name"], each["level"], each["source"]) for each in json.loads(done.stdout)["supplies"]] == [
        ("Pigment Black", 80, "ipp-marker"),
        ("Black", 55, "snmp"),
        ("Cyan", 12, "snmp"),
        ("Ink Absorber", 35, "ipp-marker"),
    ]


def test_an_address_for_snmp_that_does_not_answer_is_told_and_no_failure(program: Program, start: Start) -> None:
    printer = SnmpPrinter(INKS)
    printer.close()
    uri = start(sends(ANSWER)).uri()
    done = program.run("read", uri, "--also", printer.uri(), "--json")
    assert (done.returncode, len(json.loads(done.stdout)["supplies"])) == (0, 4)
    assert "refuses SNMP" in done.stderr


def test_only_an_address_for_snmp_can_stand_beside(program: Program) -> None:
    assert program.run("read", "ipp://127.0.0.1:9", "--also", "ipp://127.0.0.1:9").returncode == 2
