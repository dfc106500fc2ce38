"""At the pack station: who packed it, and what no card pays for any more."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from enrollment import lifecycle as plans
from orders import packing, unpaid
from orders.models import Dispatch, Order
from tests.ars.test_pack import STATION, clerk, counts, label, pack, page_of, status, word
from tests.billing.paid import staff as one_of
from tests.factories import NOW
from tests.orders.world import World

__all__ = ["clerk"]


def test_the_dispatch_keeps_who_packed_it_and_only_staff_read_that(clerk: Client, world: World) -> None:
    order = world.order()
    pack(clerk, order)
    parcel = Dispatch.objects.get(order=order)
    assert (parcel.partner.name, str(parcel.packed_by)) == (packing.STATION, "eve@example.com")
    assert order.events.latest("pk").by == packing.STATION
    assert "eve@example.com" in clerk.get(reverse("admin:orders_order_change", args=[order.pk])).text
    owner = Client()
    owner.force_login(order.user)
    assert "eve@example.com" not in owner.get(f"/account/orders/{order.display_number}/").text


def test_a_form_sent_again_by_another_keeps_the_first(clerk: Client, world: World) -> None:
    order = world.order()
    form = label(order)
    clerk.post(f"{page_of(order)}dispatch/", form)
    max_client = Client()
    max_client.force_login(one_of("Warehouse", "max@example.com"))
    max_client.post(f"{page_of(order)}dispatch/", form)
    assert str(Dispatch.objects.get(order=order).packed_by) == "eve@example.com"


def test_the_customers_story_says_who_packed_to_staff(clerk: Client, world: World) -> None:
    order = world.order()
    pack(clerk, order)
    support = Client()
    support.force_login(one_of("Support", "sue@example.com"))
    assert "eve@example.com" in support.get(f"/admin/customers/{order.user_id}/").text


def card_dies(order: Order) -> None:
    plans.set_payable(order.plan_id, None)


def test_an_order_whose_card_died_waits_under_hold_and_comes_back_with_a_card(clerk: Client, world: World) -> None:
    order = world.order()
    assert counts(clerk) == [1, 0, 0, 0]
    card_dies(order)
    assert counts(clerk) == [0, 0, 1, 0]
    assert "not packed: no card" in clerk.get(STATION).text
    assert order.display_number not in clerk.get(f"{STATION}list/").text
    assert order.display_number not in clerk.get(f"{STATION}slips/").text
    shown, sentence = word(clerk, order)
    assert (shown, sentence.split(".")[0]) == ("HOLD", "No card pays for it any more")
    assert "Where does it lie?" not in clerk.get(page_of(order)).text
    plans.set_payable(order.plan_id, NOW)
    assert counts(clerk) == [1, 0, 0, 0]
    assert word(clerk, order)[0] == "PACK"


def test_a_card_that_dies_while_pieces_are_scanned_is_not_charged(clerk: Client, world: World) -> None:
    order = world.order()
    form = label(order)
    card_dies(order)
    answer = clerk.post(f"{page_of(order)}dispatch/", form)
    assert (answer.headers["Location"], status(order)) == (page_of(order), "released")
    assert not Dispatch.objects.exists()


@pytest.mark.parametrize("free", [{"total_cents": 0}, {"is_test": True}])
def test_what_costs_nothing_needs_no_card(world: World, free: dict[str, Any]) -> None:
    order = world.order()
    card_dies(order)
    Order.objects.filter(pk=order.pk).update(**free)
    order = Order.objects.select_related("plan").get(pk=order.pk)
    assert not unpaid.lacks_card(order)
    assert not Order.objects.filter(unpaid.NO_CARD).exists()
