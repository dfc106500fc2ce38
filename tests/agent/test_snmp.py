"""The Printer MIB read over UDP: levels, what is no level, and printers that answer badly or not at all."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.address import parse
from agent.errors import NO_ANSWER, Malformed, PrinterError
from agent.snmp import ber
from agent.snmp import printer as by_snmp
from agent.supplies import Reading
from tests.agent.snmp_printer import INKS, PRINTER, SUPPLY, SnmpPrinter, Spoil, Tree

Serve = Callable[..., SnmpPrinter]
LEVELS, CAPACITIES = f"{SUPPLY}.9.1", f"{SUPPLY}.8.1"


@pytest.fixture
def serve() -> Iterator[Serve]:
    started: list[SnmpPrinter] = []

    def serve(tree: Tree = INKS, **how: Any) -> SnmpPrinter:
        started.append(SnmpPrinter(tree, **how))
        return started[-1]

    yield serve
    for printer in started:
        printer.close()


def read(printer: SnmpPrinter, community: str = "", seconds: float = 10.0) -> Reading:
    return by_snmp.read(parse(printer.uri(community)), seconds)


def test_a_printer_is_read(serve: Serve) -> None:
    told = read(serve())
    assert (told.make_and_model, told.serial_number) == ("Canon TS8430 series", "ACDE04471")
    assert told.state_reasons == ["marker-ink-almost-empty"]
    assert [supply.name for supply in told.supplies] == ["Canon BCI-381 Cyan", "Encre noirée", "Absorber"]
    assert [supply.type for supply in told.supplies] == ["inkCartridge", "inkCartridge", "wasteInk"]
    assert [supply.colorant for supply in told.supplies] == ["cyan", "black", ""]


def test_an_alert_says_which_supply_is_low(serve: Serve) -> None:
    assert [supply.low for supply in read(serve()).supplies] == [None, True, None]
    of_the_marker = {**INKS, f"{PRINTER}.18.1.1.4.1.1": 10}
    assert [supply.low for supply in read(serve(of_the_marker)).supplies] == [None, None, None]


def test_the_state_of_the_device_is_told_in_the_words_of_ipp(serve: Serve) -> None:
    told = read(serve({**INKS, "1.3.6.1.2.1.25.3.5.1.2.1": b"\x24\x00"}))
    assert told.state_reasons == ["marker-ink-almost-empty", "marker-supply-low", "media-jam"]


def test_the_first_row_may_be_number_nought(serve: Serve) -> None:
    assert [supply.index for supply in read(serve()).supplies] == [0, 1, 2]


def test_a_level_is_one_of_its_capacity_and_a_sentinel_is_none(serve: Serve) -> None:
    told = [(each.level, each.raw_level, each.raw_max) for each in read(serve()).supplies]
    assert told == [(13, 300, 2400), (None, -3, -2), (90, 90, 100)]


@pytest.mark.parametrize(("level", "most"), [(-1, 100), (-2, 100), (-3, 100), (50, -2), (50, 0), (300, 100)])
def test_what_is_no_percentage_stays_unknown(serve: Serve, level: int, most: int) -> None:
    told = read(serve({**INKS, f"{LEVELS}.0": level, f"{CAPACITIES}.0": most}))
    assert (told.supplies[0].level, told.supplies[0].raw_level) == (None, level)


@pytest.mark.parametrize(
    ("level", "most", "told"), [(45, -2, 45), (45, -1, 45), (45, 0, None), (-3, -2, None), (101, -2, None)]
)
def test_what_counts_in_percent_needs_no_capacity(serve: Serve, level: int, most: int, told: int | None) -> None:
    first = read(serve({**INKS, f"{LEVELS}.1": level, f"{CAPACITIES}.1": most})).supplies[1]
    assert (first.level, first.raw_level, first.raw_max) == (told, level, most)


def test_a_receptacle_is_known_by_its_class(serve: Serve) -> None:
    assert [supply.is_consumed for supply in read(serve()).supplies] == [True, True, False]


def test_a_receptacle_without_a_class_is_known_by_its_type(serve: Serve) -> None:
    without = {oid: told for oid, told in INKS.items() if not oid.startswith(f"{SUPPLY}.4.")}
    assert [supply.is_consumed for supply in read(serve(without)).supplies] == [True, True, False]


def test_a_table_of_a_few_columns_is_read_as_far_as_it_goes(serve: Serve) -> None:
    told = read(serve({f"{SUPPLY}.6.1.1": b"Toner", f"{CAPACITIES}.1": 100, f"{LEVELS}.1": 70}))
    assert [(each.name, each.level, each.type, each.class_) for each in told.supplies] == [("Toner", 70, "", "")]


def test_of_two_devices_the_first_is_read(serve: Serve) -> None:
    assert len(read(serve({**INKS, f"{SUPPLY}.9.2.1": 5})).supplies) == 3


def test_a_long_table_is_read_whole(serve: Serve) -> None:
    many: Tree = {f"{LEVELS}.{place}": place for place in range(90)}
    assert [each.raw_level for each in read(serve(many)).supplies] == list(range(90))


def test_another_community_is_no_answer(serve: Serve) -> None:
    printer = serve(community="secret")
    assert len(read(printer, "secret").supplies) == 3
    with pytest.raises(PrinterError, match="does not answer SNMP: is it on, and is its community 'public'") as told:
        read(printer, seconds=0.3)
    assert told.value.reason == NO_ANSWER


def test_a_port_where_nobody_listens_refuses() -> None:
    printer = SnmpPrinter(INKS)
    printer.close()
    with pytest.raises(PrinterError, match="refuses SNMP"):
        read(printer)


def test_an_answer_to_another_question_is_passed_over(serve: Serve) -> None:
    printer = serve()
    other = printer.answer(ber.get_bulk("public", 1, by_snmp.SUPPLIES, 3))
    assert other is not None
    printer.spoil = lambda right: [other, right]
    assert len(read(printer).supplies) == 3


@pytest.mark.parametrize(
    "spoil",
    [lambda right: [right[:-9]], lambda right: [b"\x30\x84\xff\xff\xff\xff"], lambda right: [b"hello"]],
)
def test_an_answer_that_is_none_is_told_in_one_sentence(serve: Serve, spoil: Spoil) -> None:
    with pytest.raises(Malformed, match="sent an answer that is none"):
        read(serve(spoil=spoil), seconds=0.3)


def test_a_tree_that_turns_back_is_not_walked_for_ever(serve: Serve) -> None:
    assert len(read(serve(stuck=True)).supplies) == 3


@given(st.binary(max_size=120))
@settings(max_examples=300)
def test_any_bytes_give_an_answer_or_a_sentence(data: bytes) -> None:
    for sent in (data, b"\x30\x82" + len(data).to_bytes(2, "big") + data):
        with suppress(Malformed):
            ber.answer(sent)


@given(st.integers(0, 150), st.binary(min_size=1, max_size=3))
@settings(max_examples=300)
def test_an_answer_damaged_anywhere_gives_an_answer_or_a_sentence(at: int, damage: bytes) -> None:
    whole = ber.get_bulk("public", 1, by_snmp.SUPPLIES, 10).replace(b"\xa5", b"\xa2", 1)
    with suppress(Malformed):
        ber.answer(whole[:at] + damage + whole[at + len(damage) :])


def test_a_number_too_long_to_be_printed_is_none() -> None:
    right = ber.get_bulk("public", 1, by_snmp.SUPPLIES, 10).replace(b"\xa5", b"\xa2", 1)
    assert ber.answer(right).request_id == 1
    number = b"\x02\x82\x07\xd0" + b"\x7f" * 2000
    binding = b"\x30\x82" + (len(number) + 4).to_bytes(2, "big") + b"\x06\x02\x2b\x06" + number
    bindings = b"\x30\x82" + len(binding).to_bytes(2, "big") + binding
    pdu = b"\x02\x01\x01\x02\x01\x00\x02\x01\x00" + bindings
    body = b"\x02\x01\x01\x04\x06public\xa2\x82" + len(pdu).to_bytes(2, "big") + pdu
    with pytest.raises(Malformed, match="A number of 2000 bytes is none"):
        ber.answer(b"\x30\x82" + len(body).to_bytes(2, "big") + body)
