"""The races of an order's life, many rounds of each: nothing breaks, and without any one of the guards something does.

In each round eight threads do eight things at once, drawn from all that may happen to the same few plans and orders.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from functools import partial
from random import Random
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError

from billing import cards
from billing.models import Card
from enrollment import lifecycle as plans
from enrollment.models import Plan
from orders import (
    aftercare,
    deciding,
    lifecycle,
    questions,
    replacements,
    replenishment,
    returns,
    shelf,
    stock,
    tasks,
    wishes,
)
from orders.lifecycle import moves, parcel
from orders.models import Order, OrderEvent, Question, StockItem
from printers import supplies
from printers.facts import Refused
from printers.models import LowSignal, Slot
from tests.factories.printers import NOW
from tests.orders.parcels import PARCEL, all_of, seen
from tests.orders.test_wishes import ELSEWHERE
from tests.orders.world import World
from tests.races.rounds import Act, Street, play, signal, street

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(7200)]


def plan_of(house: World) -> Plan:
    return Plan.objects.get(pk=house.plan.pk)


def read(order: Order) -> Order:
    return Order.objects.select_related("plan").get(pk=order.pk)


# --- What customers do


def cancel(order: Order) -> None:
    wishes.cancel(read(order), NOW)


def pause(house: World) -> None:
    plans.pause(plan_of(house), None, NOW)


def resume(house: World) -> None:
    plans.resume(plan_of(house), NOW)


def skip(house: World, slot: Slot, *, wanted: bool) -> None:
    plans.skip_next(plan_of(house), slot, skip=wanted)


def keep_spares(house: World, slot: Slot) -> None:
    plans.set_spares(plan_of(house), slot, 1)


def change_card(house: World, card: Card) -> None:
    cards.use_card(plan_of(house), card, NOW)


def lose_card(house: World) -> None:
    plans.set_payable(house.plan.pk, None)


def order_now(house: World, slot: Slot) -> None:
    replenishment.order_now(house.plan, slot.pk, NOW)


def put_in(house: World, slot: Slot) -> None:
    assert house.plan.printer_id
    supplies.replaced(house.plan.printer_id, slot, NOW)


def say_low(made: Street, house: World, slot: Slot) -> None:
    """As its printer says, which says it once."""
    if not LowSignal.objects.filter(printer=house.plan.printer_id, slot=slot, closed_at=None).exists():
        with suppress(IntegrityError):
            signal({made.houses.index(house): [slot.code]}, made.houses)


def move_house(house: World) -> None:
    wishes.readdress(plan_of(house), ELSEWHERE, NOW)


def leave(house: World) -> None:
    wishes.leave(plan_of(house), list(house.plan.orders.values_list("pk", flat=True)), "", "", NOW)


def complain(order: Order) -> None:
    order = read(order)
    replacements.complain(order, "damaged", all_of(order), NOW, seen=seen(order))


def announce(order: Order) -> None:
    order = read(order)
    returns.announce(order, all_of(order), NOW, seen=seen(order))


def say_it_is_in(order: Order) -> None:
    for asked in Question.objects.filter(order=order, kind="is_it_in"):
        questions.is_in(asked, NOW)


# --- What the warehouse does


def pack(house: World, order: Order, number: int = 1) -> None:
    lifecycle.dispatch(read(order), house.partner, f"D-{order.pk}-{number}", PARCEL, NOW)


def ship(order: Order) -> None:
    lifecycle.ship(order.pk, NOW, "Stripe", "Charged.")


def hold(order: Order) -> None:
    lifecycle.hold(order.pk, NOW, "Stripe", "Declined.")


def charge_again(order: Order) -> None:
    lifecycle.take_off_hold(read(order), NOW, "billing", "Charged once more.")


def pack_and_ship(house: World, order: Order) -> None:
    pack(house, order)
    ship(order)


def short(house: World, order: Order, code: str) -> None:
    lifecycle.short(read(order), house.partner, f"S-{order.pk}", [{"sku": code, "quantity": 1}], NOW)


def deliver(order: Order) -> None:
    lifecycle.deliver(read(order), NOW, NOW, "carrier")


def send_back(house: World, order: Order, number: int) -> None:
    sent = [{"sku": line.sku.code, "quantity": 1, "accepted": True} for line in order.lines.select_related("sku")]
    returns.receive(house.partner, read(order), f"B-{order.pk}-{number}", sent, NOW)


def withdraw(order: Order) -> None:
    lifecycle.cancel(read(order), NOW, "staff", "Ended by us.", by_customer=False)


# --- The races


def around_decisions(random: Random) -> tuple[Street, Callable[[], Act]]:
    """Four houses, orders and new needs: decided by several, while their owners change all they can."""
    made = street(random, ("PGBK",), ("C",), (), (), stock=(random.choice((1, 3)), random.choice((0, 2))))
    signal({0: ("C",), 1: ("PGBK",), 2: ("PGBK", "C"), 3: ("C",)}, made.houses)
    new_card = {"brand": "visa", "last4": "4242", "exp_month": 4, "exp_year": 2030}
    card = Card.objects.create(user=made.houses[0].plan.user, stripe_id=f"pm_{uuid4()}", **new_card)
    every = partial(deciding.decide, list(made.by_plan), NOW)

    def draw() -> Act:
        house, slot, order = random.choice(made.houses), random.choice(made.slots), random.choice(made.orders)
        acts: list[Act] = [
            every,
            every,
            tasks.sweep_signals,
            partial(replenishment.decide_for, house.plan.pk, NOW),
            *[partial(cancel, order), partial(withdraw, order), partial(order_now, house, slot)] * 2,
            *[partial(pause, house), partial(resume, house), partial(keep_spares, house, slot)],
            *[partial(skip, house, slot, wanted=True), partial(skip, house, slot, wanted=False)],
            *[partial(change_card, house, card), partial(lose_card, house)],
            *[partial(put_in, house, slot), partial(say_low, made, house, slot)] * 2,
            *[partial(move_house, house), partial(leave, house)],
        ]
        return random.choice(acts)

    return made, draw


def around_the_shelf(random: Random) -> tuple[Street, Callable[[], Act]]:
    """Orders of all ages for two SKUs, too few of both: placed, cancelled, packed, missed, sent, sent back."""
    wanted = [("PGBK", "C"), ("C",), ("PGBK", "C"), ("C",), ("PGBK",), ("C",), ()]
    made = street(random, *wanted, stock=(random.choice((2, 3)), random.choice((2, 4))))
    signal({len(wanted) - 1: ("PGBK", "C")}, made.houses)
    pack_and_ship(made.houses[0], made.all_orders()[0])

    def draw() -> Act:
        order, sku, number = random.choice(made.orders), random.choice(made.skus), random.randint(1, 2)
        house = made.house(order)
        acts: list[Act] = [
            partial(deciding.decide, list(made.by_plan), NOW),
            *[partial(cancel, order), partial(withdraw, order), partial(leave, house)],
            *[partial(pack, house, order, number), partial(pack_and_ship, house, order)],
            partial(lifecycle.stop_packing, order, "Two.", NOW, "staff"),
            partial(lifecycle.let_pack, order, NOW, "staff"),
            *[partial(ship, order), partial(hold, order), partial(charge_again, order)],
            *[partial(short, house, order, sku.code)] * 2,
            *[partial(stock.receive, house.partner, f"R-{sku.pk}-{random.randint(1, 9)}", sku, 1, NOW)] * 2,
            *[partial(stock.count, sku, number, "", NOW), partial(stock.correct, sku, -1, "", NOW)],
            tasks.sweep_waits,
            partial(lifecycle.release_for_card, order.plan, NOW),
            *[partial(lose_card, house), partial(move_house, house)],
            *[partial(deliver, order), partial(send_back, house, order, number), partial(announce, order)],
            *[partial(complain, order), partial(say_it_is_in, order)],
        ]
        return random.choice(acts)

    return made, draw


def around_what_was_sent(random: Random) -> tuple[Street, Callable[[], Act]]:
    """Two parcels that left: delivered, complained of, announced, sent back twice, answered for, all at once."""
    made = street(random, ("PGBK", "C"), ("C",), ("PGBK",), stock=(random.choice((2, 3)), random.choice((2, 3))))
    sent = [order for order in made.all_orders() if order.status == "released"]
    for order in sent:
        pack_and_ship(made.house(order), order)

    def draw() -> Act:
        order, number = random.choice(sent), random.randint(1, 2)
        house = made.house(order)
        acts: list[Act] = [
            *[partial(complain, order), partial(announce, order), partial(send_back, house, order, number)] * 3,
            *[partial(deliver, order), partial(say_it_is_in, order)] * 2,
            partial(stock.receive, house.partner, f"R-{number}", made.skus[0], number, NOW),
            *[partial(withdraw, each) for each in made.orders if each.kind == "replacement"][:1],
            partial(leave, house),
        ]
        return random.choice(acts)

    return made, draw


def test_deciding_against_all_that_customers_change() -> None:
    assert play(around_decisions) == []


def test_placing_releasing_and_all_that_warehouses_do() -> None:
    assert play(around_the_shelf) == []


def test_what_comes_after_a_parcel() -> None:
    assert play(around_what_was_sent) == []


# --- The same without its guards


def only_read(order: Order, to: str, *, now: datetime, by: str, note: str = "", **fields: Any) -> bool:
    """A move that looks at what it has read, and not at the row."""
    if to not in moves.MOVES[order.status]:
        raise Refused("Too late.", f"not_{to}")
    Order.objects.filter(pk=order.pk).update(status=to, **fields)
    OrderEvent.objects.create(order=order, status=to, at=now, by=by, note=note)
    order.status = to
    return True


def unlocked(sku_ids: Iterable[int]) -> dict[int, StockItem]:
    wanted = set(sku_ids)
    StockItem.objects.bulk_create([StockItem(sku_id=sku_id) for sku_id in sorted(wanted)], ignore_conflicts=True)
    return StockItem.objects.in_bulk(wanted)


def test_control_without_the_plans_lock_decisions_break(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciding, "lock_plans", lambda ids: list(Plan.objects.filter(pk__in=list(ids)).order_by("pk")))
    assert play(around_decisions, 500, stop=True) != []


@pytest.mark.parametrize("around", [around_the_shelf, around_decisions])
def test_control_without_the_guard_of_moves_orders_break(monkeypatch: pytest.MonkeyPatch, around: Any) -> None:
    monkeypatch.setattr(moves, "move", only_read)
    monkeypatch.setattr(parcel, "move", only_read)
    assert play(around, 500, stop=True) != []


def test_control_without_the_shelfs_lock_stock_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "lock", unlocked)
    assert play(around_the_shelf, 500, stop=True) != []


def test_control_without_the_orders_lock_a_piece_is_given_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aftercare, "lock", lambda order: Order.objects.select_related("plan").get(pk=order.pk))
    assert play(around_what_was_sent, 500, stop=True) != []
