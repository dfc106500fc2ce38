"""What ink costs: a table for each family of printers that take the same cartridges, yours first (promise P8)."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import cached_property
from django.utils.translation import gettext

from ars.site import cartridges
from ars.site.cartridges import Cartridge, Notice
from ars.site.find import Found, find
from orders.clock import Clock
from orders.pricing import Quote
from printers.models import PrinterModel, Sku


@dataclass(frozen=True)
class Family:
    """Models that take the same cartridges."""

    models: tuple[PrinterModel, ...]
    cartridges: tuple[Cartridge, ...]

    @property
    def numbers(self) -> str:
        """What is printed on the boxes, without the color: 'PGI-280 and CLI-281'."""
        codes = [each.offers[0].sku.code.removesuffix(f"-{each.slot.code}") for each in self.cartridges if each.offers]
        *most, last = dict.fromkeys(codes)
        return gettext("%(named)s and %(last)s") % {"named": ", ".join(most), "last": last} if most else last

    @property
    def is_toner(self) -> bool:
        return any(offer.sku.kind == Sku.Kind.TONER for each in self.cartridges for offer in each.offers)

    @property
    def larger_name(self) -> str:
        return cartridges.larger_name(self.cartridges)


@dataclass(frozen=True)
class PriceChart:
    """The chart of all printers that can be enrolled, and the one that was asked for."""

    models: tuple[PrinterModel, ...]
    quotes: dict[int, Quote]
    now: datetime
    typed: str = ""

    @cached_property
    def found(self) -> Found:
        return find(self.typed, self.models)

    @cached_property
    def families(self) -> list[Family]:
        """In the order of their first models. Models whose cartridges nobody knows yet are in none."""
        together: dict[object, list[PrinterModel]] = {}
        for model in self.models:
            together.setdefault(_signature(model), []).append(model)
        known = (Family(tuple(models), cartridges.of(models[0], self.quotes)) for models in together.values())
        return [family for family in known if any(each.offers for each in family.cartridges)]

    @property
    def yours(self) -> Family | None:
        """The family of the printer that was asked for."""
        return next((family for family in self.families if self.found.only in family.models), None)

    @property
    def others(self) -> list[Family]:
        return [family for family in self.families if family != self.yours]

    @property
    def without(self) -> list[PrinterModel]:
        """Models nobody knows the cartridges of yet."""
        known = {model for family in self.families for model in family.models}
        return [model for model in self.models if model not in known]

    @property
    def is_demo(self) -> bool:
        return any(cartridges.shows_demo_prices(family.cartridges) for family in self.families)

    @property
    def promotions(self) -> list[Notice]:
        """What runs today."""
        return cartridges.notices([each for family in self.families for each in family.cartridges], self.now)

    @property
    def as_of(self) -> str:
        """Wed 26 Nov, 12:30 pm: a copy kept by a cache says how old it is."""
        return Clock(self.now).moment(self.now)

    @property
    def changed(self) -> str:
        """The day of the last change; nothing while there are no prices."""
        latest = max((quote.price.valid_from for quote in self.quotes.values()), default=None)
        return Clock(self.now).day(latest) if latest else ""


def read(typed: str, now: datetime) -> PriceChart:
    """The chart as it is now."""
    models = tuple(cartridges.models().filter(eligible=True))
    return PriceChart(models, cartridges.quotes_of(models, now), now, typed)


def _signature(model: PrinterModel) -> object:
    """Equal for models that take the same: slot by slot, under the same names."""
    return tuple(
        (slot.code, slot.name, slot.colorant, tuple(sorted((fit.size, fit.sku_id) for fit in slot.fits.all())))
        for slot in model.slots.all()
        if slot.consumable
    )
