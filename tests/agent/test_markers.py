"""What IPP's two lists of supplies mean: levels, waste, shared colours, and lists that do not fit each other."""

import pytest

from agent.address import Address, parse
from agent.errors import UsageError
from agent.ipp import codec
from agent.ipp.markers import supplies
from agent.supplies import Reading, Supply, percent
from agent.text import clean
from tests.agent.ipp_printer import INK, INTEGER, KEYWORD, NAME, OCTETS, TEXT, Attributes, ipp_answer

CONSUMED, FILLED = "supplyThatIsConsumed", "receptacleThatIsFilled"
LISTED: Attributes = {
    "printer-supply": [
        (OCTETS, "index=1;class=receptacleThatIsFilled;type=wasteInk;maxcapacity=100;level=90;colorantname=unknown;"),
        (OCTETS, "type=inkCartridge;class=supplyThatIsConsumed;level=30;maxcapacity=240;index=2;colorantname=cyan"),
        (OCTETS, "index=3;class=supplyThatIsConsumed;type=inkCartridge;maxcapacity=-2;level=-3;colorantname=black;"),
    ],
    "printer-supply-description": [(TEXT, "Absorber"), (TEXT, "BCI-381 Cyan"), (TEXT, "BCI-381 Black")],
}


def told(attributes: Attributes) -> list[Supply]:
    return supplies(codec.answer(ipp_answer(attributes)).printer)


def markers(names: str, levels: list[int], colours: str = "", types: str = "") -> Attributes:
    shades = colours.split() or ["none"] * len(levels)
    kinds = types.split() or ["ink-cartridge"] * len(levels)
    return {
        "marker-names": [(NAME, name) for name in names.split()],
        "marker-levels": [(INTEGER, level) for level in levels],
        "marker-colors": [(NAME, shade) for shade in shades],
        "marker-types": [(KEYWORD, kind) for kind in kinds],
    }


def test_markers_tell_level_type_class_and_colour() -> None:
    first, *_, waste = told({**INK})
    assert (first.type, first.class_, first.colorant, first.source) == (
        "inkCartridge", CONSUMED, "black", "ipp-marker",
    )  # fmt: skip
    assert (waste.type, waste.class_, waste.colorant, waste.level) == ("wasteInk", FILLED, "", 35)


def test_two_inks_may_share_a_colour() -> None:
    assert [each.colorant for each in told({**INK})] == ["black", "black", "cyan", ""]


def test_low_is_what_the_printer_calls_low_and_never_of_waste_or_unknown() -> None:
    assert [each.low for each in told({**INK})] == [False, None, True, None]


@pytest.mark.parametrize("raw", [-1, -2, -3, 101, 2_000_000_000])
def test_a_level_that_is_no_percentage_is_unknown(raw: int) -> None:
    supply = told(markers("Cyan", [raw]))[0]
    assert (supply.level, supply.raw_level) == (None, raw)


def test_printer_supply_alone_is_enough() -> None:
    found = [(each.index, each.name, each.level, each.class_, each.colorant) for each in told(LISTED)]
    assert found == [
        (1, "Absorber", 90, FILLED, ""),
        (2, "BCI-381 Cyan", 13, CONSUMED, "cyan"),
        (3, "BCI-381 Black", None, CONSUMED, "black"),
    ]


def test_an_alert_says_which_supply_is_low() -> None:
    alert = (OCTETS, "code=markerSupplyLow;severity=warning;group=markerSupplies;groupindex=3")
    assert [each.low for each in told({**LISTED, "printer-alert": [alert]})] == [None, None, True]


def test_both_lists_are_joined_by_index() -> None:
    both = {**markers("Waste C K", [-2, 12, -3], "none #00FFFF #000000", "waste-ink ink ink"), **LISTED}
    both["printer-supply"] = [LISTED["printer-supply"][place] for place in (2, 0, 1)]
    found = [(each.name, each.index, each.level, each.raw_max, each.source) for each in told(both)]
    assert found == [
        ("Waste", 1, 90, 100, "ipp-printer-supply"),
        ("C", 2, 12, 100, "ipp-marker"),
        ("K", 3, None, 100, "ipp-marker"),
    ]


