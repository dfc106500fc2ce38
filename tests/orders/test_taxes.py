"""Sales tax: reckoned once an order, quoted with it, and never above that unless its owner sends it elsewhere."""

from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from billing import lifecycle as charges
from billing.gateway import Outcome
from billing.models import Charge
from orders import lifecycle, pricing, returns, taxes, wishes, words_after
from orders.models import Order, TaxRate
from orders.models.prices import HIGHEST_TAX_PERCENT
from tests.billing.parcels import known_card
from tests.factories import NOW, PriceFactory, PromotionFactory, TaxRateFactory
from tests.orders.parcels import complain, delivered, ship
from tests.orders.world import World

CENTS = st.integers(0, 10_000_000)
RATES = st.decimals(0, HIGHEST_TAX_PERCENT, places=4)
TODAY = NOW.date()
DAY = timedelta(days=1)
AUSTIN = {"full_name": "Ana Ruiz", "line1": "7 Oak Avenue", "city": "Austin", "state": "TX", "postal_code": "78701"}
PARCEL = {"carrier": "UPS", "tracking_number": "1Z999"}


@given(CENTS, RATES)
def test_tax_is_the_exact_product_rounded_half_up_to_the_cent(goods: int, rate: Decimal) -> None:
    exact = Decimal(goods) * rate / 100
    assert taxes.due(goods, rate) == int(exact.quantize(Decimal(1), ROUND_HALF_UP))
    assert 0 <= taxes.due(goods, rate) <= goods


@given(CENTS, CENTS, RATES, RATES)
def test_less_goods_or_a_lower_rate_is_never_more_tax(goods: int, more: int, rate: Decimal, higher: Decimal) -> None:
    low, high = sorted([rate, higher])
    assert taxes.due(goods, low) <= taxes.due(goods + more, high)


def test_halves_go_up_and_only_halves() -> None:
    assert [taxes.due(cents, Decimal("5")) for cents in (9, 10, 30, 50)] == [0, 1, 2, 3]
    assert taxes.due(2499, Decimal("7.2500")) == 181
    assert taxes.due(1_000_000, Decimal("0.0001")) == 1


def amounts(order: Order) -> tuple[int, int, int]:
    """(quoted, tax, total), as the database has them."""
    order.refresh_from_db()
    return order.quoted_total_cents, order.tax_cents, order.total_cents


def pack(world: World, order: Order, now: datetime = NOW) -> None:
    lifecycle.dispatch(order, world.partner, f"D-{order.pk}-{order.revision}", PARCEL, now)
    order.refresh_from_db()


def test_without_a_rate_there_is_no_tax(world: World) -> None:
    TaxRateFactory.create(state="TX")
    assert amounts(world.order()) == (2499, 0, 2499)


def test_an_order_is_quoted_with_the_tax_of_where_it_goes(world: World) -> None:
    TaxRateFactory.create()
    order = world.order()
    assert amounts(order) == (2680, 181, 2680)
    assert (order.quoted_tax_cents, order.tax_rate) == (181, Decimal("7.25"))
    pack(world, order)
    assert amounts(order) == (2680, 181, 2680)


def test_tax_is_taken_on_what_promotions_leave(world: World) -> None:
    TaxRateFactory.create()
    PromotionFactory.create(percent=10)
    assert amounts(world.order()) == (2249 + 163, 163, 2249 + 163)


def test_a_rate_holds_from_midnight_of_its_own_state(world: World) -> None:
    midnight = datetime(2026, 11, 24, 8, tzinfo=UTC)  # in Oregon
    TaxRateFactory.create(percent=5)
    TaxRateFactory.create(percent=6, valid_from=midnight.date())
    TaxRateFactory.create(state="NY", percent=4, valid_from=midnight.date())
    second = timedelta(seconds=1)
    assert taxes.rates(midnight - second) == {"OR": 5, "NY": 4}
    assert taxes.rates(midnight) == {"OR": 6, "NY": 4}
    assert taxes.rates(midnight - timedelta(hours=3, seconds=1)) == {"OR": 5}


