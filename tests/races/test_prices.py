"""Two who enter prices of one cartridge at once, each of which is fine alone, with a control."""

from datetime import timedelta
from functools import partial
from threading import Barrier

import pytest
from django.db import transaction

from orders import pricelist
from orders.models import Price
from printers.facts import Refused
from printers.models import Sku
from tests.factories.orders import PriceFactory
from tests.factories.printers import NOW
from tests.orders.world import make_world
from tests.races.threads import errors, race

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 5
FALLS = ((1999, timedelta(hours=1)), (2399, timedelta(days=3)))  # of $24.99: both together end in a rise untold


def enter(sku: Sku, cents: int, after: timedelta) -> None:
    with transaction.atomic():
        pricelist.give_notice(sku, cents, NOW + after, NOW)
        PriceFactory.create(sku=sku, amount_cents=cents, valid_from=NOW + after)


def test_two_falls_that_make_a_rise_together_take_turns() -> None:
    for _ in range(ROUNDS):
        sku = make_world().sku()
        refused = errors(race(*(partial(enter, sku, *fall) for fall in FALLS)))
        assert [type(error) for error in refused] == [Refused]
        kept = list(Price.objects.filter(sku=sku).order_by("valid_from").values_list("amount_cents", flat=True))
        assert kept in ([2499, 1999], [2499, 2399])


def test_control_looking_first_and_entering_then_keeps_both() -> None:
    sku, both_have_looked = make_world().sku(), Barrier(2)

    def naive(cents: int, after: timedelta) -> None:
        with transaction.atomic():
            pricelist.give_notice(sku, cents, NOW + after, NOW)
        both_have_looked.wait(timeout=60)
        PriceFactory.create(sku=sku, amount_cents=cents, valid_from=NOW + after)

    assert errors(race(*(partial(naive, *fall) for fall in FALLS))) == []
    assert Price.objects.filter(sku=sku).count() == 3
