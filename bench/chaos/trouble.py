"""Acts a plan out, and keeps what happened to whom and when."""

import heapq
import itertools
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

import psycopg2

from bench.chaos.house import House
from bench.chaos.plan import CLOCK, POSTGRES, Step
from bench.chaos.post import Catcher

# Of all calls, this share of each kind at once; None: of every call.
STRIPE: dict[str, list[dict[str, object]]] = {
    "stripe_lost": [
        {"kind": "lost_request", "share": 0.5},
        {"kind": "lost_answer", "share": 0.6},
        {"kind": "reset_after", "share": 1.0},
        {"kind": "lost_event", "share": 1.0, "webhook": True},
    ],
    "stripe_broken": [
        {"kind": kind, "share": 0.2} for kind in ("500_before", "500_after", "503", "429", "409", "garbled")
    ],
    "stripe_slow": [{"kind": "slow", "seconds": 3.0, "share": 0.5}, {"kind": "slow_before", "seconds": 3.0}],
    "stripe_doubled": [
        {"kind": kind, "share": 0.4, "webhook": True} for kind in ("duplicate", "overtaken", "forged", "lost_event")
    ],
}
CUT = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
     WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


@dataclass(frozen=True)
class Incident:
    """What was done to whom, and when (seconds since 1970)."""

    kind: str
    target: str
    at: float


class Trouble:
    """`play()` returns when the last step of the plan is over."""

    def __init__(self, house: House, post: Catcher, steps: list[Step], seed: int) -> None:
        self._house, self._post, self._seed = house, post, seed
        self._count = itertools.count()
        self._acts: list[tuple[float, int, Callable[[], object], str]] = []
        self._stripe: list[str] = []
        self.incidents: list[Incident] = []
        for step in steps:
            self._plan(step)

    def play(self, seconds: float) -> None:
        """For so long."""
        begun = time.monotonic()
        while self._acts and self._house.failure is None:
            at, _, act, said = heapq.heappop(self._acts)
            time.sleep(max(0.0, begun + at - time.monotonic()))
            if said:
                print(f"{at:6.0f} s  {said}", flush=True)
            act()
        time.sleep(max(0.0, begun + seconds - time.monotonic()))

    def _plan(self, step: Step) -> None:
        begin, end = self._acts_of(step)

        def act() -> None:
            self.incidents.append(Incident(step.kind, step.target, time.time()))
            begin()

        heapq.heappush(self._acts, (step.at, next(self._count), act, str(step)))
        if end is not None:
            heapq.heappush(self._acts, (step.at + step.seconds, next(self._count), end, ""))

    def _acts_of(self, step: Step) -> tuple[Callable[[], object], Callable[[], object] | None]:
        """What begins it and, where it lasts, what ends it."""
        house, post = self._house, self._post
        if step.kind in STRIPE:
            return lambda: self._fail_stripe(step.kind, True), lambda: self._fail_stripe(step.kind, False)
        if step.kind == CLOCK:
            return lambda: house.step_clock(step.target, step.shift), lambda: house.step_clock(step.target, 0)
        both: dict[str, tuple[Callable[[], object], Callable[[], object] | None]] = {
            "killed": (lambda: house.kill(step.target, step.part), None),
            "redis_gone": (house.take_redis_away, house.bring_redis_back),
            "redis_flushed": (house.flush_redis, None),
            "postgres_restarted": (lambda: house.signal(POSTGRES, signal.SIGINT), None),
            "postgres_killed": (lambda: house.kill(POSTGRES), None),
            "postgres_cut": (self._cut, None),
            "mail_refused": (lambda: setattr(post, "refusing", True), lambda: setattr(post, "refusing", False)),
            "mail_gone": (post.close, post.open),
        }
        return both[step.kind]

    def _cut(self) -> None:
        """Everybody's connection to the database ends; where the database is away itself there is none."""
        try:
            connection = psycopg2.connect(self._house.database_url)
        except psycopg2.OperationalError:
            return
        connection.autocommit = True
        connection.cursor().execute(CUT)
        connection.close()

    def _fail_stripe(self, kind: str, begins: bool) -> None:
        """The stand-in forgets all faults at once: what goes on is planned anew."""
        if begins:
            self._stripe.append(kind)
        else:
            self._stripe.remove(kind)
        self._house.standin.clear_faults()
        for each in self._stripe:
            for number, wish in enumerate(STRIPE[each]):
                match = "WEBHOOK **" if wish.get("webhook") else "** /v1/**"
                fault = {name: value for name, value in wish.items() if name not in ("webhook", "kind")}
                self._house.standin.fault(match, str(wish["kind"]), times=None, seed=self._seed + number, **fault)
