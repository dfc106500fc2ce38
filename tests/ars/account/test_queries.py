"""No page asks the database more the more a customer has."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from enrollment.models import Plan, User
from orders.models import Order, OrderLine
from printers.models import Reading
from tests.ars.account.conftest import charge, report
from tests.ars.test_access import ADDRESSES
from tests.factories import (
    NOW,
    MessageFactory,
    OrderFactory,
    OrderLineFactory,
    PlanFactory,
    ReadingFactory,
    SkuFactory,
    SlotSkuFactory,
)

AT_MOST = 12
OWN = re.compile("account/|accounts/|activate/|enroll/")
FETCHES = 2 * 11  # of 500 orders, 200 at once: two more, each with what belongs to it
SET_UP = ("plan_set_up", "plan_consent", "plan_how_to_activate", "activate_connecting")


@pytest.fixture
def much(ana: User, plan: Plan) -> Order:
    """Ten printers, 500 orders, and one on its way with all it can have."""
    for code in ("C", "M", "Y"):
        SlotSkuFactory.create(slot__model=plan.model, slot__code=code, sku__code=f"CLI-{code}")
    Plan.objects.update(created_at=NOW - timedelta(days=400))
    plans = [plan, *(PlanFactory.create(user=ana, model=plan.model) for _ in range(9))]
    for each in plans:
        report(each, level=9, replenishment="on_order")
    slots = list(plan.model.slots.all())
    orders = [_order(plans[number % 10], "shipped" if number < 40 else "delivered") for number in range(499)]
    Order.objects.bulk_create(orders)
    sku = SkuFactory.create()
    OrderLine.objects.bulk_create(
        OrderLineFactory.build(order=order, slot=slots[number % 4], sku=sku) for number, order in enumerate(orders)
    )
    Reading.objects.bulk_create(
        ReadingFactory.build(printer=plan.printer, slot=slot, observed_at=NOW - timedelta(days=day), level=day % 90 + 9)
        for slot in slots
        for day in range(180)
    )
    with_all = OrderFactory.create(plan=plan, placed_at=NOW + timedelta(hours=1), status="packed", priced_at=NOW)
    charge(with_all, "paid")
    return with_all


def _order(plan: Plan, status: str) -> Order:
    return OrderFactory.build(plan=plan, user=plan.user, status=status, priced_at=NOW, shipped_at=NOW)


@pytest.fixture
def values(much: Order) -> dict[str, str]:
    """What stands for the variable parts of addresses."""
    slot, mail = much.plan.model.slots.all()[0], MessageFactory.create(user=much.user, order=much)
    known = {"plan_id": much.plan_id, "slot_id": slot.pk, "message_id": mail.pk, "number": much.number}
    return {name: str(value) for name, value in known.items()}


def test_twelve_queries_are_enough_for_any_page(client: Client, values: dict[str, str]) -> None:
    """Every address of the account that the service knows; a button's, reached by GET, leads to its page."""
    asked: dict[str, int] = {}
    for address in filter(OWN.match, ADDRESSES):
        path = re.sub(r"<\w+:(\w+)>", lambda found: values.get(found[1], "1"), f"/{address}")
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code < 500, address
        asked[address] = len(captured)
    assert len(asked) > 25
    assert {address: count for address, count in asked.items() if count > AT_MOST} == {}


@pytest.mark.parametrize("name", ["order", "order_pay"])
def test_an_order_that_waits_for_a_payment_needs_no_more(client: Client, much: Order, name: str) -> None:
    much.charges.update(status="declined", outcome="insufficient_funds", receipt_number=None)
    Order.objects.filter(pk=much.pk).update(status="payment_failed")
    with CaptureQueriesContext(connection) as captured:
        assert "Try Visa 4242 again" in client.get(reverse(name, args=[much.number])).content.decode()
    assert len(captured) <= AT_MOST


def test_the_file_of_ones_data_asks_no_more_for_more_orders(client: Client, much: Order) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert list(client.get(reverse("my_data_export")).streaming_content)  # type: ignore[attr-defined]
        return len(captured)

    with_all = asked()
    Order.objects.filter(lines__isnull=False).delete()
    assert with_all - asked() <= FETCHES


@pytest.mark.parametrize("name", ["account", "replenishment", *SET_UP])
def test_twelve_are_enough_for_plans_that_are_only_begun(client: Client, ana: User, name: str) -> None:
    plans = [PlanFactory.create(user=ana, ready=True, payable_since=None) for _ in range(10)]
    path = reverse(name, args=[plans[0].pk] if name in SET_UP else [])
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    assert len(captured) <= AT_MOST
