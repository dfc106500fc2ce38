"""Promotions: which count for an order, and that nothing that becomes of them later does (promise P7)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from billing import lifecycle as billing
from billing.models import Charge
from orders import lifecycle, pricing, promotions
from orders.clock import Clock
from orders.models import LinePromotion, Order, Promotion
from tests.factories.orders import OrderLineFactory, PriceFactory, PromotionFactory
from tests.factories.printers import NOW, PrinterModelFactory, SkuFactory, SlotSkuFactory
from tests.orders.world import World

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
PARCEL = {"carrier": "UPS", "tracking_number": "1Z999"}


def ship(world: World, order: Order) -> Order:
    """Dispatched two minutes later."""
    lifecycle.dispatch(order, world.partner, "D-1", PARCEL, NOW + 2 * MINUTE)
    return Order.objects.get(pk=order.pk)


def paid(order: Order) -> tuple[int, int, int]:
    return order.quoted_total_cents, order.discount_cents, order.total_cents


def test_what_runs_counts_by_itself_and_is_kept_with_its_terms(world: World) -> None:
    PromotionFactory.create()
    order = world.order()
    line = order.lines.get()
    assert paid(order) == (2249, 250, 2249)
    assert (line.quoted_unit_price_cents, line.quoted_unit_discount_cents, line.unit_discount_cents) == (2499, 250, 250)
    kept = LinePromotion.objects.get(line=line)
    assert (kept.name, kept.percent, kept.amount_cents) == ("Autumn weeks", 10, None)


@pytest.mark.parametrize(
    "days",
    [
        {"starts_at": NOW + MINUTE},
        {"starts_at": NOW - 2 * DAY, "ends_at": NOW},
        {"withdrawn_at": NOW},
    ],
)
def test_what_does_not_run_counts_for_nothing(world: World, days: dict[str, Any]) -> None:
    PromotionFactory.create(**days)
    assert paid(world.order()) == (2499, 0, 2499)
    assert not LinePromotion.objects.exists()


@pytest.mark.parametrize("change", [{"percent": 90}, {"withdrawn_at": NOW + MINUTE}, {"name": "Other", "percent": 1}])
def test_nothing_that_becomes_of_it_later_changes_an_order(world: World, change: dict[str, Any]) -> None:
    PromotionFactory.create()
    order = world.order()
    Promotion.objects.update(**change)
    PromotionFactory.create(percent=50, starts_at=NOW + MINUTE)
    order = ship(world, order)
    assert paid(order) == (2249, 250, 2249)
    assert promotions.named(order.lines.all()) == {"Autumn weeks": 250}
    assert pricing.difference(order) == ""


def test_at_a_fallen_price_another_may_be_the_best(world: World) -> None:
    PromotionFactory.create(name="Ten percent")
    PromotionFactory.create(name="Two dollars", percent=None, amount_cents=200)
    order = world.order()
    PriceFactory.create(sku=world.sku(), amount_cents=1500, valid_from=NOW + MINUTE)
    order = ship(world, order)
    assert paid(order) == (2249, 200, 1300)
    lines = order.lines.all()
    assert promotions.named(lines, quoted=True) == {"Ten percent": 250}
    assert promotions.named(lines) == {"Two dollars": 200}
    assert pricing.difference(order) == (
        "You pay $9.49 less than we wrote: the price fell before shipping, and “Two dollars” was taken off the new "
        "price."
    )


def test_each_cartridge_has_its_best_one_and_they_are_not_added_up(world: World) -> None:
    world.stock("C", 5)
    black = PromotionFactory.create(name="Black week", percent=20, scope="skus")
    black.skus.add(world.sku("PGBK"))
    PromotionFactory.create()
    world.low("PGBK")
    world.low("C")
    (order,) = world.decide()
    assert promotions.named(order.lines.all()) == {"Black week": 500, "Autumn weeks": 190}
    assert paid(order) == (2499 + 1899 - 690, 690, 3708)


def test_a_round_that_stock_divides_costs_the_same(world: World) -> None:
    PromotionFactory.create(percent=None, amount_cents=300)
    world.low("PGBK")
    world.low("C")
    assert sorted(order.total_cents for order in world.decide()) == [1599, 2199]


def test_a_series_means_the_cartridges_that_fit_its_printers(db: None, django_assert_num_queries: Any) -> None:
    mine, other = PrinterModelFactory.create(series__slug="a"), PrinterModelFactory.create(series__slug="b")
    fits, fits_not = (SlotSkuFactory.create(slot__model=model).sku for model in (mine, other))
    promotion = PromotionFactory.create(scope="series")
    promotion.series.add(mine.series)
    with django_assert_num_queries(3):
        found = promotions.running([fits.pk, fits_not.pk], NOW)
    assert found == {fits.pk: [promotion], fits_not.pk: []}


@pytest.mark.parametrize("off", [{"percent": 100}, {"percent": None, "amount_cents": 2498}])
def test_what_is_too_little_for_a_card_ships_without_a_charge(world: World, off: dict[str, Any]) -> None:
    PromotionFactory.create(**off)
    order = ship(world, world.order())
    billing.begin(order.dispatches.get().pk, NOW)
    order.refresh_from_db()
    assert order.status == "shipped"
    assert order.total_cents < billing.STRIPE_MINIMUM_CENTS
    assert Charge.objects.get().status == "waived"


@pytest.mark.parametrize(
    "wrong",
    [
        *({"percent": 0}, {"percent": 101}, {"percent": None}, {"amount_cents": 100}),
        *({"percent": None, "amount_cents": 0}, {"ends_at": NOW - 10 * DAY}),
    ],
)
def test_the_database_knows_what_a_promotion_is(db: None, wrong: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError):
        PromotionFactory.create(**wrong)


@pytest.mark.parametrize("unit", [{"unit_discount_cents": 2500}, {"quoted_unit_discount_cents": 1}])
def test_the_database_keeps_a_line_between_nothing_and_its_quote(db: None, unit: dict[str, int]) -> None:
    with pytest.raises(IntegrityError):
        OrderLineFactory.create(**unit)


def test_a_quote_in_words_names_the_promotion_and_its_last_day(db: None) -> None:
    sku = PriceFactory.create(sku=SkuFactory.create()).sku
    assert pricing.quotes([sku.pk], NOW)[sku.pk].in_words(Clock(NOW)) == "$24.99 today"
    PromotionFactory.create()
    words = pricing.quotes([sku.pk], NOW)[sku.pk].in_words(Clock(NOW))
    assert words == "$22.49 today instead of $24.99 (“Autumn weeks”, until Sun 13 Dec)"
