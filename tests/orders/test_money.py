"""Order numbers and amounts."""

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from orders.money import damm, display_amount, display_number, new_number, parse_number

NUMBERS = st.integers(0, 99_999_999).map(lambda n: f"{n:08}").map(lambda digits: f"{digits}{damm(digits)}")


def test_the_check_digit_is_damms() -> None:
    assert damm("572") == 4  # the example of his thesis


@given(NUMBERS, st.integers(0, 8), st.integers(1, 9))
def test_any_wrong_digit_is_noticed(number: str, place: int, off: int) -> None:
    wrong = str((int(number[place]) + off) % 10)
    assert parse_number(number[:place] + wrong + number[place + 1 :]) is None


@given(NUMBERS, st.integers(0, 7))
def test_any_swap_of_neighbours_is_noticed(number: str, place: int) -> None:
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert (parse_number(swapped) is None) == (swapped != number)


@given(NUMBERS)
def test_a_number_is_read_however_it_is_typed(number: str) -> None:
    shown = display_number(number)
    assert [parse_number(typed) for typed in (number, shown, f"ARS {shown}", f" {shown.replace('-', ' ')} ")] == [
        number
    ] * 4


def test_a_new_number_is_nine_digits_that_check() -> None:
    number = new_number()
    assert (len(number), parse_number(number)) == (9, number)


@pytest.mark.parametrize("typed", ["", "4827", "hello", "48271936555", "٤٨٢٧١٩٣٦٥"])
def test_what_is_no_number_is_none(typed: str) -> None:
    assert parse_number(typed) is None


@pytest.mark.parametrize(
    ("cents", "shown"), [(2499, "$24.99"), (0, "$0.00"), (5, "$0.05"), (123456789, "$1,234,567.89"), (-200, "-$2.00")]
)
def test_an_amount_is_shown_in_dollars(cents: int, shown: str) -> None:
    assert display_amount(cents) == shown


@pytest.mark.parametrize(("language", "shown"), [("de", "$1.234,56"), ("fr", "$1\N{NO-BREAK SPACE}234,56")])
def test_an_amount_follows_the_language(language: str, shown: str) -> None:
    with translation.override(language):
        assert [display_amount(123456), display_amount(-123456)] == [shown, f"-{shown}"]
