"""deploy/intact.sql: what must add up after a restore; an order that went out unpaid is found."""

from pathlib import Path

import pytest
from django.db import connection

from orders.models import Order
from tests.factories import NOW
from tests.factories.orders import OrderFactory, OrderLineFactory

pytestmark = pytest.mark.django_db
INTACT = (Path(__file__).resolve().parents[2] / "deploy" / "intact.sql").read_text()


def broken() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(INTACT)
        return {promise for promise, rows in cursor.fetchall() if rows and not promise.startswith("the newest")}


def test_nothing_is_broken_where_there_is_nothing() -> None:
    assert broken() == set()


def test_an_order_without_lines_history_or_payment_is_found() -> None:
    order = OrderFactory.create(status=Order.Status.SHIPPED, total_cents=2_499, priced_at=NOW)
    assert broken() == {
        "every order has lines and a history",
        "an order stands where its history says",
        "a shipped order is paid once, and of the right amount",
    }
    OrderLineFactory.create(order=order)
    assert "every order has lines and a history" in broken()