@pytest.mark.parametrize(("rate", "tax"), [("9.5", 181), ("4", 100), ("0", 0)])
def test_a_new_rate_before_packing_is_taken_when_it_is_lower(world: World, rate: str, tax: int) -> None:
    TaxRateFactory.create()
    order = world.order()
    TaxRateFactory.create(percent=Decimal(rate), valid_from=TODAY)
    pack(world, order)
    assert amounts(order) == (2680, tax, 2499 + tax)


def test_a_first_rate_is_not_for_orders_quoted_without(world: World) -> None:
    order = world.order()
    TaxRateFactory.create()
    pack(world, order)
    assert amounts(order) == (2499, 0, 2499)


def test_a_fallen_price_has_less_tax_and_both_are_told(world: World) -> None:
    TaxRateFactory.create()
    order = world.order()
    PriceFactory.create(sku=world.sku(), amount_cents=2299, valid_from=NOW)
    pack(world, order)
    assert amounts(order) == (2680, 167, 2466)
    assert pricing.difference(order) == "You pay $2.14 less than we wrote: the price fell before shipping."


def test_a_fallen_rate_is_told_as_what_it_is(world: World) -> None:
    TaxRateFactory.create()
    order = world.order()
    TaxRateFactory.create(percent=4, valid_from=TODAY)
    pack(world, order)
    assert pricing.difference(order) == "You pay $0.81 less than we wrote: less sales tax is due."


def test_what_was_priced_keeps_its_tax_for_all_later_tries(world: World) -> None:
    TaxRateFactory.create()
    order = world.order()
    pack(world, order)
    lifecycle.hold(order.pk, NOW, "Stripe", "The bank refused this card.")
    TaxRateFactory.create(percent=0, valid_from=TODAY)
    order.refresh_from_db()
    lifecycle.take_off_hold(order, NOW, "billing", "Charged once more.")
    assert amounts(order) == (2680, 181, 2680)


@pytest.mark.parametrize("packed", [False, True])
def test_sent_to_another_state_it_has_that_states_tax(world: World, packed: bool) -> None:
    TaxRateFactory.create()
    TaxRateFactory.create(state="TX", percent=Decimal("8.25"))
    order = world.order()
    if packed:
        pack(world, order)
        lifecycle.hold(order.pk, NOW, "Stripe", "The bank refused this card.")
    wishes.readdress(world.plan, AUSTIN, NOW)
    assert amounts(order) == (2680, 206, 2705)
    assert (order.most_cents, order.most_tax_cents, order.tax_rate) == (2705, 206, Decimal("8.25"))
    assert words_after.price_story(order) == (
        "When we ordered it, we wrote $26.80. You sent it to Texas: with the sales tax of that state it costs at most "
        "$27.05."
    )
    pack(world, order)
    assert amounts(order) == (2680, 206, 2705)


def test_sent_to_where_no_tax_is_added_it_costs_less(world: World) -> None:
    TaxRateFactory.create()
    order = world.order()
    wishes.readdress(world.plan, AUSTIN, NOW)
    assert amounts(order) == (2680, 0, 2499)
    assert words_after.price_story(order).endswith(
        "You sent it to Texas, where no sales tax is added: it costs at most $24.99."
    )
    pack(world, order)
    assert amounts(order) == (2680, 0, 2499)


def test_sent_elsewhere_and_back_it_costs_what_was_written(world: World) -> None:
    TaxRateFactory.create()
    order = world.order()
    home = order.ship_to
    wishes.readdress(world.plan, AUSTIN, NOW)
    wishes.readdress(world.plan, home, NOW)
    assert amounts(order) == (2680, 181, 2680)
    assert words_after.price_story(order) == ""


def test_within_a_state_nothing_changes_though_its_rate_has_risen(world: World) -> None:
    TaxRateFactory.create()
    order = world.order()
    TaxRateFactory.create(percent=9, valid_from=TODAY)
    wishes.readdress(world.plan, AUSTIN | {"city": "Salem", "state": "OR", "postal_code": "97301"}, NOW)
    assert amounts(order) == (2680, 181, 2680)


