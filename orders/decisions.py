"""The rules: what to do about a low supply, and why. Pure: facts in, one verdict out (domain rules, section 3)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from orders.models import Replenishment

Kind = Replenishment.Kind

# Waiting ones are decided again when their cause ends; final ones hold until the supply is replaced or the order dies.
WAITING = frozenset(
    {
        Kind.NOT_ENROLLED,
        Kind.UNKNOWN_SUPPLY,
        Kind.NOT_GENUINE,
        Kind.PAUSED,
        Kind.LEVEL_UNKNOWN,
        Kind.ASKING,
        Kind.TO_CONFIRM,
        Kind.NO_CARD,
        Kind.OUT_OF_STOCK,
    }
)
FINAL = frozenset({Kind.ORDERED, Kind.SKIPPED, Kind.SPARE_ON_HAND})


@dataclass(frozen=True)
class Facts:
    """All a decision may look at, as it is now. Levels in percent, None for unknown.

    `jumped_to`: the level since then, when it rose as with a new cartridge and no second report has shown it yet.
    """

    name: str
    consumable: bool
    plan_active: bool
    sku: str | None
    priced: bool
    genuine: bool | None
    paused: bool
    low: bool
    level: int | None
    threshold: int
    said_low: bool
    skip_next: bool
    spares: int
    ask_first: bool
    confirmed: bool
    observed_at: datetime
    unpaid: bool = False
    out_of_stock: bool = False
    jumped_to: int | None = None


@dataclass(frozen=True)
class Verdict:
    """A decision and its reason, in one plain sentence."""

    kind: Kind
    reason: str


def measured(facts: Facts) -> str:
    """What was seen: '9 %, at or below the mark of 15 %' or 'low, says the printer'."""
    if facts.level is not None and facts.level <= facts.threshold:
        return f"at {facts.level} %, at or below this printer's mark of {facts.threshold} %"
    if facts.level is not None:
        return f"at {facts.level} %, and the printer says it is low"
    return "low, says the printer"


Rule = tuple[Kind, Callable[[Facts], bool], Callable[[Facts], str]]

# First match decides. What keeps us from ordering stands before what the customer asked for once, so that a skip or
# a spare is used up only by an order that would really have been placed.
RULES: tuple[Rule, ...] = (
    (
        Kind.NOT_CONSUMABLE,
        lambda f: not f.consumable,
        lambda f: f"{f.name} fills up instead of running out. It is not part of the plan.",
    ),
    (
        Kind.NOT_ENROLLED,
        lambda f: not f.plan_active,
        lambda f: f"{f.name} is {measured(f)}, but the plan is not active.",
    ),
    (
        Kind.UNKNOWN_SUPPLY,
        lambda f: f.sku is None,
        lambda f: f"We do not know yet which cartridge fits {f.name}. A person is finding out.",
    ),
    (
        Kind.UNKNOWN_SUPPLY,
        lambda f: not f.priced,
        lambda f: f"{f.sku} for {f.name} has no price yet, so it is not ordered until it has one.",
    ),
    (
        Kind.NOT_GENUINE,
        lambda f: f.genuine is False,
        lambda f: f"The printer does not recognise the {f.name} cartridge, so it is not reordered by itself.",
    ),
    (Kind.PAUSED, lambda f: f.paused, lambda f: f"{f.name} is {measured(f)}, but the plan is paused."),
    (
        Kind.LEVEL_UNKNOWN,
        lambda f: not f.low and f.level is None,
        lambda f: f"The printer cannot say how much {f.name} is left, and does not say low.",
    ),
    (
        Kind.LEVEL_UNKNOWN,
        lambda f: f.jumped_to is not None,
        lambda f: f"{f.name} was {measured(f)}, and is at {f.jumped_to} % now. The next report tells.",
    ),
    (
        Kind.NO_CARD,
        lambda f: f.unpaid,
        lambda f: f"{f.name} is {measured(f)}. No card could pay for the last order; it is ordered when one can.",
    ),
    (
        Kind.OUT_OF_STOCK,
        lambda f: f.out_of_stock,
        lambda f: f"{f.name} is {measured(f)}. {f.sku} is out of stock; it is ordered when there is some.",
    ),
    (Kind.SKIPPED, lambda f: f.skip_next, lambda f: f"{f.name} is {measured(f)}. You asked us to skip one."),
    (Kind.SPARE_ON_HAND, lambda f: f.spares > 0, lambda f: f"{f.name} is {measured(f)}. You have a spare."),
    (Kind.ASKING, lambda f: f.ask_first, lambda f: f"{f.name} is {measured(f)}. You asked to be asked first."),
    (
        Kind.TO_CONFIRM,
        lambda f: not f.confirmed,
        lambda f: f"{f.name} is {measured(f)}. A person checks that {f.sku} is the right cartridge.",
    ),
    (Kind.ORDERED, lambda f: True, lambda f: f"{f.name} was {measured(f)}. {f.sku} was ordered."),
)


def decide(facts: Facts) -> Verdict | None:
    """The verdict on an open low signal; None when the supply is known not to be low any more (that is no decision)."""
    if facts.consumable and not facts.low and facts.level is not None:
        return None
    for kind, applies, reason in RULES:
        if applies(facts):
            return Verdict(kind, reason(facts))
    raise AssertionError("the last rule applies to everything")


def told(kind: str, *, open_line: bool) -> str:
    """What the printer is told of a decision: none, deciding, on_order or waiting."""
    if kind == Kind.UNDECIDED:
        return "deciding"
    if kind == Kind.ORDERED:
        return "on_order" if open_line else "none"
    return "waiting" if kind in WAITING else "none"
