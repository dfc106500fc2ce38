"""What somebody agrees to: each cartridge of a printer with its price today, and how to tell that a price changed."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import cached_property

from ars.site import cartridges
from ars.site.cartridges import Cartridge, Notice
from enrollment import terms
from orders import pricing
from orders.clock import Clock
from orders.money import display_amount


@dataclass(frozen=True)
class Rise:
    """A cartridge that costs more from a day to come on."""

    sku: str
    price: str
    day: str


@dataclass(frozen=True)
class Offer:
    """The cartridges of one model as they are shown beside the button."""

    cartridges: tuple[Cartridge, ...]
    now: datetime

    @classmethod
    def of(cls, model_id: int, now: datetime) -> "Offer":
        """What a printer of this model takes, at today's prices."""
        model = cartridges.models().get(pk=model_id)
        return cls(cartridges.of(model, cartridges.quotes_of([model], now)), now)

    @property
    def larger_name(self) -> str:
        return cartridges.larger_name(self.cartridges)

    @property
    def promotions(self) -> list[Notice]:
        """What runs today."""
        return cartridges.notices(self.cartridges, self.now)

    @cached_property
    def rises(self) -> list[Rise]:
        """Prices to come that are higher: whoever agrees now may hear of them less than a week ahead."""
        skus = [offer.sku.pk for each in self.cartridges for offer in each.offers]
        clock = Clock(self.now)
        return [
            Rise(new.sku.name, display_amount(new.amount_cents, new.currency), clock.day(new.valid_from))
            for _, new in pricing.rises(self.now, skus)
        ]

    @property
    def is_demo(self) -> bool:
        return cartridges.shows_demo_prices(self.cartridges)

    @property
    def unconfirmed(self) -> bool:
        """Whether a person still has to say that these are the right ones."""
        return not all(each.slot.mapping_confirmed for each in self.cartridges)

    @cached_property
    def prices_cents(self) -> dict[str, int]:
        """SKU to list price, of all that is shown with one: what a consent keeps. A promotion ends, and is no term."""
        offers = [offer for each in self.cartridges for offer in each.offers]
        return {offer.sku.code: offer.quote.list_cents for offer in offers if offer.quote}

    @property
    def fingerprint(self) -> str:
        """The same for the same text of the terms, the same cartridges, prices and promotions; else another one."""
        offers = [(offer.sku.code, offer.quote) for each in self.cartridges for offer in each.offers]
        shown = sorted([code, *((quote.was, quote.now) if quote else ())] for code, quote in offers)
        to_come = [(rise.sku, rise.price) for rise in self.rises]
        return hashlib.sha256(json.dumps([terms.VERSION, shown, to_come]).encode()).hexdigest()
