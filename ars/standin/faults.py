"""Faults on demand: what can go wrong between us and Stripe, in the requests and webhooks that a test names."""

import re
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from random import Random

from ars.standin.replies import Json, Reply, StripeError

REFUSALS = {"429", "409", "503", "500_before"}  # answered at once, not executed, nothing remembered under the key
CUTS = {"lost_request": "close", "reset": "reset"}  # not executed, connection ended
# Executed, the answer held back so many seconds, connection ended.
WITHHELD = {"lost_answer": (0.0, "close"), "reset_after": (0.0, "reset"), "timeout": (60.0, "close")}
SLOW = {"slow", "slow_before"}  # answered late: executed at once, or only after the wait
GARBLED = "garbled"  # executed, answered 200 by something between that speaks no JSON
ON_ARRIVAL = REFUSALS | CUTS.keys() | WITHHELD.keys() | SLOW | {GARBLED}
IN_EXECUTION = {"500_after", "decline"}
# Of a webhook's first try: signed with another secret, or so many seconds off; whatever is not taken is tried again.
FORGED, OFF_TIME = "forged", {"stale": -600.0, "skewed": 3600.0}
LATER, NEVER = "overtaken", "lost_event"  # sent only when others have been, or not at all
ON_DELIVERY = {"duplicate", FORGED, *OFF_TIME, LATER, NEVER}
KINDS = ON_ARRIVAL | IN_EXECUTION | ON_DELIVERY


@dataclass
class Fault:
    """Hits the first `times` matching requests (None: all); of those only each `every`-th, or a `share` of 0 to 1.

    `match` is `POST /v1/refunds`, or `WEBHOOK refund.created`; `*` stands for one part of it, `**` for any.
    """

    match: str
    kind: str
    times: int | None = 1
    every: int = 1
    share: float = 1.0
    seed: int = 0
    seconds: float | None = None
    retry_after: int | None = None
    should_retry: bool | None = None
    decline_code: str = "generic_decline"
    advice_code: str | None = None
    seen: int = 0
    hits: int = 0
    pattern: re.Pattern[str] = field(init=False, repr=False)
    dice: Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            message = f"Unknown kind of fault: {self.kind}. Known: {', '.join(sorted(KINDS))}"
            raise StripeError(400, message, executed=False)
        self.pattern = re.compile(re.escape(self.match).replace(r"\*\*", ".+").replace(r"\*", "[^/ ]+"))
        self.dice = Random(self.seed)

    def strikes(self, route: str) -> bool:
        if (self.times is not None and self.hits >= self.times) or not self.pattern.fullmatch(route):
            return False
        self.seen += 1
        if self.seen % self.every or self.dice.random() >= self.share:
            return False
        self.hits += 1
        return True

    def shown(self) -> Json:
        return {name: value for name, value in asdict(self).items() if name not in ("pattern", "dice")}

    def refusal(self) -> Reply:
        if self.kind == "429":
            return self._reply(429, "Too many requests. Please slow down.", code="rate_limit")
        if self.kind == "409":
            return self._reply(409, "This object cannot be accessed right now. Try again later.", code="lock_timeout")
        return api_error(int(self.kind[:3]))

    def _reply(self, status: int, message: str, code: str) -> Reply:
        headers = {"Retry-After": self.retry_after, "Stripe-Should-Retry": self.should_retry}
        told = {name: str(value).lower() for name, value in headers.items() if value is not None}
        error = StripeError(status, message, code=code, executed=False)
        return Reply.of(status, {"error": error.error}, executed=False, headers=told)


class Faults:
    def __init__(self) -> None:
        self.planned: list[Fault] = []

    def clear(self) -> None:
        self.planned.clear()

    def plan(self, wish: Json) -> Fault:
        try:
            fault = Fault(**wish)
        except TypeError as error:
            raise StripeError(400, f"Not a fault: {error}", executed=False) from None
        self.planned.append(fault)
        return fault

    def take(self, route: str, kinds: Collection[str]) -> Fault | None:
        """The first planned fault of these kinds that strikes `POST /v1/...` or `WEBHOOK ...`; each strike counts."""
        return next((fault for fault in self.planned if fault.kind in kinds and fault.strikes(route)), None)


def api_error(status: int, *, executed: bool = False) -> Reply:
    message = "An unknown error occurred" if status == 500 else "Stripe is temporarily unavailable."
    return StripeError(status, message, kind="api_error", executed=executed).reply()
