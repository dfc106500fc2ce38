"""Writes decisions down with all they rest on, and tells printers what is on order."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from orders import decisions, news
from orders.decisions import Verdict
from orders.models import Decision, OrderLine, Replenishment
from orders.money import display_number
from printers import facts, supplies, tracing
from printers.models import LowSignal

log = logging.getLogger(__name__)

Kind = Replenishment.Kind


def decision(
    signal: LowSignal,
    need: Replenishment | None,
    verdict: Verdict,
    evidence: Mapping[str, object],
    now: datetime,
) -> Decision:
    """A verdict with what was seen and what else it rests on. Not kept yet."""
    seen = {
        "level": signal.level,
        "threshold": signal.threshold,
        "said_low": signal.said_low,
        "precision": "percent" if signal.level is not None else "low or not",
        "observed_at": signal.observed_at.isoformat(),
        "received_at": signal.received_at.isoformat(),
    }
    return Decision(
        signal=signal,
        replenishment=need,
        kind=verdict.kind,
        reason=verdict.reason,
        evidence={**seen, **evidence},
        at=now,
        due_at=now if verdict.kind in news.TOLD else None,
    )


def keep(made: Iterable[Decision]) -> None:
    """Keep decisions; notifications are to read those their customer is told of."""
    kept = Decision.objects.bulk_create(made)
    transaction.on_commit(lambda: _log(kept), robust=True)
    if any(each.due_at for each in kept):
        facts.nudge("decision")


def _log(kept: Iterable[Decision]) -> None:
    for each in kept:
        with tracing.under(each.signal.trace):
            log.info("low signal %s decided: %s", each.signal_id, each.kind)


def stale(signals: Iterable[LowSignal], now: datetime) -> None:
    """Reports that came too late to act on are history, with a decision that says so; told twice, it is kept once."""
    text = "{0.slot.name} was reported low for {0.observed_at:%d %b %Y}, but that is no longer news."
    keep(
        decision(each, None, Verdict(Kind.STALE, text.format(each)), {}, now) for each in _without(Kind.STALE, signals)
    )


def replaced_before(signals: Iterable[LowSignal], now: datetime) -> None:
    """What was replaced before anybody had decided is history too, with a decision that says so."""
    closed = list(signals)
    decided = set(Decision.objects.filter(signal__in=closed).values_list("signal_id", flat=True))
    text = "{0.slot.name} was low, and was replaced before anything was decided."
    undecided = [each for each in closed if each.pk not in decided]
    keep(decision(each, None, Verdict(Kind.STALE, text.format(each)), {}, now) for each in undecided)


def not_enrolled(signals: Iterable[LowSignal], now: datetime) -> None:
    """Open signals of printers that no plan is active for: kept, and decided when one becomes active."""
    waiting = list(signals)
    text = "{0.slot.name} is low, but no plan is active for this printer."
    keep(
        decision(each, None, Verdict(Kind.NOT_ENROLLED, text.format(each)), {}, now)
        for each in _without(Kind.NOT_ENROLLED, waiting)
    )
    told: dict[int, dict[str, str]] = defaultdict(dict)
    for each in waiting:
        told[each.printer_id][each.slot.code] = "waiting"
    supplies.note_all(told)


def not_enrolled_before(signals: Iterable[LowSignal]) -> set[int]:
    """The ids of those that waited for a plan."""
    waited = Decision.objects.filter(signal__in=[each.pk for each in signals], kind=Kind.NOT_ENROLLED)
    return set(waited.values_list("signal_id", flat=True))


def open_orders(needs: Iterable[Replenishment]) -> Mapping[int, list[str]]:
    """Need id to the numbers, as people see them, of the orders it waits for."""
    lines = OrderLine.objects.filter(replenishment__in=[need.pk for need in needs], open=True).order_by("pk")
    numbers: dict[int, list[str]] = defaultdict(list)
    for need_id, number in lines.values_list("replenishment_id", "order__number"):
        assert need_id is not None  # they were found by it
        numbers[need_id].append(display_number(number))
    return numbers


def tell_printers(needs: Iterable[Replenishment], orders: Mapping[int, list[str]]) -> None:
    """Write what is on order for open needs into their printers' rows, for the answers to their next reports."""
    told: dict[int, dict[str, str]] = defaultdict(dict)
    for need in needs:
        if need.plan.printer_id is not None:
            told[need.plan.printer_id][need.slot.code] = decisions.told(need.decision, open_line=need.pk in orders)
    supplies.note_all(told)


def _without(kind: str, signals: Iterable[LowSignal]) -> list[LowSignal]:
    """The signals that have no decision of this kind yet."""
    signals = list(signals)
    known = Decision.objects.filter(signal__in=signals, kind=kind, replenishment=None)
    decided = set(known.values_list("signal_id", flat=True))
    return [signal for signal in signals if signal.pk not in decided]
