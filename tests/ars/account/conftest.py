"""A customer who is signed in, with one printer."""

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils.html import strip_tags

from billing import receipts
from billing.models import Card, Charge, PlanCard, StripeCustomer
from enrollment.models import Plan, User
from orders.models import Order, Replenishment
from printers.models import LowSignal, Slot
from tests.billing.conftest import standin, stripe_process
from tests.factories import (
    NOW,
    DispatchFactory,
    LowSignalFactory,
    OrderEventFactory,
    OrderFactory,
    OrderLineFactory,
    PlanFactory,
    ReplenishmentFactory,
    SlotSkuFactory,
    UserFactory,
)

__all__ = ["standin", "stripe_process"]  # for the pages that ask the card service


@pytest.fixture(autouse=True)
def _frozen() -> Any:
    """The clock stands at NOW: Mon 23 Nov 2026, 2 am in Oregon."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def ana(db: None) -> User:
    return UserFactory.create()


@pytest.fixture
def client(ana: User) -> Client:
    client = Client()
    client.force_login(ana)
    return client


@pytest.fixture
def plan(ana: User) -> Plan:
    """Ana's printer at the front desk: black at 64 %, heard of just now, paid by a card."""
    plan = PlanFactory.create(user=ana, nickname="Front desk")
    SlotSkuFactory.create(slot__model=plan.model, slot__code="PGBK", slot__name="Black", sku__code="PGI-280-PGBK")
    PlanCard.objects.create(plan=plan, card=card_of(ana))
    report(plan, level=64)
    return plan


def card_of(user: User) -> Card:
    shown = {"brand": "visa", "last4": "4242", "exp_month": 8, "exp_year": 2028}
    return Card.objects.get_or_create(user=user, stripe_id=f"pm_{user.pk}", defaults=shown)[0]


def report(plan: Plan, level: int | None, *, at: datetime = NOW, code: str = "PGBK", **state: Any) -> None:
    """The printer's latest word on one slot, as `printers_ingest()` would keep it."""
    assert plan.printer is not None
    low = level is not None and level <= 15
    known: dict[str, Any] = {"at": at.isoformat(), "level": level, "last": level, "low": low, "genuine": None}
    plan.printer.supplies[code] = known | {"serial": None, "replenishment": "none"} | state
    plan.printer.seen_at = at
    plan.printer.save(update_fields=["supplies", "seen_at"])


def make_order(plan: Plan, status: str = Order.Status.PLACED, *, days_ago: int = 0, **fields: Any) -> Order:
    """An order of one black for a plan, because it was at 9 %; with the first and the last of its steps.

    Where one is open already, that need was met before: closed, as when the cartridge is replaced.
    """
    slot = Slot.objects.get(model=plan.model)
    at = NOW - timedelta(days=days_ago)
    LowSignal.objects.filter(printer=plan.printer).update(closed_at=NOW, closed_cause=LowSignal.ClosedCause.REPLACED)
    Replenishment.objects.filter(plan=plan).update(closed_at=NOW, due_at=None)
    signal = LowSignalFactory.create(printer=plan.printer, slot=slot, observed_at=at, level=9)
    need = ReplenishmentFactory.create(plan=plan, slot=slot, signal=signal, decision="ordered", opened_at=at)
    order = OrderFactory.create(plan=plan, status=status, placed_at=at, **fields)
    OrderLineFactory.create(order=order, slot=slot, sku=slot.fits.get().sku, replenishment=need)
    OrderEventFactory.create(order=order, status=Order.Status.PLACED, at=at, by="printer")
    if status != Order.Status.PLACED:
        OrderEventFactory.create(order=order, status=status, at=at)
    return order


def chargeable(user: User) -> Card:
    """A second card, and the card service knows the customer."""
    StripeCustomer.objects.get_or_create(user=user, defaults={"stripe_id": f"cus_{user.pk}"})
    shown = {"brand": "visa", "last4": "1881", "exp_month": 8, "exp_year": 2028}
    return Card.objects.get_or_create(user=user, stripe_id=f"pm_{user.pk}_1881", defaults=shown)[0]


def charge(order: Order, status: str, **fields: Any) -> Charge:
    return Charge.objects.create(
        order=order,
        dispatch=DispatchFactory.create(order=order),
        card=card_of(order.user),
        attempt=1,
        status=status,
        amount_cents=order.total_cents,
        currency="usd",
        receipt_number=receipts.number(NOW) if status == "paid" else None,
        created_at=NOW,
        **({"settled_at": None, "due_at": NOW} if status == "pending" else {"settled_at": NOW}),
        **fields,
    )


def text_of(client: Client, path: str) -> str:
    """What a page says, on one line; a space that may not break stays one."""
    return _words(client.get(path))


def posted(client: Client, path: str, typed: dict[str, Any] | None = None) -> str:
    """The same of the page one sees after sending a form."""
    return _words(client.post(path, typed or {}, follow=True))


def _words(response: Any) -> str:
    assert response.status_code == 200
    return re.sub(r"[ \n]+", " ", unescape(strip_tags(response.content.decode()))).strip()
