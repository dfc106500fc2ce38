"""Whatever happens to an order, in whatever sequence: the rows keep their promises and stand where they ought to.

How much: 50 lives of 50 steps, always the same ones. The long run that a change of the rules deserves draws new ones:

    LIVES=500 STEPS=200 make test TEST_ARGS="tests/orders/test_life.py -n 0"
"""

import os
from collections.abc import Callable, Iterator
from typing import Any

import hypothesis
import pytest
import time_machine
from hypothesis import HealthCheck
from hypothesis.stateful import run_state_machine_as_test
from pytest_django.fixtures import Settings

from orders import decisions, lifecycle
from orders.models import Order
from tests.factories.printers import NOW
from tests.orders.living import made
from tests.orders.living_orders import LivingOrders

LIVES, STEPS = int(os.environ.get("LIVES", "50")), int(os.environ.get("STEPS", "50"))
PHASES = [hypothesis.Phase.generate]  # the first life that breaks is told as it was: making it short takes long
pytestmark = [pytest.mark.django_db, pytest.mark.timeout(0)]


@pytest.fixture(autouse=True)
def nobody_asks_staff(settings: Settings) -> None:
    """Whatever is complained of is replaced at once."""
    settings.REPLACEMENT_LIMIT_CENTS = 10**9


def live(lives: int = LIVES, steps: int = STEPS) -> None:
    """So many lives of so many steps. Raises what the first that breaks raised, and prints its steps."""
    usual = (lives, steps) == (50, 50)
    profile = hypothesis.settings(
        max_examples=lives,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        phases=PHASES,
        derandomize=usual,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    with time_machine.travel(NOW, tick=False) as clock:
        street = made()

        class Here(LivingOrders):
            def __init__(self) -> None:
                super().__init__(street, clock)

        run_state_machine_as_test(Here, settings=profile)


def test_all_lives_of_orders_keep_every_promise() -> None:
    live()


def careless(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong rule: who cancels forgets the lines."""
    right = lifecycle.cancel

    def cancel(order: Order, *args: Any, **kwargs: Any) -> None:
        right(order, *args, **kwargs)
        order.lines.update(open=True)

    monkeypatch.setattr(lifecycle, "cancel", cancel)


def heedless(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong rule: the table of decisions without one of its lines. No row is broken by it: the model knows better."""
    monkeypatch.setattr(decisions, "RULES", tuple(each for each in decisions.RULES if each[0] != "paused"))


@pytest.mark.parametrize("wrong", [careless, heedless])
def test_a_wrong_rule_is_found_by_drawing(monkeypatch: pytest.MonkeyPatch, wrong: Callable[..., None]) -> None:
    wrong(monkeypatch)
    with pytest.raises((AssertionError, ValueError)):
        live()


@pytest.fixture
def life() -> Iterator[LivingOrders]:
    """One life to be lived by hand."""
    with time_machine.travel(NOW, tick=False) as clock:
        yield LivingOrders(made(), clock)


def test_a_cancelled_order_that_is_still_waited_for_is_noticed(
    life: LivingOrders, monkeypatch: pytest.MonkeyPatch
) -> None:
    careless(monkeypatch)
    life.begins([(0, 0), (1, 1)], set(), set())
    life.everything_agrees()
    life.is_cancelled(0, by_customer=True)
    with pytest.raises(AssertionError, match="what was cancelled is waited for by nobody"):
        life.everything_agrees()


def test_a_pause_that_nobody_heeds_is_noticed(life: LivingOrders, monkeypatch: pytest.MonkeyPatch) -> None:
    heedless(monkeypatch)
    life.pauses(0, pause=True)
    life.everything_agrees()
    life.runs_low(0, 0)
    with pytest.raises((AssertionError, ValueError)):
        life.everything_agrees()
