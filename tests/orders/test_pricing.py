"""What an order costs: the rules of money, for any prices and promotions."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from orders import promotions, taxes
from orders.models.prices import HIGHEST_TAX_PERCENT
from orders.pricing import Item, amounts, charge_price, current_prices, shares, split
from tests.factories.orders import OrderFactory, OrderLineFactory, PriceFactory
from tests.factories.printers import NOW, SkuFactory


@dataclass(frozen=True)
class Terms:
    """Percent or cents off."""

    name: str
    percent: int | None = None
    amount_cents: int | None = None


CENTS = st.integers(1, 1_000_000)
NAMES = st.sampled_from("ABC")
PERCENT = st.builds(Terms, NAMES, percent=st.integers(1, 100))
AMOUNT = st.builds(Terms, NAMES, amount_cents=CENTS)
RATES = st.decimals(0, HIGHEST_TAX_PERCENT, places=4)
RUNNING = st.lists(PERCENT | AMOUNT, max_size=4)
LINES = st.lists(st.tuples(st.integers(1, 9), CENTS, CENTS | st.none(), RUNNING), max_size=6)


@given(LINES, RATES)
def test_a_total_is_the_exact_sum_and_no_discount_is_above_the_subtotal(
    lines: list[tuple[int, int, int | None, list[Terms]]], rate: Decimal
) -> None:
    items = [Item(n, quoted, promotions.saved(quoted, running)) for n, quoted, _, running in lines]
    result = amounts(items, rate)
    subtotal = sum(item.quantity * item.unit_price_cents for item in items)
    assert result.total_cents == subtotal - result.discount_cents + result.tax_cents
    assert (result.tax_rate, result.tax_cents) == (rate, taxes.due(subtotal - result.discount_cents, rate))
    assert 0 <= result.discount_cents <= subtotal
    assert result.shipping_cents == 0


@given(LINES, RATES, RATES)
def test_no_line_and_no_order_is_charged_above_its_quote(
    lines: list[tuple[int, int, int | None, list[Terms]]], then: Decimal, later: Decimal
) -> None:
    quoted, charged = [], []
    for n, quote, now, running in lines:
        price = charge_price(quote, now)
        quoted.append(Item(n, quote, promotions.saved(quote, running)))
        charged.append(Item(n, price, promotions.saved(price, running)))
        assert 0 <= price - charged[-1].unit_discount_cents <= quote - quoted[-1].unit_discount_cents
    as_charged, as_quoted = amounts(charged, min(then, later)), amounts(quoted, then)
    assert as_charged.total_cents <= as_quoted.total_cents
    assert as_charged.tax_cents <= as_quoted.tax_cents


@given(CENTS, RUNNING.flatmap(lambda running: st.tuples(st.just(running), st.permutations(running))))
def test_the_best_single_one_wins_in_whatever_order_they_come(
    price: int, running: tuple[list[Terms], list[Terms]]
) -> None:
    listed, shuffled = running
    won = promotions.best(price, listed)
    saved = promotions.saved(price, listed)
    assert saved == promotions.saved(price, shuffled) == (promotions.off(won, price) if won else 0)
    assert all(promotions.off(each, price) <= saved <= price for each in listed)
    other = promotions.best(price, shuffled)
    assert (won and won.name) == (other and other.name)


@given(st.integers(0, 1_000_000), st.lists(st.integers(0, 10_000), max_size=9))
def test_parts_of_a_total_add_up_to_it(total: int, weights: list[int]) -> None:
    parts = split(total, weights)
    assert sum(parts) == (total if sum(weights) else 0)
    assert min(parts, default=0) >= 0


def test_a_percentage_is_rounded_to_the_nearest_cent_halves_up() -> None:
    assert [promotions.off(Terms("A", percent=10), cents) for cents in (2499, 2494, 2495, 5, 4)] == [
        250,
        249,
        250,
        1,
        0,
    ]
    assert promotions.off(Terms("A", amount_cents=500), 300) == 300


def test_the_price_that_holds_is_the_latest_that_has_begun(db: None) -> None:
    sku, unpriced = SkuFactory.create(), SkuFactory.create()
    for days, cents in ((-30, 2000), (-1, 2100), (1, 2200)):
        PriceFactory.create(sku=sku, amount_cents=cents, valid_from=NOW + timedelta(days=days))
    assert current_prices([sku.pk, unpriced.pk], NOW) == {sku.pk: 2100}


def test_a_piece_that_cost_nothing_has_no_share_of_what_was_paid(db: None) -> None:
    order = OrderFactory.create(total_cents=2000, discount_cents=2000, quoted_total_cents=2000)
    free, paid = (
        OrderLineFactory.create(
            order=order, quoted_unit_price_cents=2000, quoted_unit_discount_cents=off, unit_discount_cents=off
        )
        for off in (2000, 0)
    )
    assert shares(order) == {free.pk: [0], paid.pk: [2000]}
