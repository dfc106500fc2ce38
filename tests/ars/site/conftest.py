"""Somebody who looks around, on a day that stands still."""

from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client

from enrollment.models import Plan, User
from orders import pricelist
from printers import catalogue
from printers.models import PrinterModel, SlotSku
from tests.factories import NOW, PlanFactory, PriceFactory, PrinterModelFactory, SlotSkuFactory, UserFactory


@pytest.fixture(autouse=True)
def _frozen() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def stranger(db: None) -> Client:
    return Client()


@pytest.fixture
def client(db: None) -> Client:
    """Ana, signed in."""
    client = Client()
    client.force_login(UserFactory.create())
    return client


@pytest.fixture
def plan(client: Client) -> Plan:
    """Her plan."""
    return PlanFactory.create(user=User.objects.get())


@pytest.fixture
def shop(db: None) -> None:
    """The catalogue and the demo prices as they are delivered."""
    catalogue.load()
    pricelist.load(pricelist.DEFAULT, NOW)


@pytest.fixture
def model(db: None) -> PrinterModel:
    """PIXMA TR1: a black with two sizes, a cyan with one, all with a price."""
    model = PrinterModelFactory.create(name="TR1")
    fits(model, "PGBK", "PGI-1-PGBK", 1000, name="Black", position=1)
    fits(model, "PGBK", "PGI-1XL-PGBK", 1500, size=SlotSku.Size.HIGH)
    fits(model, "C", "CLI-1-C", 800, name="Cyan", colorant="c", position=2)
    return model


def fits(
    model: PrinterModel, code: str, sku: str, cents: int | None, *, size: str = SlotSku.Size.STANDARD, **slot: object
) -> SlotSku:
    """A cartridge fits a slot, made if it is not there, and costs so much."""
    known = model.slots.filter(code=code).first()
    place = {"slot": known} if known else {"slot__model": model, "slot__code": code}
    slots = {f"slot__{name}": value for name, value in slot.items()}
    made = SlotSkuFactory.create(size=size, sku__code=sku, **place, **slots)
    if cents is not None:
        PriceFactory.create(sku=made.sku, amount_cents=cents)
    return made
