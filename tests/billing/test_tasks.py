"""The sweeps: they find what is due, leave what another worker has, and take it up again when its lease is over."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from ars.standin.process import Handle
from billing import charging, gateway, tasks
from billing.leases import LEASE
from billing.lifecycle import beginning
from billing.models import Charge, PlanCard
from orders import lifecycle as orders
from orders.models import Dispatch
from printers.facts import claim
from tests.billing.parcels import SHIPPED_ONCE, begun, end_of, known_card, packed
from tests.factories import NOW
from tests.standin.shop import CONFIRM, Shop

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("standin")]


def test_from_packed_to_shipped_by_the_two_sweeps(shop: Shop) -> None:
    charge = begun()
    Charge.objects.all().delete()
    Dispatch.objects.update(due_at=NOW)
    with time_machine.travel(NOW, tick=False):
        assert (tasks.sweep_dispatches(), tasks.sweep_charges()) == (1, 1)
    charge = Charge.objects.get(order=charge.order)
    assert end_of(charge) == SHIPPED_ONCE
    assert len(shop.paid()) == 1


def test_a_sweep_works_until_nothing_is_due(shop: Shop) -> None:
    charges = [begun() for _ in range(3)]
    with time_machine.travel(NOW, tick=False):
        assert (tasks.sweep_charges(), tasks.sweep_charges()) == (3, 0)
    assert [end_of(charge) for charge in charges] == [SHIPPED_ONCE] * 3
    assert len(shop.paid()) == 3


def test_a_charge_another_worker_has_is_left_alone_until_its_lease_is_over(standin: Handle) -> None:
    charge = begun()
    assert claim(Charge, now=NOW, lease=LEASE, limit=1) == [charge.pk]
    with time_machine.travel(NOW + LEASE - timedelta(seconds=1), tick=False):
        assert tasks.sweep_charges() == 0
    with time_machine.travel(NOW + LEASE, tick=False):
        assert tasks.sweep_charges() == 1
    assert end_of(charge) == SHIPPED_ONCE


def test_the_lease_is_renewed_before_the_second_call(standin: Handle, monkeypatch: pytest.MonkeyPatch) -> None:
    charge, leased = begun(), []
    for step in ("create_intent", "confirm_intent"):
        call = getattr(gateway, step)

        def seen(*given: Any, call: Callable[..., object] = call, **named: Any) -> object:
            leased.append(Charge.objects.get(pk=charge.pk).due_at)
            return call(*given, **named)

        monkeypatch.setattr(gateway, step, seen)
    with time_machine.travel(NOW + timedelta(seconds=70), tick=False):
        charging.advance(charge.pk, NOW)
    assert leased == [NOW + LEASE, NOW + timedelta(seconds=70) + LEASE]


def test_the_lease_outlasts_the_slowest_call_and_ends_within_two_minutes() -> None:
    slowest = timedelta(seconds=3 * (3 + 20) + 1.5)
    assert slowest < LEASE < timedelta(minutes=2)


def test_a_charge_that_fails_holds_up_no_other(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = begun(), begun()
    ship = orders.ship

    def fails_for_one(order_id: int, now: datetime, by: str, note: str) -> bool:
        if order_id == bad.order_id:
            raise RuntimeError("no such shelf")
        return ship(order_id, now, by, note)

    monkeypatch.setattr(orders, "ship", fails_for_one)
    with time_machine.travel(NOW, tick=False):
        assert tasks.sweep_charges() == 2
    assert (end_of(bad)[:2], end_of(good)) == (("pending", "packed"), SHIPPED_ONCE)
    assert bad.due_at == NOW + LEASE
    assert f"charge {bad.pk} could not be brought forward" in caplog.text


def test_stripe_away_for_a_while_delays_and_loses_nothing(standin: Handle, shop: Shop) -> None:
    charge = begun()
    standin.fault("POST /v1/**", "503", times=None)
    with time_machine.travel(NOW, tick=False):
        assert tasks.sweep_charges() == 1
    assert end_of(charge) == ("pending", "packed", 0)
    standin.clear_faults()
    with time_machine.travel(NOW + timedelta(seconds=2), tick=False):
        assert tasks.sweep_charges() == 1
    assert end_of(charge) == SHIPPED_ONCE
    assert len(shop.paid()) == 1


def test_a_lost_answer_is_asked_for_by_the_next_sweep(standin: Handle, shop: Shop) -> None:
    charge = begun()
    standin.fault(CONFIRM, "lost_answer", times=3)
    for seconds in (0, 2):
        with time_machine.travel(NOW + timedelta(seconds=seconds), tick=False):
            assert tasks.sweep_charges() == 1
    assert end_of(charge) == SHIPPED_ONCE
    assert len(shop.paid()) == 1


def test_a_parcel_that_cannot_begin_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = packed(), packed()
    for dispatch in (bad, good):
        known_card(dispatch)
    usable = beginning.usable_cards

    def fails_for_one(plan_ids: Collection[int]) -> object:
        if bad.order.plan_id in plan_ids:
            raise RuntimeError("no such plan")
        return usable(plan_ids)

    monkeypatch.setattr(beginning, "usable_cards", fails_for_one)
    with time_machine.travel(NOW, tick=False):
        assert tasks.sweep_dispatches() == 1
    assert Charge.objects.get().order_id == good.order_id
    bad.refresh_from_db()
    assert bad.due_at is not None
    assert PlanCard.objects.count() == 2
