"""Of a low supply: what its printer said, each decision about it, and the new cartridge."""

from collections.abc import Iterable, Iterator, Sequence

from django.db.models import Q
from django.utils.translation import gettext, gettext_noop

from ars.timeline.entry import Entry, Kind, Place, detailed
from enrollment.models import Plan
from orders import words
from orders.clock import Clock
from orders.models import Decision, Replenishment
from printers.models import LowSignal

LOW_AT = gettext_noop("Your printer reported %(supply)s low, at %(level)s.")
LOW = gettext_noop("Your printer reported that %(supply)s is low.")
REPLACED = gettext_noop("A new %(supply)s was put in.")


def of(plan: Plan, needs: Sequence[Replenishment], decided: Iterable[Decision], clock: Clock) -> Iterator[Entry]:
    """All about these needs of a plan; of the time before it, staff alone read."""
    for signal in {need.signal_id: need.signal for need in needs}.values():
        yield _said(signal, clock)
        if signal.closed_at is not None:
            yield _closed(signal, clock)
    for decision in decided:
        yield decision_of(
            decision, clock, is_told=decision.replenishment_id is not None or decision.at >= plan.created_at
        )


def decisions_of(needs: Sequence[Replenishment]) -> list[Decision]:
    """Every decision about these needs, and about their signals before any plan was active."""
    of_signal = Q(signal__in=[need.signal_id for need in needs], replenishment=None)
    found = Decision.objects.filter(of_signal | Q(replenishment__in=needs))
    return list(found.select_related("signal__slot").order_by("at", "pk"))


def decision_of(decision: Decision, clock: Clock, *, is_told: bool = True) -> Entry:
    """A decision: the sentence of its kind, its reason and all its evidence."""
    shown = is_told and words.is_shown(decision.kind)
    return Entry(
        at=decision.at,
        place=Place.DECIDED,
        kind=Kind.DECISION,
        when=clock.moment(decision.at),
        text=words.decision(decision.kind, decision.signal, decision.at, clock) if shown else "",
        ref=f"decision {decision.pk}",
        permission="orders.view_decision",
        details=detailed({"decision": decision.kind, "reason": decision.reason, **decision.evidence}),
        same=(decision.signal.slot_id, decision.kind, decision.signal_id),
    )


def _said(signal: LowSignal, clock: Clock) -> Entry:
    facts = {"supply": signal.slot.name}
    if signal.level is None:
        text = gettext(LOW) % facts
    else:
        text = gettext(LOW_AT) % {**facts, "level": words.percent(signal.level)}
    return Entry(
        at=signal.observed_at,
        place=Place.SEEN,
        kind=Kind.SIGNAL,
        when=clock.moment(signal.observed_at),
        text=text,
        ref=f"signal {signal.pk}",
        permission="printers.view_lowsignal",
        details=detailed(
            {
                "slot": signal.slot.code,
                "level": signal.level,
                "threshold": signal.threshold,
                "said_low": signal.said_low,
                "observed_at": signal.observed_at,
                "received_at": signal.received_at,
            }
        ),
    )


def _closed(signal: LowSignal, clock: Clock) -> Entry:
    assert signal.closed_at is not None
    replaced = signal.closed_cause == LowSignal.ClosedCause.REPLACED
    return Entry(
        at=signal.closed_at,
        place=Place.SEEN,
        kind=Kind.SIGNAL,
        when=clock.moment(signal.closed_at),
        text=gettext(REPLACED) % {"supply": signal.slot.name} if replaced else "",
        ref=f"signal {signal.pk} closed",
        permission="printers.view_lowsignal",
        details=detailed({"slot": signal.slot.code, "cause": signal.closed_cause}),
    )
