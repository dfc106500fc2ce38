"""The pack station: scanning, dispatching, handing over, setting aside and putting back, each once and by its rules."""

import re
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from orders import lifecycle, packing
from orders.models import Dispatch, Order, OrderLine, Short
from tests.factories import NOW, UserFactory
from tests.orders.parcels import DAY, ship
from tests.orders.test_wishes import ELSEWHERE
from tests.orders.world import World
from tests.staff import with_second_factor

STATION = "/admin/pack/"
TRACKING = "1Z999AA10123456784"


@pytest.fixture
def clerk(client: Client, world: World) -> Client:
    person = with_second_factor(UserFactory.create(is_staff=True, email="eve@example.com"))
    person.groups.add(Group.objects.get(name="Warehouse"))
    client.force_login(person)
    return client


def page_of(order: Order) -> str:
    return f"{STATION}{order.display_number}/"


def said(response: Any) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def word(clerk: Client, order: Order) -> tuple[str, str]:
    """What fills the screen, and the sentence below it."""
    shown = clerk.get(page_of(order)).context["screen"]
    return shown.word, shown.sentence


def label(order: Order, **change: Any) -> dict[str, Any]:
    """The form that dispatches, as the page makes it when all is scanned."""
    order.refresh_from_db()
    ticked = [line.sku.code for line in order.lines.all() for _ in range(line.quantity)]
    form = {"ticked": ticked, "revision": order.revision, "attempt": packing.attempts(order)[0]}
    return form | {"carrier": "UPS", "tracking_number": TRACKING} | change


def pack(clerk: Client, order: Order, **change: Any) -> Any:
    return clerk.post(f"{page_of(order)}dispatch/", label(order, **change))


def confirm(clerk: Client, order: Order) -> Any:
    return clerk.post(f"{page_of(order)}confirm/", {"scan": order.display_number})


def status(order: Order) -> str:
    return Order.objects.get(pk=order.pk).status


def counts(clerk: Client) -> list[int]:
    return [each.count for each in clerk.get(STATION).context["lists"]]


@pytest.mark.parametrize("typed", ["{0}", "ARS {1}", " {1} "])
def test_a_number_leads_to_its_order_however_it_is_typed(clerk: Client, world: World, typed: str) -> None:
    order = world.order()
    answer = clerk.get(STATION, {"scan": typed.format(order.number, order.display_number)})
    assert answer["Location"] == page_of(order)


@pytest.mark.parametrize("typed", ["123", "482719366", "<b>PGI-280</b>"])
def test_what_is_no_number_of_ours_is_said(clerk: Client, world: World, typed: str) -> None:
    answer = clerk.get(STATION, {"scan": typed})
    assert (answer.status_code, "is no order and no return of ours" in answer.text) == (200, True)
    assert "<b>PGI" not in answer.text


def test_each_scan_ticks_one_piece_and_a_reload_none(clerk: Client, world: World) -> None:
    order = world.order()
    OrderLine.objects.filter(order=order).update(quantity=2)
    code = order.lines.get().sku.code
    first = clerk.get(page_of(order), {"scan": code.lower()}).context["ticks"]
    assert (first.ticked, first.is_whole) == ([code], False)
    for _ in range(2):  # and again: the page holds what was scanned before, not what is scanned now
        second = clerk.get(page_of(order), {"ticked": [code], "scan": code}).context["ticks"]
        assert (second.ticked, second.is_whole) == ([code, code], True)
    third = clerk.get(page_of(order), {"ticked": [code, code], "scan": code}).context["ticks"]
    assert (third.ticked, third.wrong) == ([code, code], "One too many")


def test_a_wrong_piece_ticks_nothing(clerk: Client, world: World) -> None:
    order = world.order()
    answer = clerk.get(page_of(order), {"scan": world.sku("C").code})
    assert (answer.context["ticks"].ticked, answer.context["ticks"].wrong) == ([], "Not in this order")
    assert re.search(r'role="alert"[^>]*>\s*Not in this order', answer.text)


def test_another_orders_number_leads_there_from_any_page(clerk: Client, world: World) -> None:
    order, other = world.order(), world.order("C")
    assert clerk.get(page_of(order), {"scan": other.number})["Location"] == page_of(other)
    answer = clerk.post(f"{page_of(order)}confirm/", {"scan": other.number}, follow=True)
    assert answer.redirect_chain[-1][0] == page_of(other)


