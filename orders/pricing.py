"""What an order costs: the quote, and the charge that never exceeds it (promise P7). Reads, and writes nothing."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext

from orders import promotions, taxes
from orders.clock import Clock
from orders.models import Order, OrderLine, Price, Promotion
from orders.money import display_amount


@dataclass(frozen=True)
class Item:
    """So many pieces to be priced: cents a piece, and what the best promotion takes off it, never more than that."""

    quantity: int
    unit_price_cents: int
    unit_discount_cents: int = 0


@dataclass(frozen=True)
class Quote:
    """What a piece of a SKU costs at a moment: its list price, and the promotions that run for it."""

    price: Price
    running: tuple[Promotion, ...] = ()

    @property
    def promotion(self) -> Promotion | None:
        """The best one, if any saves something."""
        return promotions.best(self.price.amount_cents, self.running)

    @property
    def list_cents(self) -> int:
        return self.price.amount_cents

    @property
    def discount_cents(self) -> int:
        return promotions.saved(self.list_cents, self.running)

    @property
    def cents(self) -> int:
        """What is paid for it."""
        return self.list_cents - self.discount_cents

    @property
    def was(self) -> str:
        """$24.99: the list price."""
        return display_amount(self.list_cents, self.price.currency)

    @property
    def now(self) -> str:
        """$22.49: the list price less the best promotion."""
        return display_amount(self.cents, self.price.currency)

    @property
    def line(self) -> dict[str, int]:
        """The amounts of a new order line, in cents."""
        return {
            "unit_price_cents": self.list_cents,
            "quoted_unit_price_cents": self.list_cents,
            "unit_discount_cents": self.discount_cents,
            "quoted_unit_discount_cents": self.discount_cents,
        }

    def in_words(self, clock: Clock) -> str:
        """'$24.99 today', or '$22.49 today instead of $24.99 (“Autumn weeks”, until Sun 30 Nov)'."""
        if self.promotion is None:
            return gettext("%(now)s today") % {"now": self.now}
        facts = {"now": self.now, "was": self.was, "name": promotions.quotation(self.promotion.name)}
        facts["day"] = promotions.last_day(self.promotion, clock)
        return gettext("%(now)s today instead of %(was)s (%(name)s, until %(day)s)") % facts


def with_tax(quote: Quote, clock: Clock) -> str:
    """Its price in words, and that tax comes on top where the clock stands, if any does."""
    facts = {"price": quote.in_words(clock)}
    return gettext("%(price)s plus tax") % facts if taxes.rates(clock.now).get(clock.state) else facts["price"]


@dataclass(frozen=True)
class Amounts:
    """What an order comes to, in cents, and its tax rate in percent. Named as on an order."""

    discount_cents: int
    tax_rate: Decimal
    tax_cents: int
    shipping_cents: int
    total_cents: int


def current(sku_ids: Iterable[int], now: datetime) -> dict[int, Price]:
    """SKU id to its list price at `now`; a SKU without a price is missing."""
    prices = Price.objects.filter(sku_id__in=list(sku_ids), valid_from__lte=now).order_by("sku_id", "-valid_from")
    return {price.sku_id: price for price in prices.distinct("sku_id")}


def current_prices(sku_ids: Iterable[int], now: datetime) -> dict[int, int]:
    """The same in cents."""
    return {sku_id: price.amount_cents for sku_id, price in current(sku_ids, now).items()}


def next_prices(sku_ids: Iterable[int], now: datetime) -> dict[int, datetime]:
    """SKU id to when its next price begins; one with none to come is missing."""
    to_come = Price.objects.filter(sku_id__in=list(sku_ids), valid_from__gt=now).order_by("sku_id", "valid_from")
    return {price.sku_id: price.valid_from for price in to_come.distinct("sku_id")}


def rises(now: datetime, sku_ids: Iterable[int] | None = None) -> list[tuple[Price, Price]]:
    """The prices to come that are higher than the one before them, of these SKUs or of all, with that one: (old, new).

    In the order in which they come.
    """
    found, coming = [], Price.objects.filter(valid_from__gt=now).select_related("sku").order_by("valid_from", "pk")
    entered = list(coming if sku_ids is None else coming.filter(sku__in=list(sku_ids)))
    latest = current({price.sku_id for price in entered}, now)
    for price in entered:
        before = latest.get(price.sku_id)
        if before is not None and price.amount_cents > before.amount_cents:
            found.append((before, price))
        latest[price.sku_id] = price
    return found


def quotes(sku_ids: Iterable[int], now: datetime) -> dict[int, Quote]:
    """SKU id to what a piece costs at `now`, promotions included; a SKU without a price is missing."""
    prices = current(sku_ids, now)
    running = promotions.running(prices, now)
    return {sku_id: Quote(price, tuple(running[sku_id])) for sku_id, price in prices.items()}


def amounts(items: Iterable[Item], tax_rate: Decimal = taxes.NONE) -> Amounts:
    """The sum of the items less their discounts, and tax on that; shipping is free (promise P5)."""
    items = list(items)
    subtotal = sum(item.quantity * item.unit_price_cents for item in items)
    discount = sum(item.quantity * item.unit_discount_cents for item in items)
    tax = taxes.due(subtotal - discount, tax_rate)
    return Amounts(discount, tax_rate, tax, 0, subtotal - discount + tax)


def charge_price(quoted_cents: int, current_cents: int | None) -> int:
    """The list price at dispatch, never above the quoted one; where there is none any more, the quote stands."""
    return quoted_cents if current_cents is None else min(quoted_cents, current_cents)


def difference(order: Order) -> str:
    """Why the charge differs from the quote, as the customer reads it; empty when it does not, or is not fixed yet."""
    saved = order.most_cents - order.total_cents
    if order.priced_at is None or not saved:
        return ""
    facts = {"saved": display_amount(saved, order.currency)}
    if saved == order.most_tax_cents - order.tax_cents:
        return gettext("You pay %(saved)s less than we wrote: less sales tax is due.") % facts
    if order.discount_cents:
        names = promotions.named(order.lines.all())
        facts["names"] = ", ".join(map(promotions.quotation, names))
        text = gettext(
            "You pay %(saved)s less than we wrote: the price fell before shipping, and %(names)s was taken off the new "
            "price."
        )
        return text % facts
    return gettext("You pay %(saved)s less than we wrote: the price fell before shipping.") % facts


def charge_amounts(order: Order, now: datetime) -> tuple[list[OrderLine], dict[str, Any]]:
    """The lines and amounts to charge, fixed at the first dispatch for all later tries (promise P7).

    The list price of this moment, never above the quoted one, less the best promotion that ran when it was placed. As
    neither a price nor what is left of it grows when the list price falls, no line comes out above its quote. The tax
    rate is this day's where the order goes, never above the one it was quoted with: a rise in between is on us.
    """
    if order.priced_at is not None:
        return [], {}
    lines = list(order.lines.prefetch_related("promotions"))
    prices = current_prices([line.sku_id for line in lines], now)
    for line in lines:
        line.unit_price_cents = charge_price(line.quoted_unit_price_cents, prices.get(line.sku_id))
        line.unit_discount_cents = promotions.saved(line.unit_price_cents, line.promotions.all())
    items = [Item(line.quantity, line.unit_price_cents, line.unit_discount_cents) for line in lines]
    rate = min(order.tax_rate, taxes.rate_for(order, taxes.rates(now), order.ship_to)) if order.tax_rate else taxes.NONE
    return lines, {"priced_at": now, **asdict(amounts(items, rate))}


def split(total_cents: int, weights: list[int]) -> list[int]:
    """A total in parts by their weights, exact to the cent: each is what the total grows by up to it, rounded.

    Where nothing weighs anything, all are nothing.
    """
    whole, before, spent, parts = sum(weights), 0, 0, []
    for weight in weights:
        before += weight
        up_to_it = (2 * total_cents * before + whole) // (2 * whole) if whole else 0
        parts.append(up_to_it - spent)
        spent = up_to_it
    return parts


def shares(order: Order) -> dict[int, list[int]]:
    """Line id to what each of its pieces came to in the order's total: less its discount, tax shared out, in cents."""
    return shared_out(order.total_cents, order.lines.order_by("pk"))


def shared_out(total_cents: int, lines: Iterable[OrderLine]) -> dict[int, list[int]]:
    """The same of any total, over lines in their order."""
    pieces = [line for line in lines for _ in range(line.quantity)]
    found: dict[int, list[int]] = {line.pk: [] for line in pieces}
    weights = [line.unit_price_cents - line.unit_discount_cents for line in pieces]
    for line, cents in zip(pieces, split(total_cents, weights), strict=True):
        found[line.pk].append(cents)
    return found
