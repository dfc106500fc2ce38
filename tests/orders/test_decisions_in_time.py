"""Reports and clicks in any sequence: the real rules, SQL and sweeps against a plain model of one supply."""

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from enrollment import choices
from enrollment import lifecycle as plans
from orders import decisions, lifecycle, replenishment, tasks
from orders.models import Order, OrderLine, Replenishment
from printers import reports, supplies, tokens
from printers.telemetry import ingest
from tests.factories.printers import NOW
from tests.orders import model
from tests.orders.world import World
from tests.printers.model import Report
from tests.properties import examples

DAY = 24 * 60
Step = tuple[Any, ...]
LEVELS = st.sampled_from([9, 9, 12, 5, 45, 64, 98, 100, 100, None])
SAID = st.tuples(LEVELS, st.sampled_from([None, None, None, True]), st.sampled_from([None, None, True, False]))
STEPS: st.SearchStrategy[Step] = st.one_of(
    SAID.map(lambda said: ("report", *said)),
    st.sampled_from([(9, None, None), (100, None, True)]).map(lambda said: ("report", *said)),
    st.integers(1, 4).map(lambda days: ("pause", days)),
    st.booleans().map(lambda asks: ("ask", asks)),
    st.booleans().map(lambda by_customer: ("cancel", by_customer)),
    st.sampled_from([("resume",), ("skip",), ("spare",), ("yes",), ("no",), ("is_in",)]),
    st.integers(1, 3).map(lambda days: ("wait", days)),
)


class Live:
    """The same steps on the real plan, each with the sweeps that follow it."""

    def __init__(self, world: World) -> None:
        self.world, self.plan, self.minute = world, world.plan, 0
        assert world.plan.printer is not None
        self.token = tokens.digest(tokens.issue(world.plan.printer))
        self.slot = world.plan.model.slots.get(code="PGBK")
        self.must = model.Plan(NOW.date())

    def take(self, step: Step) -> None:
        """One step there and here."""
        name, *details = step
        self.minute += 10
        with time_machine.travel(NOW + timedelta(minutes=self.minute), tick=False):
            getattr(self, name)(*details)
            for sweep in (tasks.sweep_signals, tasks.sweep_plans, tasks.sweep_replenishments):
                sweep()

    @property
    def now(self) -> Any:
        return NOW + timedelta(minutes=self.minute)

    @property
    def needs(self) -> Any:
        return Replenishment.objects.filter(plan=self.plan, slot=self.slot, closed_at=None)

    def report(self, level: int | None, low: bool | None, genuine: bool | None) -> None:
        said = Report(self.minute, level=level, low=low, genuine=genuine)
        body = {"message_id": "m", "observed_at": self.now.isoformat(), "supplies": [said.sent]}
        for _ in range(2):  # each is sent twice
            ingest(reports.parse(json.dumps(body).encode()), self.token, self.now)
        self.must.report(said)

    def wait(self, days: int) -> None:
        self.minute += days * DAY
        with time_machine.travel(self.now, tick=False):
            tasks.sweep_replenishments()
        self.must.day(self.now.date())

    def pause(self, days: int) -> None:
        until = self.now.date() + timedelta(days=days)
        plans.pause(self.plan, until, self.now)
        self.must.pause(until)

    def resume(self) -> None:
        plans.resume(self.plan, self.now)
        self.must.resume()

    def ask(self, asks: bool) -> None:
        plans.choose_when_low(self.plan, "ask" if asks else "send", self.now)
        self.must.ask(asks)

    def skip(self) -> None:
        plans.skip_next(self.plan, self.slot)
        self.must.skip = True

    def spare(self) -> None:
        plans.set_spares(self.plan, self.slot, 1)
        self.must.spares = 1

    def yes(self) -> None:
        replenishment.order_now(self.plan, self.slot.pk, self.now)
        self.must.yes()

    def no(self) -> None:
        for need in self.needs:
            replenishment.decline(need, self.now)
        self.must.no()

    def cancel(self, by_customer: bool) -> None:
        for order in Order.objects.filter(plan=self.plan, lines__open=True):
            lifecycle.cancel(order, self.now, "somebody", "", by_customer=by_customer)
        self.must.cancel(by_customer)

    def is_in(self) -> None:
        assert self.plan.printer_id is not None
        if self.minute and self.must.slot.signal is not None:
            supplies.replaced(self.plan.printer_id, self.slot, self.now)
            replenishment.decide_for(self.plan.pk, self.now)
            self.must.is_in()

    def differs(self) -> str:
        """What is not as it must be; empty when all is."""
        must = self.must.need
        decided = [need.decision for need in self.needs]
        lines = OrderLine.objects.filter(replenishment__in=self.needs, open=True).count()
        chosen = choices.of(self.plan).get(self.slot.pk, choices.Choice())
        here = (decided, lines, Order.objects.filter(plan=self.plan).count(), chosen.skip_next, chosen.spares)
        there = ([must.decision] if must else [], int(bool(must and must.on_order)), self.must.orders)
        there_all = (*there, self.must.skip, self.must.spares)
        return "" if here == there_all else f"is {here}, must be {there_all}"


def play(world: World, steps: list[Step]) -> str:
    """The first step after which something is not as it must be; nothing of it stays."""
    with transaction.atomic():
        live = Live(world)
        wrong = ""
        for step in steps:
            live.take(step)
            if wrong := live.differs():
                break
        transaction.set_rollback(True)
    return wrong and f"after {step}: {wrong}"


@examples(25)
@given(steps=st.lists(STEPS, min_size=3, max_size=12))
def test_whatever_happens_each_low_supply_is_decided_as_the_table_says(world: World, steps: list[Step]) -> None:
    assert play(world, steps) == ""


def never(_: decisions.Facts) -> bool:
    return False


def test_a_table_with_a_wrong_row_is_caught(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = [(kind, never if kind == "paused" else applies, reason) for kind, applies, reason in decisions.RULES]
    monkeypatch.setattr(decisions, "RULES", tuple(wrong))
    quick = settings(examples(400), phases=[Phase.generate])
    steps = find(st.lists(STEPS, min_size=3, max_size=12), lambda steps: play(world, steps) != "", settings=quick)
    assert "'paused'" in play(world, steps)
