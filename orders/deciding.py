"""A round of decisions for many plans at once: opens, decides and closes their needs under the locks of their rows.

The number of queries does not grow with the plans. Plans are locked in pk order; stock goes first to who was low first.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta

from django.db import connection, transaction
from django.db.models import prefetch_related_objects

from enrollment import choices
from enrollment.lifecycle import lock_plans
from enrollment.models import Plan
from orders import decisions, lifecycle, recording
from orders.decisions import WAITING, Facts, Verdict
from orders.looking import Sight
from orders.models import Order, OrderLine, Replenishment
from printers import supplies
from printers.models import LowSignal

Kind = Replenishment.Kind
UNDECIDED = frozenset({Kind.UNDECIDED, *WAITING})
Decided = tuple[Replenishment, Verdict, Facts]


def decide(plan_ids: Iterable[int], now: datetime) -> list[Order]:
    """Bring plans' needs up to their printers' signals, decide what is open, and order it: for all of them, or none.

    May run any number of times: it acts on rows as they are. Returns the orders placed.
    """
    with transaction.atomic():
        _go_by_index()
        plans = lock_plans(plan_ids)
        if not plans:
            return []
        prefetch_related_objects(plans, "printer", "shipping_address")  # as they are now that we hold the plans
        needs = _close(plans, now)
        needs += _open(plans, needs, now)
        placed = _decide_open(needs, now)
        _record_not_enrolled(plans, now)
    return placed


def _go_by_index() -> None:
    """Whatever a round reads and checks, it finds by key: say so, until the transaction ends.

    PostgreSQL plans the check of a foreign key once a session. Planned while the tables of a new installation are
    empty, it would read them from end to end for every row written, until they are analysed: 100 times slower.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")


def _close(plans: Sequence[Plan], now: datetime) -> list[Replenishment]:
    """Close what has been replaced, and everything of a plan that ended; what stays open."""
    by_id = {plan.pk: plan for plan in plans}
    stay: list[Replenishment] = []
    over: dict[str, list[int]] = defaultdict(list)
    open_needs = Replenishment.objects.filter(plan__in=plans, closed_at=None).select_related("slot", "signal")
    for need in open_needs.order_by("pk"):
        need.plan = by_id[need.plan_id]
        if need.plan.status == Plan.Status.CANCELLED:
            over["plan_ended"].append(need.pk)
        elif need.signal.closed_at is not None:
            over["replaced"].append(need.pk)
        else:
            stay.append(need)
    for cause, need_ids in over.items():
        OrderLine.objects.filter(replenishment__in=need_ids).update(open=False)
        ended = Replenishment.objects.filter(pk__in=need_ids)
        ended.update(closed_at=now, closed_cause=cause, due_at=None)
    return stay


def _open(plans: Sequence[Plan], needs: Iterable[Replenishment], now: datetime) -> list[Replenishment]:
    """A need, not saved yet, for each open signal of an active plan's printer that has none.

    One that waited for a plan is decided by what is known now: its slot may not be low any more.
    """
    active = {plan.printer_id: plan for plan in plans if plan.status == Plan.Status.ACTIVE}
    known = {(need.plan_id, need.slot_id) for need in needs}
    signals = LowSignal.objects.filter(printer__in=list(active), closed_at=None).select_related("slot")
    new = [each for each in signals.order_by("pk") if (active[each.printer_id].pk, each.slot_id) not in known]
    waited = recording.not_enrolled_before(new)
    opened = []
    for signal in new:
        plan, decision = active[signal.printer_id], Kind.UNDECIDED
        if signal.pk in waited:
            assert plan.printer is not None  # the signal is of it
            if supplies.is_fine(plan.printer, signal.slot.code):
                continue
            decision = Kind.NOT_ENROLLED
        opened.append(Replenishment(plan=plan, slot=signal.slot, signal=signal, opened_at=now, decision=decision))
    return opened


