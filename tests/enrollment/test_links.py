"""Signed links: one purpose, one row, 30 days."""

from datetime import timedelta

import pytest
import time_machine

from enrollment import links
from tests.factories import NOW


def test_a_link_stands_for_its_row() -> None:
    assert links.read("order", links.sign("order", 7)) == 7


def test_a_link_opens_nothing_else() -> None:
    with pytest.raises(links.LinkError) as refused:
        links.read("pay", links.sign("order", 7))
    assert refused.value.pk is None


@pytest.mark.parametrize("signed", ["", "7", "forged:1abc:xyz", "\x00"])
def test_a_forged_link_says_nothing(signed: str) -> None:
    with pytest.raises(links.LinkError) as refused:
        links.read("order", signed)
    assert refused.value.pk is None


def test_an_old_link_still_says_for_what_it_was() -> None:
    with time_machine.travel(NOW, tick=False):
        signed = links.sign("order", 7)
    with time_machine.travel(NOW + links.GOOD_FOR - timedelta(seconds=1), tick=False):
        assert links.read("order", signed) == 7
    with (
        time_machine.travel(NOW + links.GOOD_FOR + timedelta(seconds=2), tick=False),
        pytest.raises(links.LinkError) as old,
    ):
        links.read("order", signed)
    assert old.value.pk == 7
