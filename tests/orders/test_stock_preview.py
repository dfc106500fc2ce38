"""What an entry would do is what it does, for whoever waits and whoever holds, and looking changes nothing."""

from uuid import uuid4

import pytest

from orders import lifecycle, stock
from orders.models import Order, StockEntry
from orders.stock import Entered
from printers.facts import Refused
from tests.factories import NOW, PlanFactory
from tests.orders.world import World


def orders(world: World, *codes: str, count: int = 1) -> list[Order]:
    """Of other printers, the oldest first."""
    made = []
    for _ in range(count):
        other = World(PlanFactory.create(model=world.plan.model), world.partner)
        for code in codes:
            other.low(code)
        made += other.decide()
    return made


def entered(world: World, kind: str, quantity: int, code: str = "C") -> Entered:
    return Entered(kind, world.sku(code), quantity, "Why.", "eve", uuid4())


def standing() -> dict[str, str]:
    return dict(Order.objects.values_list("number", "status"))


def moved(before: dict[str, str], to: str) -> set[str]:
    return {number for number, status in standing().items() if status == to != before[number]}


@pytest.mark.parametrize("kind", ["receive", "correct"])
@pytest.mark.parametrize("quantity", [1, 2, 3, 9])
def test_who_is_shown_to_go_goes(world: World, kind: str, quantity: int) -> None:
    """One of two lines was not found; younger orders of the missing one wait behind it."""
    world.stock("C", 1)
    (of_two,) = orders(world, "PGBK", "C")
    missing = [{"sku": world.sku("C").code, "quantity": 1}]
    lifecycle.short(Order.objects.get(pk=of_two.pk), world.partner, "S-1", missing, NOW)
    orders(world, "C", count=3)
    what, before = entered(world, kind, quantity), standing()
    shown = stock.preview(what)
    assert standing() == before
    assert not StockEntry.objects.exists()
    assert stock.enter(what, NOW)
    assert [order.number for order in shown.released][:1] == [of_two.number]
    assert {order.number for order in shown.released} == moved(before, "released")
    assert len(shown.released) == min(quantity, 4)
    assert world.on_hand("C")[0] == shown.after


@pytest.mark.parametrize("counted", [0, 1, 3, 5, 12])
def test_who_is_shown_to_wait_again_waits(world: World, counted: int) -> None:
    orders(world, "PGBK", count=4)
    packed = orders(world, "PGBK")[0]
    lifecycle.dispatch(packed, world.partner, "D-1", {"carrier": "UPS", "tracking_number": "1Z"}, NOW)
    what, before = entered(world, "count", counted, "PGBK"), standing()
    shown = stock.preview(what)
    assert standing() == before
    assert stock.enter(what, NOW)
    assert {order.number for order in shown.put_back} == moved(before, "backordered")
    assert (shown.before, shown.after) == (10, counted + 1)  # the packed piece is on hand, not on the shelf
    assert world.on_hand()[0] == shown.after


@pytest.mark.parametrize(("kind", "quantity"), [("receive", 0), ("receive", 10**8), ("count", -1), ("correct", -11)])
def test_what_is_refused_is_refused_at_a_look(world: World, kind: str, quantity: int) -> None:
    for act in (stock.preview, lambda what: stock.enter(what, NOW)):
        with pytest.raises(Refused):
            act(entered(world, kind, quantity, "PGBK"))


def test_a_sku_that_never_was_here_can_be_looked_at(world: World) -> None:
    assert (stock.preview(entered(world, "receive", 2)).before, stock.preview(entered(world, "count", 0)).after) == (
        0,
        0,
    )