def test_packed_it_waits_for_its_charge_and_is_handed_over(clerk: Client, world: World) -> None:
    order = world.order()
    assert counts(clerk) == [1, 0, 0, 0]
    assert pack(clerk, order)["Location"] == page_of(order)
    assert (status(order), word(clerk, order)[0]) == ("packed", "Charging…")
    assert 'data-look-every="2"' in clerk.get(page_of(order)).text
    assert confirm(clerk, order)["Location"] == page_of(order)  # too early: nothing happens
    lifecycle.ship(order.pk, NOW, "Stripe", "Charged.")
    assert word(clerk, order) == ("HAND OVER", "It is paid. Give it to UPS.")
    assert counts(clerk) == [0, 1, 0, 0]
    assert "handed over" in said(confirm(clerk, order))
    assert (counts(clerk), word(clerk, order)[0]) == ([0, 0, 0, 0], "GONE")
    assert Dispatch.objects.get().handed_over_at == NOW
    with time_machine.travel(NOW + DAY, tick=False):
        confirm(clerk, order)
    assert Dispatch.objects.get().handed_over_at == NOW


def test_what_became_of_a_parcel_is_in_its_orders_story(clerk: Client, world: World) -> None:
    order = world.order()
    pack(clerk, order)
    lifecycle.ship(order.pk, NOW, "Stripe", "Charged.")
    confirm(clerk, order)
    story = clerk.get(reverse("admin:orders_order_change", args=[order.pk])).text
    assert "handed over at" in story


def test_a_doubled_dispatch_is_one(clerk: Client, world: World) -> None:
    order = world.order()
    form = label(order)
    for _ in range(2):
        assert clerk.post(f"{page_of(order)}dispatch/", form)["Location"] == page_of(order)
    dispatch = Dispatch.objects.get()
    assert (dispatch.partner.name, dispatch.dispatch_id) == ("Pack station", f"{order.number}-0")
    assert order.events.filter(status="packed").count() == 1
    other = clerk.post(f"{page_of(order)}dispatch/", form | {"tracking_number": "1Z-OTHER"})
    assert "was sent before, with other content" in said(other)
    assert Dispatch.objects.count() == 1


def test_what_is_not_wholly_scanned_is_not_dispatched(clerk: Client, world: World) -> None:
    order = world.order()
    assert "Not all pieces are scanned" in said(pack(clerk, order, ticked=[]))
    assert (status(order), Dispatch.objects.exists()) == ("released", False)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"carrier": "USPS"}, "This is a tracking number of UPS, not of USPS."),
        ({"tracking_number": ""}, "Tracking number: "),
        ({"carrier": "x" * 41}, "Carrier: "),
    ],
)
def test_a_label_is_checked_as_every_warehouses_is(
    clerk: Client, world: World, change: dict[str, str], why: str
) -> None:
    order = world.order()
    answer = pack(clerk, order, **change)
    assert (answer.status_code, why in answer.text, status(order)) == (200, True, "released")
    assert answer.context["ticks"].is_whole  # nothing is scanned again


def test_cancelled_meanwhile_it_says_by_whom_and_when(clerk: Client, world: World) -> None:
    order = world.order()
    form = label(order)
    with time_machine.travel(NOW + 65 * (DAY / 1440), tick=False):
        lifecycle.cancel(order, NOW + 65 * (DAY / 1440), "customer", "", by_customer=True)
        clerk.post(f"{page_of(order)}dispatch/", form)
        sentence = "Cancelled by the customer at 5:05 am. Put the goods back."  # in Memphis
        assert word(clerk, order) == ("STOP", sentence)
        assert clerk.get(page_of(order), {"scan": world.sku().code}).context["screen"].sentence == sentence
    assert (status(order), Dispatch.objects.exists()) == ("cancelled", False)


def test_another_address_meanwhile_needs_another_label(clerk: Client, world: World) -> None:
    order = world.order()
    form = label(order)
    lifecycle.readdress(Order.objects.get(pk=order.pk), ELSEWHERE, NOW)
    answer = clerk.post(f"{page_of(order)}dispatch/", form, follow=True)
    assert "Print a new label" in answer.context["changed"]
    assert ELSEWHERE["line1"] in answer.text
    assert answer.context["ticks"].is_whole
    assert (status(order), 'name="revision" value="2"' in answer.text) == ("released", True)
    pack(clerk, order)
    assert status(order) == "packed"


