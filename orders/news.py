"""Which decisions their customer is told of, and when they are asked again: notifications read it here."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from enrollment.models import Plan
from orders.models import Decision, Replenishment

Kind = Replenishment.Kind
TOLD = frozenset({Kind.ASKING, Kind.NOT_GENUINE})
# "Shall we order?" is asked at once and on these days after; then no more until the next is low.
ASKED_ON = (timedelta(0), timedelta(days=2), timedelta(days=5))


def is_still_so(decision: Decision) -> bool:
    """Whether it concerns its customer, its need stands at this very decision, and somebody may still act on it."""
    need = decision.replenishment
    if (
        need is None
        or decision.kind not in TOLD
        or need.closed_at is not None
        or need.plan.status != Plan.Status.ACTIVE
    ):
        return False
    return need.decision == decision.kind and need.decisions.latest("at", "pk") == decision


def times_asked(decision: Decision, now: datetime) -> int:
    """How often it should have been asked by `now`, this time included: 1, 2 or 3."""
    return max(1, sum(decision.at + after <= now for after in ASKED_ON))


def asked_again_at(decision: Decision, now: datetime) -> datetime | None:
    """When the question is put next; None when it was the last time."""
    later = (decision.at + after for after in ASKED_ON if decision.at + after > now)
    return next(later, None)


def told(decisions: Iterable[Decision], now: datetime) -> None:
    """Notifications have read these: what is still a question comes back on its day, the rest is done."""
    for decision in decisions:
        again = asked_again_at(decision, now) if decision.kind == Kind.ASKING and is_still_so(decision) else None
        Decision.objects.filter(pk=decision.pk).update(due_at=again)
