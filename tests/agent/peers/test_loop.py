"""The whole loop with a printer that we did not write: it prints until ink is low and an order placed, and is refilled.

Found by its address, paired by a person's yes, decided on by the service as it stands.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from enrollment.models import Plan, User
from orders import stock, tasks
from orders.models import Order
from printers.catalogue import alias_key
from printers.models import LowSignal, Printer, SlotSku
from tests.agent.peers.conftest import PATIENCE, EvePrinter, bus_in, eve_printer
from tests.agent.program import Program
from tests.agent.test_journey import pair
from tests.factories.enrollment import AddressFactory, ConsentFactory, PartnerFactory, UserFactory
from tests.factories.orders import PriceFactory
from tests.factories.printers import PrinterModelFactory, SlotAliasFactory, SlotFactory, SlotSkuFactory
from tests.waiting import eventually

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def printer(tmp_path: Path) -> Iterator[EvePrinter]:
    """With 17 percent of cyan."""
    with bus_in(tmp_path) as bus, eve_printer(bus, tmp_path, "-r", "off") as printer:
        yield printer


@pytest.fixture
def ana(transactional_db: None, settings: Settings, live_server: LiveServer) -> User:
    """Her printer's cartridges have prices, and the shelf has ten of each."""
    settings.SITE_URL = live_server.url
    model, partner = PrinterModelFactory.create(name="TS8430"), PartnerFactory.create()
    for code, name in (("BK", "Black"), ("C", "Cyan")):
        slot = SlotFactory.create(model=model, code=code, name=name, low_threshold=15)
        fit: SlotSku = SlotSkuFactory.create(slot=slot)
        SlotAliasFactory.create(slot=slot, key=alias_key("name", name))
        PriceFactory.create(sku=fit.sku)
        stock.receive(partner, f"R-{code}", fit.sku, 10, timezone.now())
    return UserFactory.create()


def make_active(plan: Plan) -> None:
    """Address, card and agreement, which the person at the printer has nothing to do with."""
    now = timezone.now()
    ConsentFactory.create(plan=plan)
    plan.shipping_address = AddressFactory.create(user=plan.user)
    plan.status, plan.payable_since, plan.activated_at = Plan.Status.ACTIVE, now, now
    plan.save()


def cyan_is(level: int) -> bool:
    printer = Printer.objects.get()
    return bool(printer.supplies["C"]["level"] == level)


def report(program: Program, level: int) -> None:
    """Again and again until the printer has told the service so: its page counts when it is printed."""

    def is_told() -> bool:
        done = program.run("run", "--once")
        assert (done.returncode, done.stderr) == (0, "")
        return cyan_is(level)

    assert eventually(is_told, PATIENCE)


def test_it_prints_until_an_order_is_placed_and_is_armed_again(
    program: Program, printer: EvePrinter, live_server: LiveServer, ana: User
) -> None:
    code, said = pair(program, printer.uri, live_server.url, ana, "yes")
    assert code == 0, said
    make_active(Plan.objects.get())
    assert (LowSignal.objects.count(), cyan_is(17)) == (0, True)

    printer.print(copies=3)
    report(program, 14)
    report(program, 14)  # once more is no second need
    tasks.sweep_signals()
    order = Order.objects.get()
    assert [line.sku for line in order.lines.all()] == [SlotSku.objects.get(slot__code="C").sku]
    assert LowSignal.objects.get(closed_at=None).level == 14

    printer.refill()
    report(program, 99)
    report(program, 99)  # a jump counts when the next report confirms it
    assert not LowSignal.objects.filter(closed_at=None).exists()

    printer.print(copies=85)
    report(program, 14)
    assert {signal.slot.code for signal in LowSignal.objects.filter(closed_at=None)} == {"BK", "C"}
    assert program.run("unpair").returncode == 0