def test_who_packs_what_moved_meanwhile_has_the_tax_of_the_new_state(world: World) -> None:
    TaxRateFactory.create()
    TaxRateFactory.create(state="TX", percent=Decimal("8.25"))
    read_before = world.order()
    wishes.readdress(world.plan, AUSTIN, NOW)
    lifecycle.dispatch(read_before, world.partner, "D-1", PARCEL, NOW)
    assert amounts(read_before) == (2680, 206, 2705)


def test_a_free_replacement_and_a_test_printer_owe_none(world: World) -> None:
    TaxRateFactory.create()
    old = delivered(world)
    complain(old)
    new = Order.objects.get(replaces=old)
    assert amounts(new) == (0, 0, 0)
    assert world.plan.printer is not None
    type(world.plan.printer).objects.update(is_test=True)
    world.plan.refresh_from_db()
    world.stock("C", 5)
    assert amounts(world.order("C")) == (1899, 0, 1899)


@pytest.mark.parametrize(("percent", "goods"), [(98, 46), (100, 0)])
def test_what_is_on_us_is_not_taxed(world: World, percent: int, goods: int) -> None:
    TaxRateFactory.create(percent=7)
    PromotionFactory.create(percent=percent)
    PriceFactory.create(sku=world.sku(), amount_cents=2300, valid_from=NOW)
    order = world.order()
    assert amounts(order)[2] == goods + taxes.due(goods, Decimal(7))
    pack(world, order)
    charge = charges.begin(order.dispatches.get().pk, NOW)
    assert charge is not None
    assert (charge.status, charge.amount_cents) == ("waived", goods)
    assert amounts(order)[1:] == (0, goods)


def test_a_return_brings_back_its_share_of_the_tax(world: World) -> None:
    TaxRateFactory.create()
    world.stock("C", 5)
    world.low("PGBK")
    world.low("C")
    (order,) = world.decide()
    ship(world, order)
    black, cyan = order.lines.order_by("pk")
    found = pricing.shares(order)
    assert sum(found[black.pk] + found[cyan.pk]) == order.total_cents == 4398 + 319
    assert found == {black.pk: [2680], cyan.pk: [2037]}
    whole = [{"sku": line.sku.code, "quantity": 1, "accepted": True} for line in (black, cyan)]
    receipt, _ = returns.receive(world.partner, order, "B-1", whole, NOW)
    assert sum(line.refund_cents for line in receipt.lines.all()) == order.total_cents


def test_a_late_yes_to_the_tax_of_another_state_goes_back(world: World) -> None:
    """The bank's late answer is about an amount that is not owed any more: money back, and the parcel waits."""
    TaxRateFactory.create(state="TX", percent=Decimal("8.25"))
    order = world.order()
    pack(world, order)
    known_card(order.dispatches.get())
    charge = charges.begin(order.dispatches.get().pk, NOW)
    assert charge is not None
    charges.settle(charge.pk, Outcome("declined", "pi_1", code="insufficient_funds"), NOW)
    wishes.readdress(world.plan, AUSTIN, NOW)
    order.refresh_from_db()
    pack(world, order)
    paid = Outcome("paid", "pi_1", amount_cents=charge.amount_cents, currency="usd")
    assert charges.settle(charge.pk, paid, NOW)
    charge.refresh_from_db()
    order.refresh_from_db()
    assert (charge.outcome, order.status) == (Charge.PAID_TOO_LATE, "packed")
    assert charge.refunds.get().amount_cents == 2499


@pytest.mark.parametrize("change", [{"total_cents": 2681}, {"tax_cents": 182}, {"moved_tax_cents": -182}])
def test_the_database_refuses_more_than_was_written(world: World, change: dict[str, int]) -> None:
    TaxRateFactory.create()
    order = world.order()
    with pytest.raises(IntegrityError), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(**change)


@pytest.mark.parametrize("fields", [{"percent": -1}, {"percent": Decimal("20.0001")}, {"state": "PR"}])
def test_the_database_refuses_what_is_no_rate(db: None, fields: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        TaxRateFactory.create(**fields)
    assert not TaxRate.objects.exists()
