"""Returns at the pack station: the refund is shown before it is booked, and booked once by the warehouse's own rule."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.contrib.messages import get_messages
from django.test import Client

from billing.models import Card, Charge
from enrollment import doubts
from orders.models import Order, ReturnReceipt, ReturnReceiptLine
from tests.factories import NOW, UserFactory
from tests.orders.parcels import announce, delivered
from tests.orders.test_returns import many
from tests.orders.world import World
from tests.staff import with_second_factor


@pytest.fixture
def clerk(client: Client, world: World) -> Client:
    person = with_second_factor(UserFactory.create(is_staff=True))
    person.groups.add(Group.objects.get(name="Warehouse"))
    client.force_login(person)
    return client


def said(response: Any) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def page_of(order: Order) -> str:
    return f"/admin/pack/{order.display_number}/return/"


def pay(order: Order) -> Charge:
    card = Card.objects.create(
        user=order.user, stripe_id=f"pm_{order.pk}", brand="visa", last4="4242", exp_month=8, exp_year=2030
    )
    return Charge.objects.create(
        order=order,
        dispatch=order.dispatches.get(),
        card=card,
        attempt=1,
        status=Charge.Status.PAID,
        amount_cents=order.total_cents,
        currency="usd",
        payment_intent_id=f"pi_{order.pk}",
        created_at=NOW,
        settled_at=NOW,
    )


def looks(order: Order, *conditions: str) -> dict[str, Any]:
    """How each piece of the order's one line looks."""
    line = order.lines.get()
    return {"key": uuid4()} | {f"piece_{line.pk}_{place}": each for place, each in enumerate(conditions)}


def book(clerk: Client, order: Order, form: dict[str, Any]) -> Any:
    seen = re.search(r'name="seen" value="([^"]+)"', clerk.post(page_of(order), form).text)
    return clerk.post(page_of(order), form | {"book": "", "seen": seen[1] if seen else ""})


def booked() -> list[tuple[int, bool, int]]:
    return list(ReturnReceiptLine.objects.order_by("pk").values_list("quantity", "accepted", "refund_cents"))


def test_what_the_carrier_brought_back_is_told_to_support(clerk: Client, world: World) -> None:
    order = delivered(world)
    form = looks(order, "as_new") | {"undeliverable": "on"}
    shown = clerk.post(page_of(order), form)
    assert "Support is to look at the address" in shown.text
    assert 'name="undeliverable" value="on"' in shown.text
    assert not doubts.waiting().exists()
    book(clerk, order, form)
    assert doubts.waiting().get().doubt == "came_back"


def test_a_return_number_leads_to_what_was_announced(clerk: Client, world: World) -> None:
    order = delivered(world)
    announced = announce(order)
    leads_to = clerk.get("/admin/pack/", {"scan": announced.display_number})["Location"]
    assert leads_to == f"{page_of(order)}?of={announced.number}"
    assert f"Return {announced.display_number}" in clerk.get(leads_to).text


def test_the_refund_is_shown_before_it_is_booked_and_booked_once(clerk: Client, world: World) -> None:
    order = delivered(world)
    pay(order)
    form = looks(order, "as_new")
    shown = clerk.post(page_of(order), form)
    assert shown.context["outcome"].amount == "$24.99"
    assert not ReturnReceipt.objects.exists()
    assert book(clerk, order, form).status_code == 302
    assert booked() == [(1, True, 2499)]
    second = clerk.post(page_of(order), form | {"book": ""})
    assert "nothing is booked twice" in said(second)
    assert (ReturnReceipt.objects.count(), Order.objects.get(pk=order.pk).status) == (1, "returned")
    assert ReturnReceipt.objects.get().body["lines"][0]["condition"] == "as_new"


def test_only_what_is_as_new_is_refunded_and_what_is_not_ours_is_not_booked(clerk: Client, world: World) -> None:
    order = many(world, quantity=4, quoted_total_cents=4000)
    form = looks(order, "as_new", "opened", "damaged", "not_ours")
    assert clerk.post(page_of(order), form).context["outcome"].not_refunded == 2
    book(clerk, order, form)
    assert booked() == [(1, True, 1000), (1, False, 0), (1, False, 0)]
    assert len(clerk.get(page_of(order)).context["form"].pieces) == 1


def test_two_clerks_with_one_parcel_book_it_once(clerk: Client, world: World) -> None:
    order = delivered(world)
    forms = [looks(order, "as_new") for _ in range(2)]
    seen = re.search(r'name="seen" value="([^"]+)"', clerk.post(page_of(order), forms[0]).text)
    assert seen is not None
    answers = [clerk.post(page_of(order), form | {"book": "", "seen": seen[1]}) for form in forms]
    assert [answer.status_code for answer in answers] == [302, 200]
    assert ReturnReceipt.objects.count() == 1


def test_nothing_of_ours_is_not_booked(clerk: Client, world: World) -> None:
    order = delivered(world)
    assert "nothing is booked" in said(clerk.post(page_of(order), looks(order, "not_ours") | {"book": ""}))
    assert not ReturnReceipt.objects.exists()


def test_each_piece_is_looked_at(clerk: Client, world: World) -> None:
    order = many(world, quantity=2, quoted_total_cents=2000)
    answer = clerk.post(page_of(order), looks(order, "as_new") | {"book": ""})
    assert (answer.context["outcome"], answer.context["form"].is_valid()) == (None, False)


def test_what_was_shown_must_still_be_so(clerk: Client, world: World) -> None:
    order = delivered(world)
    charge = pay(order)
    form = looks(order, "as_new")
    seen = re.search(r'name="seen" value="([^"]+)"', clerk.post(page_of(order), form).text)
    assert seen is not None
    Charge.objects.filter(pk=charge.pk).update(refunded_cents=1000)  # staff gave some of it back
    answer = clerk.post(page_of(order), form | {"book": "", "seen": seen[1]})
    assert "look once more" in said(answer)
    assert answer.context["outcome"].amount == "$14.99"
    assert not ReturnReceipt.objects.exists()


@pytest.mark.parametrize("broken", ["", "1", "\x00"])
def test_a_broken_page_books_nothing(clerk: Client, world: World, broken: str) -> None:
    order = delivered(world)
    assert clerk.post(page_of(order), looks(order, "as_new") | {"key": broken, "book": ""}).status_code == 200
    assert clerk.get(page_of(order), {"of": broken}).status_code == 200
    assert not ReturnReceipt.objects.exists()


def test_what_never_left_cannot_come_back(clerk: Client, world: World) -> None:
    order = world.order()
    assert "nothing of it can come back" in clerk.get(page_of(order)).text
    clerk.post(page_of(order), looks(order, "as_new") | {"book": ""})
    assert not ReturnReceipt.objects.exists()
