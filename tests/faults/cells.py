"""The fault matrix: what can go wrong, at which step of a payment, and how each ends. Needs nothing but this file.

Every fault of the card service strikes three times in a row, which is once more than its library tries again by itself.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

Sort = Literal["request", "webhook", "worker"]
TIMES = 3


@dataclass(frozen=True)
class Fault:
    """`says` is for people; `sort` is where it strikes: a call to the card service, its webhook, our own process."""

    name: str
    says: str
    sort: Sort


@dataclass(frozen=True)
class Step:
    """`place` is what is at work there: a call, our own transaction, or a webhook beside a call. `end` is in ENDS."""

    name: str
    says: str
    place: Literal["call", "own", "webhook"]
    end: str


@dataclass(frozen=True)
class Cell:
    """A fault at a step; `nonsense` tells why there is no such thing."""

    fault: Fault
    step: Step
    nonsense: str

    def __str__(self) -> str:
        return f"{self.step.name}-{self.fault.name}"


ENDS = {
    "paid": "one charge of the order's total, the parcel shipped once",
    "held": "no charge; the order waits, its history says why in words, and its intent is canceled at the card service",
    "refunded": "one charge, and one refund of what came back; the customer is told once",
}
FAULTS = [
    Fault("lost_request", "the connection ends before the request is executed", "request"),
    Fault("lost_answer", "the connection ends after it is executed, before the answer", "request"),
    Fault("reset", "the connection is reset before it is executed", "request"),
    Fault("reset_after", "the connection is reset after it is executed", "request"),
    Fault("429", "too many requests, nothing said about when to come back", "request"),
    Fault("429_retry_after", "too many requests, come back in two seconds", "request"),
    Fault("409", "busy with the same object, not executed", "request"),
    Fault("500_before", "an error, not executed", "request"),
    Fault("500_after", "an error after it is executed, kept and repeated under its key", "request"),
    Fault("503", "away, not executed", "request"),
    Fault("garbled", "executed, and something between answers 200 with a page", "request"),
    Fault("slow", "executed at once, answered when we wait no longer", "request"),
    Fault("slow_before", "executed only when we wait no longer", "request"),
    Fault("duplicate", "the event comes twice", "webhook"),
    Fault("reversed", "the events come newest first", "webhook"),
    Fault("overtaken", "the event comes after those that follow it", "webhook"),
    Fault("forged", "signed by somebody else at first", "webhook"),
    Fault("stale", "signed ten minutes ago at first", "webhook"),
    Fault("skewed", "signed by a clock that is an hour ahead of ours", "webhook"),
    Fault("lost_event", "the event never comes", "webhook"),
    Fault("killed_before", "our process is killed just before", "worker"),
    Fault("killed_after", "our process is killed just after", "worker"),
    Fault("database_gone", "the database goes away just after", "worker"),
    Fault("clock_ahead_before", "another worker, its clock an hour ahead, takes it up just before", "worker"),
    Fault("clock_ahead_after", "another worker, its clock an hour ahead, takes it up just after", "worker"),
]
STEPS = [
    Step("begin", "a packed parcel becomes a charge", "own", "paid"),
    Step("create", "the intent is made", "call", "paid"),
    Step("confirm", "the intent is confirmed: money is taken", "call", "paid"),
    Step("retrieve", "the answer to the confirmation is lost, and asked for", "call", "paid"),
    Step("settle", "the answer becomes the charge's and the order's state", "own", "paid"),
    Step("cancel", "the bank refused, and the intent is called off", "call", "held"),
    Step("refund", "money goes back for what was returned", "call", "refunded"),
    Step("find_refund", "the answer to the refund is lost, and looked for", "call", "refunded"),
    Step("settle_refund", "the answer becomes the refund's state", "own", "refunded"),
    Step("webhook_before", "the payment's webhook comes before the answer", "webhook", "paid"),
    Step("webhook_after", "the payment's webhook comes after the answer", "webhook", "paid"),
    Step("refund_webhook_before", "the refund's webhook comes before the answer", "webhook", "refunded"),
    Step("refund_webhook_after", "the refund's webhook comes after the answer", "webhook", "refunded"),
]
NO_CALL = "nothing is asked of the card service at this step"
NO_WEBHOOK = "no webhook is part of this step; all of them are faced at the webhook steps"
ONE_LOCK = "a row's lock is held: two at once are raced in `tests/billing/test_races.py` and `tests/races/`"


def nonsense(fault: Fault, step: Step) -> str:
    """Why there is no such cell; empty where there is."""
    if fault.sort == "request" and step.place == "own":
        return NO_CALL
    if fault.sort == "webhook" and step.place != "webhook":
        return NO_WEBHOOK
    if fault.name.startswith("clock_ahead") and step.place != "call":
        return ONE_LOCK
    return ""


MATRIX = [Cell(fault, step, nonsense(fault, step)) for step in STEPS for fault in FAULTS]
CELLS = [cell for cell in MATRIX if not cell.nonsense]


def table(broken: Collection[str] = ()) -> str:
    """The matrix as Markdown: a row for each fault, a column for each step, and what they and the ends mean.

    `broken` names cells that ended otherwise than they must.
    """
    reasons = dict(zip([NO_CALL, NO_WEBHOOK, ONE_LOCK], "abc", strict=True))
    cells = {
        (cell.fault, cell.step): f"– {reasons[cell.nonsense]}" if cell.nonsense else cell.step.end for cell in MATRIX
    }
    head = ["fault", *(step.name for step in STEPS)]
    rows = [[fault.name, *(cells[fault, step] for step in STEPS)] for fault in FAULTS]
    return "\n".join([
        *_lines(head, rows), "",
        f"{len(CELLS)} cells, and {len(MATRIX) - len(CELLS)} that make no sense:", "",
        *(f"* **– {letter}**: {reason}." for reason, letter in reasons.items()), "",
        *(f"* **{end}**: {meaning}." for end, meaning in ENDS.items()), "",
        *_lines(["step", "what happens there"], [[step.name, step.says] for step in STEPS]), "",
        *_lines(["fault", "what goes wrong"], [[fault.name, fault.says] for fault in FAULTS]), "",
    ])  # fmt: skip


def _end(cell: Cell, broken: Collection[str]) -> str:
    return "BROKEN" if str(cell) in broken else cell.step.end


def _lines(head: list[str], rows: list[list[str]]) -> Iterator[str]:
    widths = [max(len(row[place]) for row in [head, *rows]) for place in range(len(head))]
    for row in [head, ["-" * width for width in widths], *rows]:
        yield "| " + " | ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) + " |"
