"""One customer's printer with prices and stock: low signals in, orders out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from enrollment.models import Partner, Plan
from orders import replenishment, stock
from orders.models import Order, Replenishment
from printers.models import LowSignal, Sku, SlotSku
from tests.factories.enrollment import ConsentFactory, PartnerFactory, PlanFactory
from tests.factories.orders import PriceFactory
from tests.factories.printers import NOW, LowSignalFactory, SlotSkuFactory


@dataclass
class World:
    """A plan whose printer has a black and a cyan slot, each with one cartridge that is in the price list."""

    plan: Plan
    partner: Partner

    def sku(self, code: str = "PGBK") -> Sku:
        return SlotSku.objects.get(slot__model=self.plan.model, slot__code=code).sku

    def stock(self, code: str = "PGBK", quantity: int = 10, now: datetime = NOW) -> None:
        """Receive stock for a slot."""
        stock.receive(self.partner, f"R-{code}-{quantity}-{now.timestamp()}", self.sku(code), quantity, now)

    def low(self, code: str = "PGBK", level: int | None = 9, minute: float = 0, **fields: Any) -> LowSignal:
        """A low signal as printers_ingest() leaves it, state of the printer's row included."""
        at = NOW + timedelta(minutes=minute)
        slot = self.plan.model.slots.get(code=code)
        signal = LowSignalFactory.create(printer=self.plan.printer, slot=slot, level=level, observed_at=at, **fields)
        self.say(code, level=level, low=True, signal=signal.pk, replenishment="deciding", at=at.isoformat())
        return signal

    def say(self, code: str = "PGBK", **state: Any) -> None:
        """Change what the printer's row keeps of a slot."""
        printer = self.plan.printer
        assert printer is not None
        printer.refresh_from_db()
        blank = {"at": NOW.isoformat(), "level": None, "last": None, "low": False, "genuine": None, "serial": None}
        kept = printer.supplies.get(code, blank | {"rise": None, "signal": None, "replenishment": "none"})
        printer.supplies[code] = kept | state
        printer.save(update_fields=["supplies"])

    def decide(self, minute: float = 0) -> list[Order]:
        """One round of decisions for the plan."""
        return replenishment.decide_for(self.plan.pk, NOW + timedelta(minutes=minute))

    def order(self, code: str = "PGBK") -> Order:
        """A low signal, decided: the order it became."""
        self.low(code)
        (order,) = self.decide()
        return order

    def need(self, code: str = "PGBK") -> Replenishment:
        return Replenishment.objects.get(plan=self.plan, slot__code=code, closed_at=None)

    def told(self, code: str = "PGBK") -> str:
        """What the printer is told of a slot."""
        assert self.plan.printer is not None
        self.plan.printer.refresh_from_db()
        said: str = self.plan.printer.supplies[code]["replenishment"]
        return said

    def on_hand(self, code: str = "PGBK") -> tuple[int, int]:
        """(on hand, reserved)."""
        row = self.sku(code).stock
        row.refresh_from_db()
        return row.on_hand, row.reserved


def make_world(**plan: Any) -> World:
    """An active plan, with consent, for a printer with two slots; nothing in stock."""
    world = World(PlanFactory.create(**plan), PartnerFactory.create())
    ConsentFactory.create(plan=world.plan)
    for position, (code, name) in enumerate([("PGBK", "Black"), ("C", "Cyan")]):
        fit = SlotSkuFactory.create(
            slot__model=world.plan.model,
            slot__code=code,
            slot__name=name,
            slot__position=position,
            sku__name=f"{name} XL",
        )
        PriceFactory.create(sku=fit.sku, amount_cents=2499 if code == "PGBK" else 1899)
    return world


@pytest.fixture
def world(db: None) -> Iterator[World]:
    """At NOW: a plan with a printer, prices and ten blacks in stock; no cyan."""
    with time_machine.travel(NOW, tick=False):
        made = make_world()
        made.stock("PGBK", 10)
        yield made
