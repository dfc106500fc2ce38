"""Every component of the pages in every state, made up in memory: what the style guide shows."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms

from ars.account.level_history import LevelHistory
from ars.account.order_page import Cost
from ars.account.order_rows import OrderRow, Step
from ars.account.tanks import Supply, Tank
from ars.site.cartridges import Cartridge, Offer
from ars.timeline.entry import Entry, Kind, Place
from orders import words
from orders.clock import Clock
from orders.models import Order, Price, Promotion
from orders.pricing import Quote
from printers.catalogue_file import COLORANTS
from printers.forecast import Point
from printers.models import Sku, Slot
from printers.supplies import SupplyState

HOUR = timedelta(hours=1)
TRACKED = (Order.Status.PLACED, Order.Status.PACKED, Order.Status.SHIPPED, Order.Status.DELIVERED)
SUPPLY_STATES = (
    *(words.LOW, words.ON_ORDER, words.NOT_RECOGNISED, words.ALL_WELL, words.PRINTER_OFF),
    *(words.HELPER_STOPPED, words.NEVER_HEARD, words.NO_READING, words.PAUSED, words.UNFINISHED, words.ENDED),
)


class SpecimenForm(forms.Form):
    """A row of each sort: with a hint, optional, wrong, and to tick."""

    full_name = forms.CharField(label="Full name", help_text="As on the door bell.")
    line2 = forms.CharField(label="Apartment, suite or floor", required=False)
    postal_code = forms.RegexField(r"^\d{5}$", label="ZIP code", error_messages={"invalid": "A ZIP code has 5 digits."})
    everywhere = forms.BooleanField(label="Use it for all my printers", required=False)


@dataclass(frozen=True)
class Specimens:
    """The style guide, now."""

    now: datetime

    @property
    def supplies(self) -> list[Supply]:
        """A tank for whatever a printer can say."""
        return [
            self._supply("C", "Cyan", "c", 64),
            self._supply("M", "Magenta", "m", 9),
            self._supply("Y", "Yellow", "y", 12, replenishment="on_order"),
            self._supply("K", "Black", "k", 100),
            self._supply("PGBK", "Pigment Black", "k", 0),
            self._supply("COLOR", "Tri-color", "cmy", 58),
            self._supply("GY", "Gray", "gy", 40, low=True),
            self._supply("LGY", "Light Gray", "lgy", 33, days=9),
            self._supply("PC", "Photo Cyan", "pc", 12, genuine=False),
            self._supply("PM", "Photo Magenta", "pm", None),
            self._supply("R", "Red", "r", None, last=30),
            self._supply("PB", "Photo Blue", "pb", None, low=True),
            self._supply("C", "Cyan, in steps", "c", 100, coarse=True),
            self._supply("Y", "Yellow, in steps", "y", 10, coarse=True),
            self._supply("COLOR", "Tri-color, in steps", "cmy", 1, coarse=True),
            self._supply("BK", "Black, in steps", "k", 10, days=9, coarse=True),
            Supply(Slot(code="CO", name="Chroma Optimizer", colorant="co"), None, Clock(self.now)),
        ]

    @property
    def tanks_by_level(self) -> list[Tank]:
        return [Tank(code="C", ink="c", level=level, mark=15) for level in (0, 5, 15, 50, 74, 80, 90, 100)]

    @property
    def order_states(self) -> list[words.State]:
        return list(words.STATES.values())

    @property
    def supply_states(self) -> list[words.State]:
        return list(SUPPLY_STATES)

    @property
    def trackers(self) -> list[list[Step]]:
        return [OrderRow(self._order(status), self.now).steps for status in TRACKED]

    @property
    def entries(self) -> list[Entry]:
        told = (
            "Charged $26.76 to Visa 4242.",
            "Packed.",
            "Black was low. We ordered one.",
        )
        at = [self.now - hours * HOUR for hours in (1, 3, 26)]
        moment = Clock(self.now).moment
        return [
            Entry(when, Place.TOLD, Kind.ORDER, moment(when), text, "", "") for when, text in zip(at, told, strict=True)
        ]

    @property
    def costs(self) -> list[Cost]:
        lines = [Cost("Black", "$24.99"), Cost("Promotion “Autumn weeks”", "-$2.00"), Cost("Shipping", "$0.00")]
        return [*lines, Cost("Total", "$22.99", is_total=True)]

    @property
    def cartridges(self) -> list[Cartridge]:
        """A price table with every sort of cell."""
        black = Cartridge(Slot(name="Black", code="K", colorant="k"), self._offer("K"), self._offer("K-XL", 3599))
        reduced = self._offer("COLOR", 2999, Promotion(name="Autumn weeks", percent=10))
        colors = Cartridge(Slot(name="Tri-color", code="COLOR", colorant="cmy"), reduced, None)
        return [black, colors]

    @property
    def inks(self) -> list[Cartridge]:
        """Every ink there is."""
        slots = [Slot(name=" / ".join(names), code=ink.upper(), colorant=ink) for ink, names in COLORANTS.items()]
        return [Cartridge(slot, None, None) for slot in slots]

    @property
    def charts(self) -> list[LevelHistory]:
        """Half a year with a new cartridge, a level that was not known, and a time when nobody listened."""
        said = [(170, 60), (150, 44), (140, None), (120, 20), (96, 9), (95, 100), (80, 90), (70, 76), (20, 31), (0, 24)]
        points = [Point(self.now - timedelta(days=days), level, replaced=days == 95) for days, level in said]
        return [LevelHistory(self._supply("K", "Black", "k", 24), tuple(points))]

    @property
    def card_field(self) -> dict[str, str]:
        """As it looks before its script runs; the style guide asks no card service."""
        return {"key": "", "setup": ""}

    @property
    def blank_form(self) -> SpecimenForm:
        return SpecimenForm(prefix="blank")

    @property
    def wrong_form(self) -> SpecimenForm:
        return SpecimenForm({"full_name": "", "line2": "Apt 4", "postal_code": "9721", "everywhere": "on"})

    def _supply(
        self,
        code: str,
        name: str,
        ink: str,
        level: int | None,
        *,
        days: int = 0,
        coarse: bool = False,
        **state: Any,
    ) -> Supply:
        known: dict[str, Any] = {"low": level is not None and level <= 15, "genuine": True, "serial_number": None}
        known |= {"jumped": False, "replenishment": "none", "last_level": state.pop("last", level)} | state
        at = self.now - timedelta(days=days)
        slot = Slot(code=code, name=name, colorant=ink, low_threshold=15)
        return Supply(slot, SupplyState(at=at, level=level, **known), Clock(self.now), coarse)

    def _order(self, status: str) -> Order:
        order = Order(status=status, ship_to={}, placed_at=self.now, listed_at=self.now, updated_at=self.now)
        order.shipped_at = self.now if status == Order.Status.SHIPPED else None
        return order

    def _offer(self, code: str, cents: int | None = None, *running: Promotion) -> Offer:
        quote = Quote(Price(amount_cents=cents, is_demo=True), running) if cents else None
        return Offer(Sku(code=code, name=code, kind=Sku.Kind.INK), quote)
