"""What Support does not change for a caller who is not verified; and an address that is changed for one who is."""

import re
from uuid import uuid4

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from billing.models import Charge, Refund
from enrollment.models import Note, Plan
from orders import lifecycle
from orders.models import Order
from tests.ars.calling import calling_world, charged, clerk, page, said, verify
from tests.factories import NOW, UserFactory
from tests.orders.parcels import PARCEL
from tests.orders.world import World

__all__ = ["calling_world"]
pytestmark = pytest.mark.django_db

AUSTIN = {
    "full_name": "Ana Ruiz",
    "line1": "7 Oak Avenue",
    "city": "Austin",
    "state": "TX",
    "postal_code": "78701",
    "why": "Has moved house.",
}


def address_of(world: World) -> str:
    return page(world.plan.user, f"plans/{world.plan.pk}/address/")


def form(client: Client, world: World) -> dict[str, str]:
    """What is typed on the page, with its key."""
    key = re.search(r'name="key" value="([\w-]{36})"', client.get(address_of(world)).text)
    return AUSTIN | {"key": key[1] if key else str(uuid4())}


def where(world: World) -> list[str]:
    world.plan.refresh_from_db()
    assert world.plan.shipping_address is not None
    return [world.plan.shipping_address.city, *(order.ship_to["city"] for order in world.plan.orders.order_by("pk"))]


def test_nobody_changes_the_address_of_a_caller_they_do_not_know(world: World) -> None:
    client = clerk()
    shown = client.get(address_of(world)).text
    assert "Verify the caller first" in shown
    assert 'name="line1"' not in shown
    by_hand = client.post(address_of(world), form(client, world) | {"save": "", "spelling": "typed"})
    assert "Verify the caller first" in by_hand.text
    assert where(world) == ["Portland", "Portland"]
    assert not Note.objects.exists()


def test_the_address_is_shown_then_changed_once_by_name(world: World) -> None:
    user, client = world.plan.user, clerk()
    verify(client, user)
    typed, order = form(client, world), Order.objects.get()
    will = client.post(address_of(world), typed).text
    assert f"Order {order.display_number} goes there too, under a new label." in will
    assert where(world) == ["Portland", "Portland"]
    for _ in range(2):
        answer = client.post(address_of(world), typed | {"save": "", "spelling": "typed"})
        assert f"Order {order.display_number} goes to the new address." in said(answer)
    assert where(world) == ["Austin", "Austin"]
    assert [event.by for event in order.events.filter(note=lifecycle.READDRESSED)] == ["dana@ink.example"]
    assert "Has moved house." in Note.objects.get().text


def test_what_is_packed_goes_to_the_old_address_and_that_is_said(world: World) -> None:
    user, client, order = world.plan.user, clerk(), Order.objects.get()
    verify(client, user)
    typed = form(client, world)
    lifecycle.dispatch(order, world.partner, "D-1", PARCEL, NOW)
    assert "is packed and goes to the old address" in client.post(address_of(world), typed).text
    answer = client.post(address_of(world), typed | {"save": "", "spelling": "typed"})
    assert f"Order {order.display_number} is packed and goes to the old one" in said(answer)
    assert where(world) == ["Austin", "Portland"]


def test_the_rule_says_why_where_a_plan_has_ended(world: World) -> None:
    user, client = world.plan.user, clerk()
    verify(client, user)
    typed = form(client, world)
    Plan.objects.filter(pk=world.plan.pk).update(status="cancelled", ended_at=NOW)
    answer = client.post(address_of(world), typed | {"save": "", "spelling": "typed"})
    assert [message.level_tag for message in get_messages(answer.wsgi_request)] == ["error"]
    assert where(world) == ["Portland", "Portland"]
    assert not Note.objects.exists()


@pytest.mark.parametrize("wrong", [{"postal_code": "97201"}, {"line1": ""}, {"why": ""}, {"key": "x"}])
def test_a_form_that_is_wrong_comes_back(world: World, wrong: dict[str, str]) -> None:
    client = clerk()
    verify(client, world.plan.user)
    shown = client.post(address_of(world), form(client, world) | {"save": "", "spelling": "typed"} | wrong)
    assert shown.status_code == 200
    assert where(world) == ["Portland", "Portland"]


def test_an_odd_spelling_is_asked_about_and_no_plan_of_another_is_found(world: World) -> None:
    client = clerk()
    verify(client, world.plan.user)
    shown = client.post(address_of(world), form(client, world) | {"line1": "7 oak avenue apt 3"}).text
    assert "Which is right?" in shown
    other = UserFactory.create()
    assert client.get(page(other, f"plans/{world.plan.pk}/address/")).status_code == 404


def give(client: Client, charge: Charge) -> str:
    address = f"/admin/billing/charge/{charge.pk}/refund/"
    typed = {"scope": "amount", "amount": "10.00", "why": "damaged", "note": "It leaked.", "key": str(uuid4())}
    return said(client.post(address, typed | {"give": "", "seen": "1000"}))


@pytest.mark.parametrize(("role", "without"), [("Support", False), ("Support lead", False), ("Finance", True)], ids=str)
def test_support_gives_money_back_to_a_verified_caller_alone(world: World, role: str, without: bool) -> None:
    charge, client = charged(world), clerk(role)
    told = give(client, charge)
    assert ("Verify the caller first" in told) is not without
    assert Refund.objects.exists() is without
    if not without:
        assert "Verify the caller first" in client.get(f"/admin/billing/charge/{charge.pk}/refund/").text
        verify(client, world.plan.user)
        assert "$10.00 goes back" in give(client, charge)


def act(client: Client, model: str, action: str, pk: int, **typed: str) -> str:
    chosen = {"action": action, "_selected_action": [pk], **typed}
    return said(client.post(f"/admin/{model}/", chosen))


def test_support_ends_a_plan_for_a_verified_caller_alone(world: World) -> None:
    client = clerk()
    told = act(client, "enrollment/plan", "end", world.plan.pk)
    assert "Verify the caller first" in told
    assert "0 ended." in told
    world.plan.refresh_from_db()
    assert world.plan.status == "active"
    verify(client, world.plan.user)
    assert "1 ended." in act(client, "enrollment/plan", "end", world.plan.pk)


def test_support_holds_an_order_for_a_verified_caller_but_a_backorder_for_anyone(world: World) -> None:
    client, ready, waiting = clerk(), Order.objects.get(), world.order("C")
    assert waiting.status == "backordered"
    for order, held in ((ready, False), (waiting, True)):
        told = act(client, "orders/order", "stop_packing", order.pk, reason="They asked us to wait.")
        order.refresh_from_db()
        assert (order.held_at is not None) is held, told
    verify(client, world.plan.user)
    act(client, "orders/order", "stop_packing", ready.pk, reason="They asked us to wait.")
    ready.refresh_from_db()
    assert ready.held_at is not None
