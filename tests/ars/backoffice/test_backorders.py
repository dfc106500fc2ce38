"""Backorders of one cartridge, ended together: ticked, shown whole, and those that changed meanwhile left alone."""

import html
import re
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.test import Client

from ars.backoffice import backorders
from enrollment.models import User
from notifications import tasks as mails
from notifications.models import Message
from orders import lifecycle
from orders.models import Order
from tests.billing.paid import staff
from tests.factories import NOW, PlanFactory, UserFactory
from tests.orders.world import World, make_world
from tests.staff import with_second_factor

pytestmark = pytest.mark.django_db
CANCEL = "/admin/cancel/"


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def waiting(world: World) -> list[Order]:
    """Three people wait for black, and were told."""
    orders = []
    for name in ("ana", "ben", "cem"):
        owner = UserFactory.create(email=f"{name}@example.com")
        orders.append(World(PlanFactory.create(model=world.plan.model, user=owner), world.partner).order())
    mails.sweep_order_events()
    return orders


def client_of(role: str) -> Client:
    client = Client()
    client.force_login(staff(role, f"{role.replace(' ', '.').lower()}@ink.example"))
    return client


def page_of(world: World) -> str:
    return f"/admin/backorders/{world.sku().pk}/"


def text_of(page: Any) -> str:
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", page.text).split()))


def said(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def form_of(page: Any, **typed: str) -> dict[str, object]:
    """What the page's own form sends."""
    hidden = {name: re.findall(rf'name="{name}" value="([^"]+)"', page.text) for name in ("order", "seen")}
    return {**hidden, "wish": "customer", "reason": "It is not made any more.", "act": "cancel", **typed}


def status_of(*orders: Order) -> list[str]:
    return [Order.objects.get(pk=order.pk).status for order in orders]


def test_the_queue_leads_to_boxes_and_the_boxes_to_what_it_does(world: World, waiting: list[Order]) -> None:
    eve = client_of("Support")
    assert page_of(world) in eve.get("/admin/queues/backorders/").text
    listed = eve.get(page_of(world))
    assert re.findall(r'name="order"\s+value="(\d+)"', listed.text) == [str(order.pk) for order in waiting]
    assert f'action="{CANCEL}"' in listed.text
    page = eve.get(CANCEL, {"order": [order.pk for order in waiting]})
    text = text_of(page)
    assert f"3 orders end, and 3 × {world.sku().name} are not sent:" in text
    assert f"{waiting[2]} of cem@example.com (1 × {world.sku().name}), $24.99" in text
    assert "Together $74.97 was quoted." in text
    assert "Nothing was set aside for them." in text
    assert "3 mails go out" in text
    assert [f"To {name}@example.com:" in text for name in ("ana", "ben", "cem")] == [True] * 3
    assert [order.display_number in mail.text for order, mail in shown(page)] == [True] * 3
    assert status_of(*waiting) == ["backordered"] * 3


def shown(page: Any) -> list[tuple[Order, Message]]:
    return [(ending.order, ending.mail) for ending in page.context["effect"].endings]


def test_all_end_and_each_owner_reads_what_was_shown(world: World, waiting: list[Order]) -> None:
    eve = client_of("Support")
    asked = {"order": [order.pk for order in waiting], "reason": "It is not made any more.", "wish": "customer"}
    page = eve.post(CANCEL, {**asked, "act": "show"})
    expected = {mail.to: mail.subject for _, mail in shown(page)}
    answer = eve.post(CANCEL, form_of(page))
    assert (said(answer), answer.headers["Location"]) == (["3 orders are cancelled."], "/admin/queues/backorders/")
    assert status_of(*waiting) == ["cancelled"] * 3
    mails.sweep_order_events()
    sent = Message.objects.filter(kind="order_cancelled")
    assert {mail.to: mail.subject for mail in sent} == expected
    assert all("It is not made any more." in mail.text for mail in sent)


def test_what_changed_meanwhile_is_named_and_left(world: World, waiting: list[Order]) -> None:
    boss = client_of("Support lead")
    page = boss.get(CANCEL, {"order": [order.pk for order in waiting]})
    moved, gone, stays = waiting
    lifecycle.readdress(moved, {**moved.ship_to, "line1": "9 Elm Street"}, NOW)
    lifecycle.cancel(gone, NOW, "customer", "", by_customer=True)
    answers = said(boss.post(CANCEL, form_of(page)))
    assert answers[0] == f"Order {moved} changed since it was shown and is left as it is: waiting for stock."
    assert answers[1] == f"Order {gone}: It is cancelled since 2026-11-23 10:00 UTC, by customer."
    assert answers[2:] == ["1 order is cancelled."]
    assert status_of(moved, gone, stays) == ["backordered", "cancelled", "cancelled"]


def test_one_given_stock_meanwhile_is_left_even_to_who_might_end_it(world: World, waiting: list[Order]) -> None:
    boss = Client()
    boss.force_login(with_second_factor(User.objects.create_superuser("boss@example.com", "correct horse")))
    page = boss.get(CANCEL, {"order": [order.pk for order in waiting]})
    world.stock(quantity=1)
    answers = said(boss.post(CANCEL, form_of(page)))
    assert answers[0] == f"Order {waiting[0]} changed since it was shown and is left as it is: getting ready."
    assert status_of(*waiting) == ["released", "cancelled", "cancelled"]


def test_what_the_page_never_showed_is_not_ended(waiting: list[Order]) -> None:
    eve = client_of("Support")
    forged = {"order": waiting[0].pk, "wish": "customer", "reason": "As you asked.", "act": "cancel"}
    assert "changed since it was shown" in said(eve.post(CANCEL, forged))[0]
    assert status_of(waiting[0]) == ["backordered"]


def test_the_warehouse_reads_the_list_and_ticks_nothing(world: World, waiting: list[Order]) -> None:
    page = client_of("Warehouse").get(page_of(world))
    assert page.status_code == 200
    assert waiting[0].display_number in page.text
    assert 'name="order"' not in page.text
    assert "Show what cancelling" not in page.text


@pytest.mark.parametrize("role", ["Catalogue", "Finance"])
def test_others_do_not_read_it(world: World, role: str) -> None:
    assert client_of(role).get(page_of(world)).status_code == 403


def test_pages_hold_as_many_as_can_be_read(world: World, waiting: list[Order], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backorders, "PAGE", 2)
    eve = client_of("Support")
    assert waiting[2].display_number not in eve.get(page_of(world)).text
    assert waiting[2].display_number in eve.get(page_of(world), {"page": 2}).text
