"""Complaints, returns, answers and refunds told by many at once: each happens once. With controls."""

from collections.abc import Mapping
from functools import partial
from threading import Barrier
from typing import Any

import pytest

from billing.models import Charge, Refund
from billing.refunds import lifecycle as refunds
from orders import aftercare, questions, replacements, returns
from orders.aftercare import Pieces
from orders.models import Complaint, Order, Question, Return, ReturnReceipt
from printers.facts import Refused
from printers.models import LowSignal
from tests.factories.printers import NOW
from tests.notifications.shop import charge
from tests.orders.parcels import LATE, all_of, back, delivered, shipped
from tests.orders.world import World, make_world
from tests.races.threads import errors, race

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS, THREADS = 6, 6


def made() -> tuple[World, Order]:
    world = make_world()
    world.stock()
    return world, delivered(world)


def complain(order: Order, wanted: Mapping[int, int]) -> Complaint:
    return replacements.complain(Order.objects.get(pk=order.pk), "damaged", wanted, LATE, seen=0)


def announce(order: Order, wanted: Mapping[int, int]) -> Return:
    return returns.announce(Order.objects.get(pk=order.pk), wanted, LATE, seen=0)


def test_two_windows_asking_for_a_new_one_get_one() -> None:
    for _ in range(ROUNDS):
        _, order = made()
        outcomes = race(*[partial(complain, order, all_of(order))] * THREADS)
        assert [type(error) for error in errors(outcomes)] == [Refused] * (THREADS - 1)
        assert (Complaint.objects.filter(order=order).count(), order.replacements.count()) == (1, 1)


def test_a_new_one_and_the_money_back_at_once_are_one_of_the_two() -> None:
    for _ in range(ROUNDS):
        _, order = made()
        outcomes = race(partial(complain, order, all_of(order)), partial(announce, order, all_of(order)))
        assert len(errors(outcomes)) == 1
        assert Complaint.objects.filter(order=order).count() + Return.objects.filter(order=order).count() == 1


def test_control_without_the_lock_a_piece_is_replaced_many_times(monkeypatch: pytest.MonkeyPatch) -> None:
    all_have_chosen, choose = Barrier(THREADS), aftercare.choose

    def choose_with_all(order: Order, wanted: Mapping[int, int], seen: int) -> list[tuple[Pieces, int]]:
        chosen = choose(order, wanted, seen)
        all_have_chosen.wait(timeout=60)
        return chosen

    monkeypatch.setattr(aftercare, "lock", lambda order: Order.objects.select_related("plan").get(pk=order.pk))
    monkeypatch.setattr(aftercare, "choose", choose_with_all)
    _, order = made()
    race(*[partial(complain, order, all_of(order))] * THREADS)
    assert order.replacements.count() > 1


def test_one_return_told_by_many_at_once_counts_once() -> None:
    for _ in range(ROUNDS):
        world, order = made()
        outcomes = race(*[partial(back, world, order, f"B-{order.pk}")] * THREADS)
        assert errors(outcomes) == []
        assert order.events.filter(status="returned").count() == 1
        assert ReturnReceipt.objects.get(order=order).lines.get().refund_cents == 2499


def test_one_parcel_told_under_two_ids_came_back_once() -> None:
    for _ in range(ROUNDS):
        world, order = made()
        outcomes = race(*[partial(back, world, order, f"B-{order.pk}-{n}") for n in range(2)])
        assert [error.code for error in errors(outcomes) if isinstance(error, Refused)] == ["more_than_shipped"]
        assert ReturnReceipt.objects.filter(order=order).count() == 1


def test_it_is_in_said_by_many_at_once_is_one_answer() -> None:
    for _ in range(ROUNDS):
        world, order = made()
        Question.objects.filter(order=order).update(asked_at=NOW, times=1)
        asked = Question.objects.get(order=order, kind="is_it_in")
        outcomes = race(*[partial(questions.is_in, asked, LATE)] * 3, *[partial(questions.not_yet, asked, LATE)] * 3)
        assert outcomes.count(True) == 1
        said_in = True in outcomes[:3]
        assert LowSignal.objects.filter(printer=world.plan.printer, closed_at=None).exists() == (not said_in)


def test_it_has_come_said_by_customer_and_carrier_at_once_is_one_delivery() -> None:
    world = make_world()
    world.stock()
    order = shipped(world)
    outcomes = race(*[partial(questions.has_come, order, LATE)] * THREADS)
    assert sorted(outcomes) == [False] * (THREADS - 1) + [True]
    assert order.events.filter(status="delivered").count() == 1


def paid_back(world: World, order: Order) -> ReturnReceipt:
    charge(order, order.dispatches.get(), Charge.Status.PAID)
    return back(world, order, f"B-{order.pk}")


def test_what_came_back_taken_up_by_many_workers_is_owed_once() -> None:
    receipt = paid_back(*made())
    assert errors(race(*[partial(refunds.begin, receipt.pk, LATE)] * THREADS)) == []
    assert (Refund.objects.get().receipt, Charge.objects.get().refunded_cents) == (receipt, 2499)


def test_control_who_does_not_lock_is_stopped_by_the_database_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the database stops it then, with an error in the face of the second."""

    def careless(receipt_id: int, now: Any) -> Refund:
        receipt = ReturnReceipt.objects.get(pk=receipt_id)
        paid = Charge.objects.get(order=receipt.order)
        return Refund.objects.create(charge=paid, receipt=receipt, amount_cents=1, created_at=now)

    receipt = paid_back(*made())
    monkeypatch.setattr(refunds, "begin", careless)
    outcomes = race(*[partial(refunds.begin, receipt.pk, NOW)] * THREADS)
    assert len(errors(outcomes)) == THREADS - 1
