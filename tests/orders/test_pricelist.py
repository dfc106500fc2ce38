"""When a price may take effect: a rise not before whoever pays it could hear of it."""

from datetime import timedelta

import pytest

from ars.timetable import EVERY
from enrollment.models import Plan
from orders import pricelist
from orders.models import Price
from printers.facts import Refused
from tests.factories.orders import PriceFactory
from tests.factories.printers import NOW
from tests.orders.world import World

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SOON = 8 * DAY


def enter(world: World, cents: int, after: timedelta) -> None:
    """A price of black, $24.99 until now."""
    pricelist.give_notice(world.sku(), cents, NOW + after, NOW)
    PriceFactory.create(sku=world.sku(), amount_cents=cents, valid_from=NOW + after)


@pytest.mark.parametrize(("cents", "after"), [(2500, SOON), (2498, timedelta(0)), (2499, timedelta(0))])
def test_a_rise_with_notice_and_whatever_is_none_may_take_effect(world: World, cents: int, after: timedelta) -> None:
    enter(world, cents, after)
    assert Price.objects.filter(sku=world.sku()).count() == 2


def test_a_rise_before_its_notice_is_refused_with_the_earliest_moment(world: World) -> None:
    with pytest.raises(Refused, match=r"more than the [$]24.99 before it.* at least 7 days ahead") as refused:
        enter(world, 2500, SOON - HOUR)
    assert str(refused.value).endswith("It can take effect from 2026-12-01 11:00 UTC on.")
    assert Price.objects.filter(sku=world.sku()).count() == 1


def test_a_cartridge_no_active_plan_uses_and_a_first_price_need_no_notice(world: World) -> None:
    Plan.objects.update(status="cancelled", ended_at=NOW)
    enter(world, 9900, HOUR)
    Plan.objects.update(status="active", ended_at=None)
    Price.objects.all().delete()
    enter(world, 9900, HOUR)
    assert Price.objects.get().amount_cents == 9900


def test_a_fall_that_makes_a_rise_of_the_next_price_is_refused(world: World) -> None:
    enter(world, 2399, 3 * DAY)
    with pytest.raises(Refused, match=r"The price of [$]23.99 from 2026-11-26 10:00 UTC on would become a rise"):
        enter(world, 1999, HOUR)
    enter(world, 2399, HOUR)


def test_a_fall_before_a_rise_that_was_told_is_fine(world: World) -> None:
    enter(world, 2699, SOON)
    pricelist.give_notice(world.sku(), 2299, NOW + 5 * DAY, NOW + 5 * DAY)


def test_the_mail_about_a_rise_is_made_before_the_notice_begins() -> None:
    assert timedelta(seconds=EVERY["notifications.tasks.remind"]) <= pricelist.MAILED_WITHIN
