"""Ink that comes back: announced by its owner, booked by the warehouse, owed to the cent."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders import pricing, returns
from orders.models import Order, OrderLine, Return, ReturnReceipt, ReturnReceiptLine
from printers.facts import Refused
from tests.factories import OrderFactory, OrderLineFactory
from tests.factories.printers import NOW
from tests.orders.parcels import DAY, LATE, announce, back, complain, delivered, shipped
from tests.orders.world import World


def owed() -> list[tuple[int, bool, int]]:
    return list(ReturnReceiptLine.objects.order_by("pk").values_list("quantity", "accepted", "refund_cents"))


def state(order: Order) -> str:
    order.refresh_from_db()
    return order.status


def many(world: World, *, quantity: int = 3, **amounts: int) -> Order:
    """An order of several pieces that has come."""
    order = OrderFactory.create(plan=world.plan, status="delivered", priced_at=NOW, delivered_at=NOW, **amounts)
    OrderLineFactory.create(order=order, sku=world.sku(), quantity=quantity, quoted_unit_price_cents=1000)
    return order


def test_what_is_announced_has_a_number_and_a_last_day(world: World) -> None:
    order = delivered(world, NOW + 3 * DAY)
    announced = announce(order)
    assert (len(announced.number), announced.send_by) == (9, date(2026, 12, 26))
    assert [(line.line.order, line.quantity) for line in announced.lines.all()] == [(order, 1)]
    assert state(order) == "delivered"


def test_on_its_way_the_days_count_from_the_end_of_the_window(world: World) -> None:
    assert announce(shipped(world)).send_by == date(2027, 1, 2)


def test_after_the_last_day_it_is_too_late(world: World) -> None:
    order = delivered(world, NOW + 3 * DAY)
    with pytest.raises(Refused, match="too late to send"):
        announce(order, NOW + 34 * DAY)
    assert not Return.objects.exists()


def test_a_replacement_was_free_and_is_not_sent_back_for_money(world: World) -> None:
    complain(delivered(world))
    new = Order.objects.get(kind="replacement")
    Order.objects.filter(pk=new.pk).update(status="delivered", priced_at=NOW, delivered_at=LATE)
    with pytest.raises(Refused):
        announce(Order.objects.get(pk=new.pk), LATE)


def test_a_piece_is_announced_once_and_then_not_replaced(world: World) -> None:
    order = delivered(world)
    announce(order)
    for again in (announce, complain):
        with pytest.raises(Refused, match="no more than there are"):
            again(order)
    assert Return.objects.count() == 1


def test_all_of_it_back_is_returned_and_owed(world: World) -> None:
    order = delivered(world)
    receipt = back(world, order)
    assert (state(order), owed(), receipt.due_at) == ("returned", [(1, True, 2499)], LATE)
    assert world.on_hand() == (9, 0)


def test_what_is_not_accepted_is_not_owed(world: World) -> None:
    order = delivered(world)
    back(world, order, accepted=False)
    assert (state(order), owed()) == ("returned", [(1, False, 0)])


def test_part_of_it_is_a_step_of_its_history(world: World) -> None:
    order = many(world, quoted_total_cents=3000)
    back(world, order, quantity=2)
    assert (state(order), owed()) == ("delivered", [(2, True, 2000)])
    assert [event.note for event in order.events.all()] == ["Part of it came back."]
    back(world, order, "B-2")
    assert state(order) == "returned"


def test_what_came_back_is_waited_for_by_no_printer(world: World) -> None:
    order = delivered(world)
    back(world, order)
    assert (OrderLine.objects.get().open, world.told(), world.decide()) == (False, "none", [])


def test_the_same_return_counts_once(world: World) -> None:
    order = delivered(world)
    assert back(world, order) == back(world, order)
    assert (ReturnReceipt.objects.count(), len(owed())) == (1, 1)


@pytest.mark.parametrize(
    ("status", "quantity", "code"),
    [("delivered", 4, "more_than_shipped"), ("shipped", 4, "more_than_shipped"), ("packed", 1, "not_returned")],
)
def test_what_cannot_have_come_back_is_refused_whole(world: World, status: str, quantity: int, code: str) -> None:
    order = many(world)
    Order.objects.filter(pk=order.pk).update(status=status)
    with pytest.raises(Refused) as refused:
        back(world, order, quantity=quantity)
    assert (refused.value.code, ReturnReceipt.objects.count(), state(order)) == (code, 0, status)


def test_more_than_is_left_is_refused(world: World) -> None:
    order = many(world, quantity=2)
    back(world, order)
    with pytest.raises(Refused, match="More of"):
        back(world, order, "B-2", quantity=2)
    assert len(owed()) == 1


def test_a_piece_that_was_replaced_is_not_paid_back_as_well(world: World) -> None:
    order = delivered(world)
    complain(order)
    back(world, order)
    assert (state(order), owed()) == ("returned", [(1, True, 0)])


def test_rounded_shares_add_up_over_several_returns(world: World) -> None:
    order = many(world, quoted_total_cents=1000)
    for number in range(3):
        back(world, order, f"B-{number}")
    assert [cents for _, _, cents in owed()] == [333, 334, 333]


@given(weights=st.lists(st.integers(0, 9999), max_size=8), total=st.integers(0, 99_999))
def test_shares_add_up_to_what_was_paid(weights: list[int], total: int) -> None:
    parts = pricing.split(total, weights)
    assert len(parts) == len(weights)
    assert sum(parts) == (total if any(weights) else 0)
    assert min(parts, default=0) >= 0


def test_the_address_is_a_setting() -> None:
    assert returns.address() == ["ARS Returns", "100 Depot Road", "Memphis, TN 38118"]