def test_lists_that_contradict_each_other_are_not_joined() -> None:
    both = {**markers("K C M", [80, 12, 30], "#000000 #00FFFF #FF00FF"), **LISTED}
    assert [(each.name, each.level) for each in told(both)] == [("K", 80), ("C", 12), ("M", 30)]


def test_lists_of_different_length_are_not_joined() -> None:
    found = told({**markers("C", [-2]), **LISTED})
    assert [each.source for each in found] == ["ipp-printer-supply"] * 3


def test_levels_without_names_are_told_without_names() -> None:
    assert [(each.index, each.name, each.level) for each in told({"marker-levels": [(INTEGER, 40)]})] == [(1, "", 40)]


def test_nonsense_in_printer_supply_is_no_supply() -> None:
    assert told({"printer-supply": [(OCTETS, b"\x00\x01\xff"), (OCTETS, "none")]}) == []


def test_numbers_of_the_mib_are_words_too() -> None:
    supply = told({"printer-supply": [(OCTETS, "index=1;class=4;type=8;level=5;maxcapacity=10;colorantname=none")]})[0]
    assert (supply.class_, supply.type, supply.level, supply.colorant) == (FILLED, "wasteInk", 50, "")


@pytest.mark.parametrize(("unit", "level"), [("percent", 45), ("19", 45), ("tenthsOfMilliliters", None)])
def test_what_counts_in_percent_needs_no_capacity(unit: str, level: int | None) -> None:
    supply = told({"printer-supply": [(OCTETS, f"index=1;type=ink;unit={unit};level=45;maxcapacity=-2;")]})[0]
    assert (supply.level, supply.raw_level, supply.raw_max) == (level, 45, -2)


@pytest.mark.parametrize(
    ("level", "most", "expected"),
    [(0, 100, 0), (1, 8, 13), (2400, 2400, 100), (1, 3, 33), (2, 3, 67), (5, 0, None), (None, 9, None), (9, 8, None)],
)
def test_percent(level: int | None, most: int, expected: int | None) -> None:
    assert percent(level, most) == expected


def test_a_printer_asleep_says_nothing() -> None:
    asleep = [Supply(raw_level=-2), Supply(raw_level=-2), Supply(raw_level=40, class_=FILLED)]
    assert Reading(supplies=asleep).says_nothing
    assert not Reading(supplies=[*asleep, Supply(raw_level=-3)]).says_nothing
    assert not Reading(supplies=asleep, state_reasons=["marker-supply-low"]).says_nothing


def test_a_text_is_one_line_that_can_be_printed() -> None:
    assert clean(b" Canon\x00\x07 PG\x1b[31m-243\r\n\tXL ") == "Canon PG [31m-243 XL"
    assert clean("é".encode("latin-1") + b"x" * 300) == "é" + "x" * 254


@pytest.mark.parametrize(
    ("uri", "address"),
    [
        ("ipp://printer.local", Address("ipp", "printer.local", 631)),
        ("ipps://10.0.0.9:8631/ipp/print", Address("ipps", "10.0.0.9", 8631, "/ipp/print")),
        ("snmp://secret@[fd00::9]:1161/x", Address("snmp", "fd00::9", 1161, "", "secret")),
    ],
)
def test_an_address(uri: str, address: Address) -> None:
    assert parse(uri) == address
    assert parse(str(address)) == address


@pytest.mark.parametrize(
    "uri", ["", "printer", "http://h/", "ipp://", "ipp://h:99999/", "ipp://[", "ipp://h/a b", "ipp://h/" + "a" * 1100]
)
def test_what_is_no_address_is_wrong_usage(uri: str) -> None:
    with pytest.raises(UsageError):
        parse(uri)
