"""Orders that staff end: shown before it happens, done once, with a sentence for each that cannot be."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.test import Client

from ars.backoffice import cancelling
from enrollment import callers
from enrollment.models import User
from notifications import tasks as mails
from notifications.models import Message
from orders import lifecycle
from orders.models import Order
from printers.models import Printer
from tests.billing.paid import staff
from tests.factories import NOW, PlanFactory, UserFactory
from tests.orders.parcels import PARCEL
from tests.orders.world import World, make_world

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


@pytest.fixture(autouse=True)
def now() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(LATER, tick=False) as clock:
        yield clock


@pytest.fixture
def eve() -> Client:
    client = Client()
    client.force_login(staff("Support", "eve@example.com"))
    return client


@pytest.fixture
def waiting(db: None) -> World:
    """Ana waits for her black, and was told."""
    world = make_world(user=UserFactory.create(full_name="Ana Ruiz", email="ana@example.com"))
    world.order()
    mails.sweep_order_events()
    return world


def order_of(world: World) -> Order:
    return Order.objects.filter(plan=world.plan).latest("pk")


def text_of(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.text).split())


def said(response: Any) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def form(*orders: Order, **typed: str) -> dict[str, object]:
    """The page's form, as it shows these orders at this moment."""
    shown = [cancelling.seen(order) for order in Order.objects.filter(pk__in=[order.pk for order in orders])]
    ids = [order.pk for order in orders]
    return {"order": ids, "seen": shown, "wish": "customer", "reason": "As you asked.", **typed}


def test_the_first_look_says_what_will_happen_and_does_nothing(eve: Client, waiting: World) -> None:
    order = order_of(waiting)
    page = eve.get("/admin/cancel/", {"order": order.pk})
    text = text_of(page)
    assert f"1 order ends: {order} of ana@example.com" in text
    assert "Nothing was set aside for it." in text
    assert "Nothing was charged, and nothing will be." in text
    assert "This mail goes to ana@example.com:" in text
    assert "Cancel the order and mail Ana Ruiz" in page.text
    assert "Cancelled as you asked us to" in page.text
    order.refresh_from_db()
    assert order.status == "backordered"


def test_the_mail_goes_out_as_it_was_shown(eve: Client, waiting: World) -> None:
    order = order_of(waiting)
    shown = (
        eve.post("/admin/cancel/", form(order, act="show", reason="It is not made any more.")).context["effect"].mail
    )
    answer = eve.post("/admin/cancel/", form(order, act="cancel", reason="It is not made any more."))
    assert (said(answer), answer.headers["Location"]) == (
        "1 order is cancelled.",
        f"/admin/orders/order/{order.pk}/change/",
    )
    mails.sweep_order_events()
    sent = Message.objects.get(kind="order_cancelled")
    assert (sent.subject, sent.to) == (shown.subject, shown.to)
    assert "It is not made any more" in sent.text
    assert order.events.latest("pk").by == "eve@example.com"


@pytest.mark.parametrize(
    ("wish", "decision", "orders"),
    [("customer", "ordered", 1), ("again", "ordered", 2), ("in_stock", "out_of_stock", 1)],
)
def test_what_is_ordered_instead_is_as_chosen(
    eve: Client, waiting: World, wish: str, decision: str, orders: int
) -> None:
    eve.post("/admin/cancel/", form(order_of(waiting), act="cancel", wish=wish))
    waiting.decide(61)
    assert (waiting.need().decision, Order.objects.count()) == (decision, orders)


def test_sent_twice_it_is_done_once(eve: Client, waiting: World) -> None:
    order = order_of(waiting)
    answers = [said(eve.post("/admin/cancel/", form(order, act="cancel"))) for _ in range(2)]
    assert answers[0] == "1 order is cancelled."
    assert answers[1] != answers[0]
    assert order.events.filter(status="cancelled").count() == 1


def test_what_is_set_aside_goes_to_whoever_waits_once_the_caller_is_known(eve: Client) -> None:
    world = make_world()
    world.stock(quantity=1)
    first = world.order()
    second = World(PlanFactory.create(model=world.plan.model), world.partner).order()
    assert (first.status, second.status) == ("released", "backordered")
    page = text_of(eve.get("/admin/cancel/", {"order": first.pk}))
    assert "Verify the caller first" in page
    assert "Verify the caller first" in said(eve.post("/admin/cancel/", form(first, act="cancel")))
    callers.knows_facts(first.user, User.objects.get(email="eve@example.com"), LATER, right=True)
    assert f"back to the shelf: 1 × {world.sku().name}." in text_of(eve.get("/admin/cancel/", {"order": first.pk}))
    eve.post("/admin/cancel/", form(first, act="cancel"))
    second.refresh_from_db()
    assert second.status == "released"


def test_of_many_each_that_cannot_end_is_named_with_who_did_what(eve: Client, waiting: World) -> None:
    waiting.stock("C")
    packed = World(waiting.plan, waiting.partner).order("C")
    lifecycle.dispatch(packed, waiting.partner, "D", PARCEL, NOW)
    orders = (packed, Order.objects.get(status="backordered"))
    page = eve.get("/admin/cancel/", {"order": [order.pk for order in orders]})
    assert f"Order {packed} of {packed.user}: It is packed since 2026-11-23 10:00 UTC, by {waiting.partner.name}" in (
        text_of(page)
    )
    answer = said(eve.post("/admin/cancel/", form(*orders, act="cancel")))
    assert "1 order is cancelled." in answer
    assert packed.display_number in answer
    packed.refresh_from_db()
    assert packed.status == "packed"


@pytest.mark.parametrize("given", [{}, {"order": "999"}, {"order": "x"}, {"order": "9" * 30}])
def test_no_order_is_no_cancellation(eve: Client, given: dict[str, str]) -> None:
    assert "No order was named." in text_of(eve.get("/admin/cancel/", given))


def test_without_a_reason_nothing_happens(eve: Client, waiting: World) -> None:
    page = eve.post("/admin/cancel/", form(order_of(waiting), act="cancel", reason=" "))
    assert "Say why; the customer reads it." in page.text
    assert order_of(waiting).status == "backordered"


@pytest.mark.parametrize("role", ["Warehouse", "Catalogue", "Finance"])
def test_others_may_not(waiting: World, role: str) -> None:
    client = Client()
    client.force_login(staff(role, "max@example.com"))
    order = order_of(waiting)
    assert client.post("/admin/cancel/", form(order, act="cancel")).status_code == 403
    assert "/admin/cancel/" not in client.get(f"/admin/orders/order/{order.pk}/change/").text
    assert Printer.objects.count() == 1
    assert order_of(waiting).status == "backordered"


def test_the_order_page_leads_there(eve: Client, waiting: World) -> None:
    order = order_of(waiting)
    link = f"/admin/cancel/?order={order.pk}"
    assert link in eve.get(f"/admin/orders/order/{order.pk}/change/").text
    eve.post("/admin/cancel/", form(order, act="cancel"))
    assert link not in eve.get(f"/admin/orders/order/{order.pk}/change/").text
