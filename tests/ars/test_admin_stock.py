"""The back office's shelf: what came, was counted or corrected, when more comes, and what is not made any more."""

import re
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from orders.models import Order, StockEntry, StockItem
from printers.models import Sku, SlotSku
from tests.factories import NOW, PlanFactory, SkuFactory, UserFactory
from tests.orders.world import World
from tests.staff import with_second_factor

ADD = "/admin/orders/stockentry/add/"


def clerk(client: Client, role: str) -> Client:
    person = with_second_factor(UserFactory.create(is_staff=True, email="eve@example.com"))
    person.groups.add(Group.objects.get(name=role))
    client.force_login(person)
    return client


def said(response: Any) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def entry(world: World, kind: str, quantity: object, **change: object) -> dict[str, object]:
    return {"kind": kind, "sku": world.sku().pk, "quantity": quantity, "reason": "Shelf 4.", "key": uuid4()} | change


def book(client: Client, form: dict[str, object]) -> Any:
    """Looks at what it would do, and does it."""
    seen = re.search(r'name="seen" value="(\w+)"', client.post(ADD, form).text)
    return client.post(ADD, form | {"book": "", "seen": seen[1] if seen else ""})


@pytest.mark.parametrize(("kind", "quantity", "left"), [("receive", 5, 15), ("count", 37, 37), ("correct", -3, 7)])
def test_the_warehouse_enters_it_once(client: Client, world: World, kind: str, quantity: int, left: int) -> None:
    form = entry(world, kind, quantity)
    answer, second = book(clerk(client, "Warehouse"), form), client.post(ADD, form | {"book": ""})
    assert (answer.status_code, world.on_hand()) == (302, (left, 0))
    assert "nothing is done twice" in said(second)
    movement = world.sku().movements.latest("pk")
    assert (movement.quantity, movement.by) == (left - 10, "eve@example.com")


def test_a_count_below_what_is_promised_puts_back(client: Client, world: World) -> None:
    order = world.order()
    book(clerk(client, "Warehouse"), entry(world, "count", 0))
    assert Order.objects.get(pk=order.pk).status == "backordered"


@pytest.mark.parametrize(
    ("kind", "quantity", "why"),
    [
        ("receive", -5, "at least one"),
        ("receive", 10**9, "No more than 10,000,000"),
        ("count", -1, "less than nothing"),
        ("correct", -11, "There are only 10"),
        ("correct", 0, "at least one"),
    ],
)
def test_what_cannot_be_is_said_and_not_done(client: Client, world: World, kind: str, quantity: int, why: str) -> None:
    answer = clerk(client, "Warehouse").post(ADD, entry(world, kind, quantity))
    assert why in said(answer)
    assert (world.on_hand(), StockEntry.objects.exists()) == ((10, 0), False)


@pytest.mark.parametrize("quantity", ["", "many", 10**12])
def test_what_is_no_number_is_asked_again(client: Client, world: World, quantity: object) -> None:
    assert clerk(client, "Warehouse").post(ADD, entry(world, "count", quantity)).status_code == 200
    assert world.on_hand() == (10, 0)


def test_the_warehouse_says_when_more_comes(client: Client, world: World) -> None:
    item = StockItem.objects.get(sku=world.sku())
    page = reverse("admin:orders_stockitem_change", args=[item.pk])
    assert clerk(client, "Warehouse").post(page, {"expected_on": "2026-12-12", "on_hand": 99}).status_code == 302
    item.refresh_from_db()
    assert (item.expected_on, item.on_hand) == (date(2026, 12, 12), 10)
    assert "Must be from" in client.post(page, {"expected_on": "2026-11-01"}).text


@pytest.mark.parametrize("role", ["Support", "Catalogue", "Finance"])
def test_nobody_else_enters_anything(client: Client, world: World, role: str) -> None:
    assert clerk(client, role).post(ADD, entry(world, "count", 0)).status_code == 403
    assert world.on_hand() == (10, 0)


def waiting(world: World, count: int) -> list[Order]:
    """Orders of other printers that wait for cyan, the oldest first."""
    made = []
    for minute in range(count):
        other = World(PlanFactory.create(model=world.plan.model), world.partner)
        other.low("C", minute=minute)
        made += other.decide(minute)
    return made


def numbers(page: str) -> list[str]:
    return re.findall(r"\d{4}-\d{4}-\d(?=, )", page)


def test_a_receipt_says_who_goes_before_it_is_booked_and_books_just_that(client: Client, world: World) -> None:
    orders = waiting(world, 4)
    form = entry(world, "receive", 3) | {"sku": world.sku("C").pk}
    shown = clerk(client, "Warehouse").post(ADD, form).text
    assert numbers(shown) == [order.display_number for order in orders[:3]]
    assert "0 on hand now" in shown
    assert {Order.objects.get(pk=order.pk).status for order in orders} == {"backordered"}  # nothing is done yet
    assert not StockEntry.objects.exists()
    assert book(client, form).status_code == 302
    assert [Order.objects.get(pk=order.pk).status for order in orders] == ["released"] * 3 + ["backordered"]
    assert world.on_hand("C") == (3, 3)


def test_what_changed_since_it_was_shown_is_shown_once_more(client: Client, world: World) -> None:
    form = entry(world, "receive", 1) | {"sku": world.sku("C").pk}
    seen = re.search(r'name="seen" value="(\w+)"', clerk(client, "Warehouse").post(ADD, form).text)
    assert seen is not None
    (order,) = waiting(world, 1)
    answer = client.post(ADD, form | {"book": "", "seen": seen[1]})
    assert "look once more" in said(answer)
    assert (numbers(answer.text), StockEntry.objects.exists()) == ([order.display_number], False)


def test_a_count_says_who_waits_again_the_newest_first(client: Client, world: World) -> None:
    world.stock("C", 3)
    orders = waiting(world, 3)
    shown = clerk(client, "Warehouse").post(ADD, entry(world, "count", 1) | {"sku": world.sku("C").pk}).text
    assert numbers(shown) == [order.display_number for order in orders[:0:-1]]
    assert "3 on hand now" in shown


def test_a_change_of_mind_does_nothing(client: Client, world: World) -> None:
    answer = clerk(client, "Warehouse").post(ADD, entry(world, "receive", 5) | {"change": ""})
    assert (answer.status_code, "quantity=5" in answer["Location"]) == (302, True)
    assert world.on_hand() == (10, 0)


def sku_page(sku: Sku) -> str:
    return reverse("admin:printers_sku_change", args=[sku.pk])


def test_the_catalogue_names_a_successor(client: Client, world: World) -> None:
    old, new = world.sku(), SkuFactory.create(code="NEW")
    page = clerk(client, "Catalogue").post(sku_page(old), {"discontinued": "on", "successor": new.pk})
    assert page.status_code == 302
    old.refresh_from_db()
    assert (old.discontinued_at, old.successor, old.due_at) == (NOW, new, NOW)
    assert SlotSku.objects.get(slot__code="PGBK").sku == new
    client.post(sku_page(old), {})
    old.refresh_from_db()
    assert (old.discontinued_at, old.successor) == (None, None)


def test_a_successor_is_made_itself(client: Client, world: World) -> None:
    old, gone = world.sku(), SkuFactory.create(code="GONE", discontinued_at=NOW)
    clerk(client, "Catalogue")
    for wrong in (old, gone):
        answer = client.post(sku_page(old), {"discontinued": "on", "successor": wrong.pk})
        assert "is not made any more." in answer.text
    assert "has a successor" in client.post(sku_page(old), {"successor": gone.pk}).text
    old.refresh_from_db()
    assert old.discontinued_at is None
