"""The wire format of IPP: what is sent, and that no bytes whatever do more harm than a sentence."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.errors import Malformed
from agent.ipp import codec
from agent.ipp.printer import reading
from tests.agent.ipp_printer import INK, INTEGER, KEYWORD, NAME, attribute, ipp_answer

WHOLE = ipp_answer({**INK})
COLLECTION = attribute(0x34, "media-col", "") + attribute(0x4A, "", "media-size") + attribute(0x34, "", "")


def answered(attributes: bytes) -> codec.Attributes:
    return codec.answer(b"\x02\x00\x00\x00\x00\x00\x00\x01\x04" + attributes + b"\x03").printer


def test_a_question_is_as_the_rfc_has_it() -> None:
    asked = codec.question((1, 1), 7, "ipp://h/ipp/print", ("marker-levels", "marker-names"))
    assert asked[:9] == b"\x01\x01\x00\x0b\x00\x00\x00\x07\x01"
    assert asked.endswith(b"\x44\x00\x14requested-attributes\x00\x0dmarker-levels\x44\x00\x00\x00\x0cmarker-names\x03")


def test_values_keep_their_order() -> None:
    assert codec.integers(codec.answer(WHOLE).printer, "marker-levels") == [80, -3, 12, 35]


def test_an_unknown_value_among_others_keeps_its_place() -> None:
    told = answered(attribute(INTEGER, "marker-levels", 80) + attribute(0x12, "", b"") + attribute(INTEGER, "", 12))
    assert codec.integers(told, "marker-levels") == [80, -2, 12]


def test_an_attribute_that_is_unknown_as_a_whole_has_no_value() -> None:
    assert codec.texts(answered(attribute(0x13, "marker-names", b"")), "marker-names") == []


def test_a_text_with_its_language_is_the_text() -> None:
    told = answered(attribute(0x36, "marker-names", b"\x00\x02en\x00\x04Cyan"))
    assert codec.texts(told, "marker-names") == ["Cyan"]


def test_of_an_attribute_told_twice_the_first_counts() -> None:
    told = answered(attribute(NAME, "printer-uuid", "first") + attribute(NAME, "printer-uuid", "second"))
    assert codec.texts(told, "printer-uuid") == ["first"]


def test_nested_collections_are_passed_over() -> None:
    end = attribute(0x37, "", "")
    told = answered(COLLECTION + end + end + attribute(NAME, "marker-names", "Cyan"))
    assert codec.texts(told, "marker-names") == ["Cyan"]


@pytest.mark.parametrize(
    ("attributes", "what"),
    [
        (COLLECTION, "A collection in media-col does not end."),
        (attribute(KEYWORD, "", "lonely"), "ends a value of no attribute"),
        (b"\x00", "is no tag"),
        (b"\x21\x00\x0dmarker-levels\xff\xff\x00", "cut off after .* bytes, within the value of marker-levels"),
    ],
)
def test_what_is_broken_is_named(attributes: bytes, what: str) -> None:
    with pytest.raises(Malformed, match=what):
        answered(attributes)


@pytest.mark.parametrize(
    ("values", "what"),
    [
        ([(INTEGER, b"\x00\x00\x01")], "marker-levels holds a number of 3 bytes instead of 4"),
        ([(KEYWORD, "80")], "marker-levels holds a value of type 0x44 where a number belongs"),
    ],
)
def test_a_value_of_the_wrong_kind_is_named_where_it_is_needed(values: list[tuple[int, bytes]], what: str) -> None:
    told = codec.answer(ipp_answer({**INK, "marker-levels": [*values]})).printer
    with pytest.raises(Malformed, match=what):
        reading(told)


def test_a_value_of_the_wrong_kind_that_nobody_needs_does_no_harm() -> None:
    told = codec.answer(ipp_answer({**INK, "orientation-requested-default": [(0x23, b"\x07")]})).printer
    assert len(reading(told).supplies) == 4


def test_every_answer_that_is_cut_off_is_refused() -> None:
    for length in range(len(WHOLE)):
        with pytest.raises(Malformed):
            codec.answer(WHOLE[:length])


@given(st.binary(max_size=200))
@settings(max_examples=300)
def test_any_bytes_give_an_answer_or_a_sentence(data: bytes) -> None:
    read_or_refuse(b"\x02\x00\x00\x00\x00\x00\x00\x01\x04" + data)


@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=4))
@settings(max_examples=300)
def test_an_answer_damaged_anywhere_gives_an_answer_or_a_sentence(at: int, damage: bytes) -> None:
    read_or_refuse(WHOLE[:at] + damage + WHOLE[at + len(damage) :])


def read_or_refuse(data: bytes) -> None:
    try:
        supplies = reading(codec.answer(data).printer).supplies
    except Malformed:
        return
    assert all(supply.level is None or 0 <= supply.level <= 100 for supply in supplies)
