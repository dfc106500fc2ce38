"""A replacement told by phone: shown first, sent once, above the limit decided by a Support lead."""

import re
from typing import Any

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.test import Client
from pytest_django import Settings

from enrollment import callers
from orders.models import Complaint, Order
from tests.billing.paid import staff
from tests.factories import NOW
from tests.orders.parcels import LATE, delivered
from tests.orders.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def now() -> Any:
    with time_machine.travel(LATE, tick=False):
        yield


@pytest.fixture
def order(world: World) -> Order:
    world.stock()
    return delivered(world)


def clerk(role: str, *, caller_of: Order | None = None) -> Client:
    """One of a role, who knows that the owner of an order is on the phone."""
    client, eve = Client(), staff(role, "eve@example.com")
    client.force_login(eve)
    if caller_of is not None:
        callers.knows_facts(caller_of.user, eve, LATE, right=True)
    return client


def address(order: Order) -> str:
    return f"/admin/replace/{order.pk}/"


def said(response: Any) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def typed(page: Any, order: Order, **change: object) -> dict[str, object]:
    seen = re.search(r'name="seen" value="(\d+)"', page.text)
    assert seen is not None
    return {"kind": "damaged", "seen": seen[1], f"line_{order.lines.get().pk}": 1, "act": "show"} | change


def test_it_is_shown_and_then_sent_once(order: Order) -> None:
    eve = clerk("Support", caller_of=order)
    form = typed(eve.get(address(order)), order)
    page = eve.post(address(order), form)
    assert f"1 × {order.lines.get().sku.name} for {order.user}, free of charge" in " ".join(page.text.split())
    assert Complaint.objects.count() == 0
    answers = [eve.post(address(order), form | {"act": "send"}) for _ in range(2)]
    new = order.replacements.get()
    assert (new.status, new.total_cents, new.kind) == ("released", 0, "replacement")
    assert f"Sent free of charge: order {new}." in said(answers[0])
    assert Complaint.objects.get().sent_by == "eve@example.com"
    assert "There is nothing to replace of this order" in eve.get(address(order)).text


def test_above_the_limit_support_asks_and_a_lead_sends(order: Order, settings: Settings) -> None:
    settings.REPLACEMENT_LIMIT_CENTS = 0
    eve = clerk("Support", caller_of=order)
    form = typed(eve.get(address(order)), order)
    page = eve.post(address(order), form)
    assert "Ask a Support lead" in page.text
    assert "Above the limit" in said(eve.post(address(order), form | {"act": "send"}))
    assert (Complaint.objects.get().sent_at, order.replacements.count()) == (None, 0)


def test_a_leads_word_is_enough(order: Order, settings: Settings) -> None:
    settings.REPLACEMENT_LIMIT_CENTS = 0
    lead = clerk("Support lead", caller_of=order)
    form = typed(lead.get(address(order)), order, act="send")
    assert "Sent free of charge" in said(lead.post(address(order), form))
    assert order.replacements.count() == 1


def test_for_an_unknown_caller_nothing_is_sent(order: Order) -> None:
    eve = clerk("Support")
    page = eve.get(address(order))
    assert "Verify the caller first" in page.text
    assert "Verify the caller first" in said(eve.post(address(order), typed(page, order, act="send")))
    assert Complaint.objects.count() == 0


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"line": 0}, "Say how many: at least one."),
        ({"line": 2}, "Ensure this value is less than or equal to 1."),
        ({"kind": "bored"}, "Select a valid choice."),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_sent(order: Order, change: dict[str, Any], sentence: str) -> None:
    eve = clerk("Support", caller_of=order)
    line = f"line_{order.lines.get().pk}"
    change = {line if name == "line" else name: value for name, value in change.items()}
    page = eve.post(address(order), typed(eve.get(address(order)), order, act="send", **change))
    assert sentence in page.text
    assert Complaint.objects.count() == 0


def test_what_is_not_late_yet_is_not_lost(world: World) -> None:
    world.stock()
    order = delivered(world, NOW)
    Order.objects.filter(pk=order.pk).update(status="shipped", delivered_at=None, shipped_at=LATE)
    eve = clerk("Support", caller_of=order)
    answer = eve.post(address(order), typed(eve.get(address(order)), order, kind="not_come", act="send"))
    assert said(answer) == "It is not late yet."
    assert Complaint.objects.count() == 0


def test_what_has_not_left_is_not_replaced(world: World) -> None:
    order = world.order()
    eve = clerk("Support", caller_of=order)
    assert "There is nothing to replace of this order" in eve.get(address(order)).text
    assert address(order) not in eve.get(f"/admin/orders/order/{order.pk}/change/").text


@pytest.mark.parametrize("role", ["Warehouse", "Catalogue", "Finance"])
def test_others_may_not(order: Order, role: str) -> None:
    assert clerk(role).post(address(order), {}).status_code == 403
