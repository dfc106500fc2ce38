"""Our side of a cell: its workers and its web server, worked round by round, their clock set by the test."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import OperationalError
from django.test import Client

from ars.standin.process import Handle
from billing import tasks
from billing.models import Charge, Refund
from orders.models import Dispatch, ReturnReceipt
from printers.facts import Fact
from tests.billing.parcels import SECRET
from tests.factories import NOW
from tests.faults.postman import Letter, Postman
from tests.waiting import eventually

SWEEPS: dict[type[Fact], Callable[[], int]] = {
    Dispatch: tasks.sweep_dispatches,
    Charge: tasks.sweep_charges,
    ReturnReceipt: tasks.sweep_returns,
    Refund: tasks.sweep_refunds,
}
ROUND = timedelta(minutes=3)  # longer than any lease, so that whatever a dead worker held is taken up again
MOST_ROUNDS = 40
PATIENT_ROUNDS = 2  # so often we ask again while the card service may still be at what we wait for no longer


class Killed(BaseException):
    """Stands for SIGKILL: nothing of ours may handle it."""


@dataclass
class Service:
    """`struck` counts how often a fault of our own processes has happened."""

    standin: Handle
    postman: Postman
    patch: pytest.MonkeyPatch
    now: datetime = NOW
    struck: int = 0
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def __post_init__(self) -> None:
        self.standin.webhooks(url=self.postman.url, secret=SECRET, paused=True, waits=[0.02] * 4)

    def round(self) -> None:
        """Each sweep that finds something, once; what kills a worker spares the next one."""
        for facts, sweep in SWEEPS.items():
            try:
                with time_machine.travel(self.now, tick=False):
                    if is_due(facts):
                        sweep()
            except Killed:
                continue
        self.now += ROUND

    def until_quiet(self) -> None:
        """Rounds until nothing is due any more, on either side."""
        for number in range(MOST_ROUNDS):
            self.round()
            if number >= PATIENT_ROUNDS:
                self._wait_for_them()
            if not any(map(is_due, SWEEPS)):
                self._wait_for_them()
                return
        raise AssertionError(f"Something is still due after {MOST_ROUNDS} rounds.")

    def _wait_for_them(self) -> None:
        assert eventually(self.standin.is_quiet), "The card service is still at something."

    def hear(self) -> None:
        """Every webhook that waits is delivered, tried again where we do not take it, and no other is on its way."""
        with time_machine.travel(self.now, tick=False):
            ahead = self.now.timestamp() - time_machine.escape_hatch.time.time()
        self.standin.webhooks(paused=False, skew=ahead)

        def opened_all() -> bool:
            while letter := self.postman.next(0.01):
                letter.answer.put(self._open(letter))
            return self.standin.is_quiet()

        assert eventually(opened_all), "Webhooks go on and on."
        self.standin.webhooks(paused=True)

    def _open(self, letter: Letter) -> int | None:
        headers = {"Stripe-Signature": letter.signature}
        try:
            with time_machine.travel(self.now, tick=False):
                answer = self.client.post(
                    "/webhooks/stripe", letter.body, content_type="application/json", headers=headers
                )
        except Killed:
            return None
        return answer.status_code

    def then(self, room: Any, name: str, act: Callable[[], object]) -> None:
        """From now on `act` after this step of a room, before the answer gets any further."""
        step = getattr(room, name)

        def stepped(*given: Any, **named: Any) -> Any:
            answer = step(*given, **named)
            act()
            return answer

        self.patch.setattr(room, name, stepped)

    def fail(self, fault: str, room: Any, name: str) -> None:
        """One of our own processes fails, once, at this step of a room."""
        step, happens = getattr(room, name), HAPPENS[fault.removesuffix("_before").removesuffix("_after")]

        def failing(*given: Any, **named: Any) -> Any:
            self.patch.setattr(room, name, step)
            self.struck += 1
            if fault.endswith("_before"):
                happens(self)
                return step(*given, **named)
            answer = step(*given, **named)
            happens(self)
            return answer

        self.patch.setattr(room, name, failing)

    def die(self) -> None:
        raise Killed

    def lose_database(self) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    def go_ahead(self) -> None:
        """Another worker, whose clock says that every lease is over, does all there is to do."""
        with time_machine.travel(self.now + timedelta(hours=1), tick=False):
            for sweep in SWEEPS.values():
                sweep()


def is_due(facts: type[Fact]) -> bool:
    """Whether a fact of this kind is not done."""
    return facts._default_manager.filter(due_at__isnull=False).exists()


HAPPENS: dict[str, Callable[[Service], object]] = {
    "killed": Service.die,
    "database_gone": Service.lose_database,
    "clock_ahead": Service.go_ahead,
}
