"""An account is deleted with orders under way: each state ends or comes, is told, and is then forgotten."""

from datetime import timedelta

import pytest
from django.test import Client

from billing.models import Card
from enrollment.models import Address, Closure, Plan, User
from notifications.models import Message
from orders import lifecycle
from orders.models import OrderEvent
from printers.models import DeviceToken
from tests.ars.account.conftest import charge, make_order
from tests.ars.account.deleting import delete, see_off, signed_in
from tests.factories import (
    NOW,
    DeviceTokenFactory,
    PlanFactory,
    StockItemFactory,
)
from tests.post import arrived

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def client(ana: User) -> Client:
    return signed_in(ana)


@pytest.mark.parametrize(
    ("status", "becomes"),
    [
        ("placed", "cancelled"),
        ("backordered", "cancelled"),
        ("released", "cancelled"),
        ("payment_failed", "cancelled"),
        ("packed", "packed"),
        ("shipped", "shipped"),
        ("delivered", "delivered"),
        ("returned", "returned"),
        ("cancelled", "cancelled"),
    ],
)
def test_orders_under_way_end_or_come(client: Client, ana: User, plan: Plan, status: str, becomes: str) -> None:
    order = make_order(plan, status, priced_at=NOW, shipped_at=NOW)
    StockItemFactory.create(sku=order.lines.get().sku)
    delete(client, ana)
    order.refresh_from_db()
    plan.refresh_from_db()
    assert (order.status, plan.status) == (becomes, "cancelled")


def test_an_order_of_a_plan_that_ended_before_ends_too(client: Client, ana: User, plan: Plan) -> None:
    order = make_order(plan, "released")
    StockItemFactory.create(sku=order.lines.get().sku)
    Plan.objects.update(status="cancelled", ended_at=NOW)
    delete(client, ana)
    order.refresh_from_db()
    assert order.status == "cancelled"


def test_what_is_packed_is_charged_told_and_only_then_forgotten(client: Client, ana: User, plan: Plan) -> None:
    email = ana.email
    order = make_order(plan, "packed", priced_at=NOW, ship_to=Address.objects.get().as_ship_to())
    OrderEvent.objects.update(due_at=None)
    StockItemFactory.create(sku=order.lines.get().sku, on_hand=1)
    delete(client, ana)
    see_off()
    (goodbye,) = arrived()
    assert (goodbye.subject, goodbye.to) == ("Your account is deleted", [email])
    assert f"This is packed, so it still comes: Black ({order.display_number})." in goodbye.body
    charge(order, "paid")
    assert lifecycle.ship(order.pk, NOW + HOUR, by="Stripe", note="Charged.")
    see_off(2 * HOUR)
    assert [(mail.subject[:9], mail.to) for mail in arrived()[1:]] == [("On its wa", [email])]
    order.refresh_from_db()
    assert order.ship_to["line1"] == "12 Elm Street"
    lifecycle.deliver(order, NOW + 3 * DAY, NOW + 3 * DAY, by="carrier")
    see_off(4 * DAY)
    order.refresh_from_db()
    assert order.ship_to["line1"] == ""
    assert (Closure.objects.get().email, Message.objects.count(), len(arrived())) == ("", 0, 2)


def test_a_packed_order_whose_card_is_refused_ends_and_nothing_is_owed(client: Client, ana: User, plan: Plan) -> None:
    order = make_order(plan, "packed", priced_at=NOW)
    StockItemFactory.create(sku=order.lines.get().sku, on_hand=1)
    OrderEvent.objects.update(due_at=None)
    delete(client, ana)
    assert lifecycle.hold(order.pk, NOW, by="Stripe", note="Refused.")
    see_off()
    order.refresh_from_db()
    assert order.status == "cancelled"
    assert [mail.subject for mail in arrived()] == ["Your account is deleted"]


def test_a_parcel_nobody_reported_is_over_after_two_months(client: Client, ana: User, plan: Plan) -> None:
    make_order(plan, "shipped", priced_at=NOW, shipped_at=NOW)
    delete(client, ana)
    see_off(59 * DAY)
    assert Closure.objects.get().forgotten_at is None
    see_off(61 * DAY)
    assert Closure.objects.get().forgotten_at is not None


def test_printers_can_report_no_more_but_those_sold_on_can(client: Client, ana: User, plan: Plan) -> None:
    sold = PlanFactory.create(user=ana, model=plan.model, cancelled=True)
    PlanFactory.create(printer=sold.printer, model=plan.model)
    own, theirs = (DeviceTokenFactory.create(printer=each.printer) for each in (plan, sold))
    delete(client, ana)
    live = DeviceToken.objects.filter(revoked_at=None)
    assert list(live) == [theirs]
    own.refresh_from_db()
    assert own.revoked_cause == "account_deleted"


def test_cards_are_to_be_taken_away(client: Client, ana: User, plan: Plan) -> None:
    delete(client, ana)
    assert [card.due_at for card in Card.objects.all()] == [NOW]
