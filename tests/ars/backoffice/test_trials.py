"""Test printers: the whole way of an order by the real rules, without a charge and without anything off the shelf."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.test import Client

from billing import tasks as billing
from billing.models import Charge
from enrollment.models import Plan
from notifications import tasks as mails
from notifications.models import Message
from orders import shelf
from orders import tasks as orders
from orders.models import Order, Reservation, StockItem
from printers import tokens
from printers.models import DeviceToken
from tests.billing.paid import staff
from tests.factories import NOW
from tests.orders.world import World, make_world

pytestmark = pytest.mark.django_db
PAGE = "/admin/test-printers/"


@pytest.fixture(autouse=True)
def now() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=True) as clock:
        yield clock


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def eve(world: World) -> Client:
    client = Client()
    client.force_login(staff("Support", "eve@example.com"))
    return client


def work() -> None:
    """What workers do meanwhile."""
    for sweep in (orders.sweep_signals, orders.sweep_plans, billing.sweep_dispatches, billing.sweep_charges):
        sweep()
    mails.sweep_order_events()


def made(eve: Client, world: World) -> tuple[str, Any]:
    """The address of a new one, and the page that shows it."""
    page = eve.post(PAGE, {"model": world.plan.model.pk})
    return f"{PAGE}{Plan.objects.get(printer__is_test=True).pk}/", page


def play(eve: Client, address: str, act: str, what: object) -> str:
    answer = eve.post(address, {"act": act, "what": str(what)})
    assert answer.headers["Location"] == address
    work()
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def test_it_goes_the_whole_way_and_costs_nobody_anything(eve: Client, world: World) -> None:
    world.stock(quantity=1)
    address, _ = made(eve, world)
    assert play(eve, address, "low", "PGBK") == ""
    order = Order.objects.get()
    assert (order.status, order.is_test, Reservation.objects.count()) == ("released", True, 0)
    assert play(eve, address, "pack", order.pk) == ""
    order.refresh_from_db()
    assert (order.status, Charge.objects.get().status) == ("shipped", "waived")
    assert play(eve, address, "deliver", order.pk) == ""
    order.refresh_from_db()
    assert order.status == "delivered"
    for _ in range(2):
        play(eve, address, "full", "PGBK")
    assert play(eve, address, "low", "PGBK") == ""
    assert Order.objects.count() == 2
    assert (StockItem.objects.get(sku=world.sku()).on_hand, world.on_hand(), shelf.differences()) == (1, (1, 0), {})
    assert Message.objects.filter(order=order, user__email="eve@example.com").count() >= 2


def test_an_empty_shelf_holds_no_test_up(eve: Client, world: World) -> None:
    address, _ = made(eve, world)
    play(eve, address, "low", "PGBK")
    assert Order.objects.get().status == "released"


def test_its_token_is_shown_once_and_reports(eve: Client, world: World) -> None:
    address, page = made(eve, world)
    token = re.search(r"<code>([^<]+)</code>", page.text)
    assert token is not None
    assert tokens.digest(token[1]) == bytes(DeviceToken.objects.get(printer__is_test=True).token_hash)
    assert token[1] not in eve.get(address).text


def test_the_page_looks_again_only_while_workers_are_at_it(eve: Client, world: World) -> None:
    address, _ = made(eve, world)
    assert "waiting.js" not in eve.get(address).text
    eve.post(address, {"act": "low", "what": "PGBK"})
    assert "waiting.js" in eve.get(address).text
    work()
    assert "waiting.js" not in eve.get(address).text


def test_a_customers_order_or_printer_is_never_played_with(eve: Client, world: World) -> None:
    order = world.order()
    address, _ = made(eve, world)
    assert eve.get(f"{PAGE}{world.plan.pk}/").status_code == 404
    assert eve.post(f"{PAGE}{world.plan.pk}/", {"act": "low", "what": "PGBK"}).status_code == 404
    assert play(eve, address, "pack", order.pk) == "It has no such order."
    order.refresh_from_db()
    assert order.status == "backordered"


@pytest.mark.parametrize(
    ("act", "what", "sentence"),
    [
        ("low", "XX", "This printer has no such supply."),
        ("pack", "x", "It has no such order."),
        ("fly", "", "Choose what happens next."),
    ],
)
def test_what_cannot_be_is_said(eve: Client, world: World, act: str, what: str, sentence: str) -> None:
    address, _ = made(eve, world)
    assert play(eve, address, act, what) == sentence


def test_packed_twice_it_is_packed_once_and_a_printer_cut_off_reports_no_more(eve: Client, world: World) -> None:
    address, _ = made(eve, world)
    play(eve, address, "low", "PGBK")
    order = Order.objects.get()
    eve.post(address, {"act": "pack", "what": order.pk})
    eve.post(address, {"act": "pack", "what": order.pk})
    assert order.dispatches.count() == 1
    printer = Plan.objects.get(printer__is_test=True).printer
    assert printer is not None
    tokens.revoke_all(printer, "lost", NOW)
    assert play(eve, address, "low", "C") == "This printer is not connected any more. Make another."


@pytest.mark.parametrize("role", ["Warehouse", "Catalogue", "Finance"])
def test_others_may_not(world: World, role: str) -> None:
    client = Client()
    client.force_login(staff(role, "max@example.com"))
    assert client.post(PAGE, {"model": world.plan.model.pk}).status_code == 403
    assert Plan.objects.count() == 1
