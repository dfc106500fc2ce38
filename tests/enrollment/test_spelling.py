"""How an address is usually written, beside how it was typed."""

import pytest

from enrollment import spelling

TYPED = {"line1": "12 Elm Street", "line2": "", "city": "Portland", "state": "OR", "postal_code": "97201"}


@pytest.mark.parametrize(
    ("field", "typed", "usual"),
    [
        ("city", "PORTLAND or", "Portland"),
        ("city", "Portland, OR", "Portland"),
        ("city", "portland", "Portland"),
        ("city", "McMinnville", "McMinnville"),
        ("city", "OR", "Or"),
        ("city", "coeur d'alene", "Coeur D'alene"),
        ("line1", "12 ELM STREET", "12 Elm Street"),
        ("line1", "12 nw 5th ave", "12 NW 5th Ave"),
        ("line1", "po box 12b", "PO Box 12B"),
        ("line1", "12 DeKalb Ave", "12 DeKalb Ave"),
        ("line2", "APT 4B", "Apt 4B"),
        ("postal_code", "97201-0000", "97201"),
        ("postal_code", "97201-1234", "97201-1234"),
    ],
)
def test_each_part_is_suggested_as_labels_show_it(field: str, typed: str, usual: str) -> None:
    assert spelling.tidied(TYPED | {field: typed})[field] == usual


def test_what_is_written_as_usual_stays() -> None:
    assert TYPED | spelling.tidied(TYPED) == TYPED


def test_an_address_fits_on_one_line() -> None:
    assert spelling.one_line(TYPED | {"line2": "Unit 4"}) == "12 Elm Street, Unit 4, Portland, OR 97201"
