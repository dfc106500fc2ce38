"""What goes into a printer, slot by slot: each size with its name, what it costs today, and the promotion that runs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, QuerySet

from ars.account.tanks import bands
from orders import pricing, promotions
from orders.clock import Clock
from orders.models import Promotion
from orders.money import display_amount
from orders.pricing import Quote
from printers.models import PrinterModel, Sku, Slot, SlotSku

SWATCH_LEFT, SWATCH_WIDTH = 1, 22  # of a box of 24

# How the larger size is called on the box.
LARGER = {Sku.Kind.INK: "XL", Sku.Kind.TONER: "H"}


@dataclass(frozen=True)
class Offer:
    """One size of a cartridge, and what it costs today; nothing while it has no price."""

    sku: Sku
    quote: Quote | None


@dataclass(frozen=True)
class Cartridge:
    """One slot and what fits it."""

    slot: Slot
    standard: Offer | None
    larger: Offer | None

    @property
    def swatch(self) -> list[tuple[str, str, str]]:
        """The bands of its colors: three for a cartridge of three inks."""
        return bands(self.slot.colorant, SWATCH_LEFT, SWATCH_WIDTH)

    @property
    def is_tri_color(self) -> bool:
        return len(self.swatch) > 1

    @property
    def offers(self) -> list[Offer]:
        return [offer for offer in (self.standard, self.larger) if offer is not None]


def models() -> "QuerySet[PrinterModel]":
    """Models with their slots and what fits them, in the order people see them: four queries, however many."""
    fits = Prefetch("slots__fits", SlotSku.objects.select_related("sku").order_by("pk"))
    ordered = PrinterModel.objects.select_related("series").order_by("series__position", "series__name", "name")
    return ordered.prefetch_related("slots", fits)


def quotes_of(models: Iterable[PrinterModel], now: datetime) -> dict[int, Quote]:
    """SKU id to what it costs now, of whatever fits these models."""
    slots = [slot for model in models for slot in model.slots.all()]
    return pricing.quotes({fit.sku_id for slot in slots for fit in slot.fits.all()}, now)


def of(model: PrinterModel, quotes: dict[int, Quote]) -> tuple[Cartridge, ...]:
    """A model's cartridges in the printer's own order; what fills instead of empties is none."""
    return tuple(_cartridge(slot, quotes) for slot in model.slots.all() if slot.consumable)


def larger_name(cartridges: Iterable[Cartridge]) -> str:
    """'XL' or 'H'; nothing when there is one size only."""
    kinds = {cartridge.larger.sku.kind for cartridge in cartridges if cartridge.larger}
    return " / ".join(LARGER[Sku.Kind(kind)] for kind in sorted(kinds))


def shows_demo_prices(cartridges: Iterable[Cartridge]) -> bool:
    """Whether a price among them is made up."""
    return any(offer.quote.price.is_demo for each in cartridges for offer in each.offers if offer.quote)


def full_set(cartridges: Iterable[Cartridge], *, larger: bool = False) -> str:
    """What one of each costs today, '$94.95'; the larger one where there is one. Nothing while a price is missing."""
    chosen = [(each.larger or each.standard) if larger else (each.standard or each.larger) for each in cartridges]
    quotes = [offer.quote for offer in chosen if offer is not None and offer.quote is not None]
    if not chosen or len(quotes) < len(chosen) or len({quote.price.currency for quote in quotes}) > 1:
        return ""
    return display_amount(sum(quote.cents for quote in quotes), quotes[0].price.currency)


@dataclass(frozen=True)
class Notice:
    """A promotion that runs, in words."""

    name: str
    terms: str
    last_day: str


def notices(cartridges: Iterable[Cartridge], now: datetime) -> list[Notice]:
    """The promotions that make one of these cheaper today, the first to end first."""
    quotes = [offer.quote for each in cartridges for offer in each.offers if offer.quote]
    win = {quote.promotion for quote in quotes if quote.promotion}
    return [_notice(each, Clock(now)) for each in sorted(win, key=lambda each: (each.ends_at, each.name))]


def _notice(each: Promotion, clock: Clock) -> Notice:
    return Notice(each.name, promotions.terms_in_words(each), promotions.last_day(each, clock))


def _cartridge(slot: Slot, quotes: dict[int, Quote]) -> Cartridge:
    offers = {fit.size: Offer(fit.sku, quotes.get(fit.sku_id)) for fit in slot.fits.all()}
    return Cartridge(slot, offers.get(SlotSku.Size.STANDARD), offers.get(SlotSku.Size.HIGH))
