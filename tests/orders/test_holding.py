"""Staff hold: nobody packs an order that a person looks at, and its customer may still cancel."""

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from ars.timeline import story
from enrollment import callers
from enrollment.models import User
from orders import lifecycle, wishes, words
from orders.clock import Clock
from orders.models import Order
from printers.facts import Refused
from tests.factories import NOW, UserFactory
from tests.orders.parcels import PARCEL
from tests.orders.world import World
from tests.partners import PartnerClient, refusal
from tests.staff import with_second_factor

WHY = "Ordered twice in a day"
DISPATCH = {"dispatch_id": "D-1", "carrier": "UPS", "tracking_number": "1Z999"}


@pytest.fixture
def held(world: World) -> Order:
    order = world.order()
    assert lifecycle.stop_packing(order, f"  {WHY} ", NOW, "sam")
    return order


def test_the_warehouse_is_not_given_what_is_held_and_may_not_pack_it(world: World, held: Order) -> None:
    warehouse = PartnerClient(world.partner)
    assert warehouse.read("/orders?status=released")["results"] == []
    answer = warehouse.tell(f"/orders/{held.number}/dispatch", DISPATCH)
    assert refusal(answer) == (409, "not_packed", None)
    assert "is being checked" in answer.json()["errors"][0]["detail"]
    assert not Order.objects.get().dispatches.exists()


def test_let_go_it_is_listed_and_packed(world: World, held: Order) -> None:
    warehouse = PartnerClient(world.partner)
    assert lifecycle.let_pack(held, NOW, "sam")
    (listed,) = warehouse.read("/orders?status=released")["results"]
    answer = warehouse.tell(f"/orders/{held.number}/dispatch", DISPATCH | {"revision": listed["revision"]})
    assert (answer.status_code, answer.json()["status"]) == (202, "packed")


def test_who_read_it_before_it_was_held_packs_nothing(world: World) -> None:
    """The warehouse's request has read the order; then it is held."""
    order = world.order()
    read = Order.objects.get(pk=order.pk)
    lifecycle.stop_packing(order, WHY, NOW, "sam")
    with pytest.raises(Refused, match="being checked"), transaction.atomic():
        lifecycle.dispatch(read, world.partner, "D-1", PARCEL, NOW)
    assert Order.objects.get().status == "released"


def test_twice_is_once_and_each_time_is_said(held: Order) -> None:
    assert not lifecycle.stop_packing(held, "Another reason", NOW, "kim")
    assert held.held_for == WHY
    assert lifecycle.let_pack(held, NOW, "kim")
    assert not lifecycle.let_pack(held, NOW, "kim")
    assert list(held.events.values_list("by", "note"))[-2:] == [
        ("sam", f"A person looks at it before it is packed. {WHY}"),
        ("kim", "It was looked at, and goes on."),
    ]


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_reason_is_asked_for(world: World, reason: str) -> None:
    with pytest.raises(Refused, match="Say why"):
        lifecycle.stop_packing(world.order(), reason, NOW, "sam")


def test_what_is_packed_is_too_late(world: World) -> None:
    order = world.order()
    lifecycle.dispatch(order, world.partner, "D-1", PARCEL, NOW)
    with pytest.raises(Refused, match="is packed"):
        lifecycle.stop_packing(order, WHY, NOW, "sam")
    lifecycle.hold(order.pk, NOW, "Stripe", "Declined.")
    with pytest.raises(Refused, match="it is packed, or over"):
        lifecycle.stop_packing(order, WHY, NOW, "sam")


def test_its_customer_reads_so_and_may_cancel(held: Order) -> None:
    clock = Clock(NOW, "TX")
    assert words.state(held, clock).label == "Being checked"
    assert words.sentence(held, clock) == "A person checks it before it is packed. You need not do anything."
    told = [entry.text for entry in story.of_order(held, story.read([held]), clock)]
    assert "A person checks it before it is packed." in told
    assert not any(WHY in text for text in told)
    wishes.cancel(held, NOW)
    assert Order.objects.get().status == "cancelled"


def test_the_database_packs_nothing_that_is_held(held: Order) -> None:
    with pytest.raises(IntegrityError, match="held_order_is_not_packed"), transaction.atomic():
        Order.objects.update(status="packed", priced_at=NOW)


# --- In the back office


@pytest.fixture
def staff(client: Client) -> Client:
    """Somebody of support, signed in."""
    person = with_second_factor(UserFactory.create(is_staff=True, email="sam@example.com"))
    person.groups.add(Group.objects.get(name="Support"))
    client.force_login(person)
    return client


def act(staff: Client, order: Order, action: str, **fields: str) -> str:
    body = {"action": action, "_selected_action": str(order.pk), **fields}
    return staff.post("/admin/orders/order/", body, follow=True).content.decode()


def calls(world: World) -> None:
    """Their customer is on the phone, and known to be who they are."""
    user, sam, now = world.plan.user, User.objects.get(email="sam@example.com"), timezone.now()
    callers.read_out(user, callers.begin(user, sam, now), sam, now)


def test_staff_hold_with_a_reason_and_let_go(world: World, staff: Client) -> None:
    order = world.order()
    calls(world)
    assert "Nobody packs these until they are let go" in act(staff, order, "stop_packing")
    assert "Say why it is not to be packed." in act(staff, order, "stop_packing", reason=" ")
    assert Order.objects.get().held_at is None
    assert "1 held." in act(staff, order, "stop_packing", reason=WHY)
    assert Order.objects.get().held_for == WHY
    assert "1 let go." in act(staff, order, "let_pack")
    assert "None of them was held." in act(staff, order, "let_pack")
    assert order.events.latest("pk").by == "sam@example.com"


def test_staff_read_why_an_order_is_not_held(world: World, staff: Client) -> None:
    order = world.order()
    calls(world)
    lifecycle.dispatch(order, world.partner, "D-1", PARCEL, NOW)
    assert "it is packed, or over" in act(staff, order, "stop_packing", reason=WHY)
