"""Several charges side by side: none waits for another, and a worker that dies leaves each as if it were alone."""

from collections.abc import Callable
from threading import Event
from typing import Any

import pytest
import time_machine

from billing import charging, gateway, lifecycle, tasks
from billing.leases import LEASE
from billing.models import Charge
from tests.billing.parcels import SHIPPED_ONCE, begun, end_of
from tests.billing.test_crashes import Death, Killed, each_death, each_step
from tests.factories import NOW
from tests.standin.shop import Shop

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("standin")]

MANY = charging.ABREAST + 3


def all_shipped(charges: list[Charge], shop: Shop) -> bool:
    ends = [end_of(charge) for charge in charges]
    return ends == [SHIPPED_ONCE] * len(charges) and len(shop.paid()) == len(charges)


def test_more_than_go_abreast_are_all_charged_by_one_sweep(shop: Shop) -> None:
    charges = [begun() for _ in range(MANY)]
    with time_machine.travel(NOW, tick=False):
        assert tasks.sweep_charges() == MANY
    assert all_shipped(charges, shop)


def test_a_slow_answer_holds_up_no_other(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    slow, *others = charges = [begun() for _ in range(MANY)]
    settled: list[int] = []
    others_are_done = Event()
    confirm, settle = gateway.confirm_intent, lifecycle.settle

    def confirmed(intent_id: str, key: str) -> gateway.Outcome:
        if key.startswith(f"charge-{slow.pk}-"):
            assert others_are_done.wait(60)
        return confirm(intent_id, key)

    def seen(charge_id: int, *given: Any) -> bool:
        settled.append(charge_id)
        if len(settled) == len(others):
            others_are_done.set()
        return settle(charge_id, *given)

    monkeypatch.setattr(gateway, "confirm_intent", confirmed)
    monkeypatch.setattr(lifecycle, "settle", seen)
    with time_machine.travel(NOW, tick=False):
        assert tasks.sweep_charges() == MANY
    assert settled[-1] == slow.pk
    assert all_shipped(charges, shop)


@each_death
@each_step
def test_a_worker_killed_with_several_costs_no_second_payment(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, room: Any, step: str, death: Death
) -> None:
    charges = [begun() for _ in range(3)]
    with monkeypatch.context() as patch, time_machine.travel(NOW, tick=False):
        patch.setattr(room, step, _third_time(getattr(room, step), death))
        with pytest.raises(Killed):
            tasks.sweep_charges()
    with time_machine.travel(NOW + LEASE, tick=False):
        while tasks.sweep_charges():
            pass
    assert all_shipped(charges, shop)


def _third_time(step: Callable[..., Any], death: Death) -> Callable[..., Any]:
    """The step of the third charge kills the worker; the first two go through."""
    times: list[None] = []

    def stepped(*given: Any, **named: Any) -> Any:
        times.append(None)
        return (death(step) if len(times) == 3 else step)(*given, **named)

    return stepped
