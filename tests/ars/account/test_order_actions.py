"""What a customer decides about one order: cancel it while it can be, keep waiting, order it after all."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from enrollment.models import Plan
from orders.models import Order, OrderEvent, Replenishment
from tests.ars.account.conftest import make_order, posted, text_of
from tests.factories import NOW, StockItemFactory


def path(order: Order, to: str = "") -> str:
    return f"/account/orders/{order.display_number}/{to}"


def state(order: Order) -> str:
    order.refresh_from_db()
    return order.status


def made(plan: Plan, status: str, **fields: Any) -> Order:
    order = make_order(plan, status, **fields)
    StockItemFactory.create(sku=order.lines.get().sku)
    return order


@pytest.mark.parametrize("status", ["placed", "released", "payment_failed", "backordered"])
def test_an_order_that_is_not_packed_is_cancelled_once(client: Client, plan: Plan, status: str) -> None:
    order = made(plan, status)
    assert text_of(client, path(order, "cancel/")).startswith(f"Cancel order {order.display_number}?")
    for _ in range(2):
        page = posted(client, path(order, "cancel/"))
        assert f"Order {order.display_number} is cancelled. Nothing was charged." in page
    assert state(order) == "cancelled"
    assert OrderEvent.objects.filter(order=order, status="cancelled").count() == 1


def test_to_show_the_question_cancels_nothing(client: Client, plan: Plan) -> None:
    order = made(plan, "released")
    client.get(path(order, "cancel/"))
    assert state(order) == "released"


@pytest.mark.parametrize("status", ["packed", "shipped"])
def test_too_late_the_button_is_gone_and_the_page_says_why(client: Client, plan: Plan, status: str) -> None:
    order = made(plan, status, days_ago=1, priced_at=NOW, shipped_at=NOW)
    OrderEvent.objects.create(order=order, status="packed", at=NOW - timedelta(days=1), by="East")
    said = "This parcel was packed on Sun 22 Nov, 2:00 am, so it cannot be stopped."
    page = text_of(client, path(order))
    assert said in page
    assert "Cancel this order" not in page
    assert posted(client, path(order, "cancel/")).count(said) == 2
    assert state(order) == status


def test_until_when_it_may_be_cancelled_is_said(client: Client, plan: Plan) -> None:
    order = made(plan, "released", listed_at=NOW + timedelta(hours=31))
    assert "You can cancel it until we pack it, on Tue 24 Nov, 9:00 am at the earliest." in text_of(client, path(order))


def test_a_backorder_is_kept_or_cancelled(client: Client, plan: Plan) -> None:
    order = made(plan, "backordered")
    assert "Keep waiting Cancel it" in text_of(client, path(order))
    page = posted(client, path(order, "keep/"))
    assert "We keep it for you." in page
    assert "You asked us on Mon 23 Nov to keep it." in page
    assert state(order) == "backordered"
    assert order.kept_waiting_at == NOW


def test_what_waits_no_more_is_not_kept(client: Client, plan: Plan) -> None:
    order = made(plan, "released")
    assert "We keep it" not in posted(client, path(order, "keep/"))
    assert state(order) == "released"
    assert order.kept_waiting_at is None


def test_what_was_cancelled_is_ordered_after_all_once(client: Client, plan: Plan) -> None:
    order = made(plan, "released")
    assert "Order it now" in posted(client, path(order, "cancel/"))
    assert "We order it now. You see it under Orders in a moment." in posted(client, path(order, "again/"))
    need = Replenishment.objects.get()
    assert (need.decision, need.due_at) == ("undecided", NOW)
    assert "We order it now." not in posted(client, path(order, "again/"))


def test_of_an_ended_plan_nothing_is_ordered(client: Client, plan: Plan) -> None:
    order = made(plan, "released")
    posted(client, path(order, "cancel/"))
    Plan.objects.update(status="cancelled", ended_at=NOW)
    assert "Order it now" not in text_of(client, path(order))
    assert "This plan is not active, so nothing is ordered for it." in posted(client, path(order, "again/"))
    assert Replenishment.objects.get().decision == "ordered"


def test_what_was_replaced_meanwhile_is_not_ordered(client: Client, plan: Plan) -> None:
    order = made(plan, "released")
    posted(client, path(order, "cancel/"))
    Replenishment.objects.update(closed_at=NOW, due_at=None)
    assert "Order it now" not in text_of(client, path(order))