def test_held_by_staff_it_stops_and_is_on_no_list(clerk: Client, world: World) -> None:
    order = world.order()
    form = label(order)
    lifecycle.stop_packing(Order.objects.get(pk=order.pk), "Fraud?", NOW, "boss")
    clerk.post(f"{page_of(order)}dispatch/", form)
    assert word(clerk, order)[0] == "STOP"
    assert (status(order), counts(clerk)) == ("released", [0, 0, 0, 0])


def held(clerk: Client, world: World) -> Order:
    order = world.order()
    pack(clerk, order)
    lifecycle.hold(order.pk, NOW, "Stripe", "Declined.")
    return order


def test_a_parcel_on_hold_has_a_place_and_days_left(clerk: Client, world: World) -> None:
    order = held(clerk, world)
    assert word(clerk, order)[0] == "HOLD"
    for nowhere in ("  ", "A\x003"):
        assert "Say where the parcel lies" in said(clerk.post(f"{page_of(order)}shelf/", {"place": nowhere}))
    clerk.post(f"{page_of(order)}shelf/", {"place": " A 3 "})
    with time_machine.travel(NOW + 3 * DAY, tick=False):
        (row,) = clerk.get(STATION).context["lists"][2].rows
    assert (row.order, row.note) == (order, "on A 3, 11 days left")


def test_a_parcel_whose_order_ends_is_put_back_once(clerk: Client, world: World) -> None:
    order = held(clerk, world)
    lifecycle.cancel(Order.objects.get(pk=order.pk), NOW, "billing", "", by_customer=False, until="paid")
    assert counts(clerk) == [0, 0, 0, 1]
    assert "because no payment worked in time" in word(clerk, order)[1]
    assert "put back" in said(confirm(clerk, order))
    assert (counts(clerk), Dispatch.objects.get().put_back_at) == ([0, 0, 0, 0], NOW)
    assert "put back" not in said(confirm(clerk, order))


def test_a_parcel_sent_elsewhere_while_on_hold_is_packed_again(clerk: Client, world: World) -> None:
    order = held(clerk, world)
    clerk.post(f"{page_of(order)}shelf/", {"place": "A3"})
    lifecycle.readdress(Order.objects.get(pk=order.pk), ELSEWHERE, NOW)
    assert counts(clerk) == [1, 0, 0, 0]
    assert "It is packed already, on A3." in " ".join(clerk.get(page_of(order)).text.split())
    pack(clerk, order, tracking_number="1Z-NEW")
    assert [each.dispatch_id[-2:] for each in Dispatch.objects.order_by("pk")] == ["-0", "-1"]
    lifecycle.ship(order.pk, NOW, "Stripe", "Charged.")
    assert counts(clerk) == [0, 1, 0, 0]


def test_what_another_warehouse_packed_is_on_no_list(clerk: Client, world: World) -> None:
    order = world.order()
    ship(world, order)
    assert (counts(clerk), word(clerk, order)[0]) == ([0, 0, 0, 0], "GONE")


def test_not_on_the_shelf_is_said_before_it_is_done_and_done_once(clerk: Client, world: World) -> None:
    order = world.order()
    page, code = f"{page_of(order)}short/", world.sku().code
    assert "there should be 10" in clerk.get(page, {"sku": code}).text
    assert status(order) == "released"
    form = {"sku": code, "quantity": "1", "attempt": "0"}
    assert "waits for stock again" in said(clerk.post(page, form))
    clerk.post(page, form)
    assert (status(order), world.on_hand(), Short.objects.count()) == ("backordered", (9, 0), 1)


@pytest.mark.parametrize("wrong", [{"quantity": "2"}, {"quantity": "-1"}, {"quantity": ""}, {"sku": "NONE"}])
def test_no_more_is_missing_than_is_ordered(clerk: Client, world: World, wrong: dict[str, str]) -> None:
    order = world.order()
    form = {"sku": world.sku().code, "quantity": "1", "attempt": "0"} | wrong
    assert "Nothing was done" in said(clerk.post(f"{page_of(order)}short/", form))
    assert (status(order), Short.objects.exists()) == ("released", False)


@pytest.mark.parametrize("role", ["Support", "Support lead", "Catalogue", "Finance"])
def test_nobody_else_packs(client: Client, world: World, role: str) -> None:
    order = world.order()
    person = with_second_factor(UserFactory.create(is_staff=True))
    person.groups.add(Group.objects.get(name=role))
    client.force_login(person)
    assert pack(client, order).status_code == 403
    assert status(order) == "released"