def _decide_open(needs: Sequence[Replenishment], now: datetime) -> list[Order]:
    """One round: decide all that is undecided or waiting, and order together what is to be ordered."""
    sight, undecided = Sight(needs, now), [need for need in needs if need.decision in UNDECIDED]
    decided: list[Decided] = []
    for need in sorted(undecided, key=lambda need: (need.plan_id, need.slot.position)):
        found = sight.facts(need)
        verdict = decisions.decide(found)
        if verdict is not None:
            decided.append((need, verdict, found))
    news = [(need, verdict, found) for need, verdict, found in decided if verdict.kind != need.decision]
    _settle(needs, decided, sight, now)
    _use_up(news)
    placed = lifecycle.place(_wanted(news, sight), now)
    orders = recording.open_orders(needs)
    recording.keep(
        recording.decision(need.signal, need, verdict, _evidence(need, found, orders), now)
        for need, verdict, found in news
    )
    recording.tell_printers(needs, orders)
    return placed


def _settle(needs: Iterable[Replenishment], decided: Iterable[Decided], sight: Sight, now: datetime) -> None:
    """Keep verdicts, and when to look again; nothing else of it is due any more."""
    new = [need for need in needs if need._state.adding]
    changed: list[Replenishment] = []
    for need, verdict, found in decided:
        due_at = _look_again(need, verdict.kind, found, sight, now)
        if verdict.kind != need.decision or due_at != need.due_at:
            need.decision, need.due_at = verdict.kind, due_at
            if not need._state.adding:
                changed.append(need)
    Replenishment.objects.bulk_create(new)
    Replenishment.objects.bulk_update(changed, ["decision", "due_at"])
    due = [need.pk for need in needs if need.due_at is not None and need.due_at <= now]
    seen = Replenishment.objects.filter(pk__in=due, due_at__lte=now)
    seen.exclude(decision=Kind.UNDECIDED).update(due_at=None)  # but what an order left behind that was just cancelled


def _look_again(need: Replenishment, kind: str, found: Facts, sight: Sight, now: datetime) -> datetime | None:
    """When time alone ends the cause of waiting, or its end may have been missed: it came while we looked."""
    if kind == Kind.OUT_OF_STOCK or (kind == Kind.LEVEL_UNKNOWN and found.jumped_to is not None):
        return now + timedelta(days=1)
    if kind == Kind.PAUSED and need.plan.paused_until:
        return datetime.combine(need.plan.paused_until, time(), UTC)
    if kind == Kind.UNKNOWN_SUPPLY and (sku := sight.sku(need)) is not None:
        return sight.next_prices.get(sku.pk)
    return None


def _use_up(news: Iterable[Decided]) -> None:
    """A skip or a spare that decided is used up by it."""
    used: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for need, verdict, _ in news:
        used[verdict.kind].append((need.plan_id, need.slot_id))
    choices.use_skips(used[Kind.SKIPPED])
    choices.use_spares(used[Kind.SPARE_ON_HAND])


def _wanted(news: Iterable[Decided], sight: Sight) -> list[tuple[Plan, list[lifecycle.Need]]]:
    """What is to be ordered for each plan; the plan whose supply was reported low first is the first."""
    wanted: dict[Plan, list[lifecycle.Need]] = defaultdict(list)
    for need, verdict, _ in news:
        if verdict.kind == Kind.ORDERED and (sku := sight.sku(need)) is not None:
            wanted[need.plan].append(lifecycle.Need(need, sku, sight.quotes[sku.pk]))
    return sorted(wanted.items(), key=lambda each: min(_reported(need.replenishment.signal) for need in each[1]))


def _reported(signal: LowSignal) -> tuple[datetime, int]:
    return signal.received_at, signal.pk


def _evidence(need: Replenishment, found: Facts, orders: Mapping[int, list[str]]) -> dict[str, object]:
    """What a decision rests on besides its signal."""
    evidence: dict[str, object] = {
        "sku": found.sku,
        "genuine": found.genuine,
        "spares": found.spares,
        "orders": orders.get(need.pk, []),
    }
    if need.wanted_at is not None:
        evidence["wanted_at"] = need.wanted_at.isoformat()
    return evidence


def _record_not_enrolled(plans: Iterable[Plan], now: datetime) -> None:
    """What is low in printers whose plan is not active, unless somebody else's is."""
    printers = [plan.printer_id for plan in plans if plan.status != Plan.Status.ACTIVE]
    if any(printers):
        signals = LowSignal.objects.filter(printer__in=printers, closed_at=None).select_related("slot")
        recording.not_enrolled(signals.exclude(printer__plans__status=Plan.Status.ACTIVE), now)
