"""From when to when a printer's readings are one owner's to see: what another owner used is nobody else's business."""

from collections.abc import Iterator
from copy import copy
from datetime import UTC, datetime

from django.db.models import Max, Min, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from enrollment.models import Plan, User
from printers.models import Printer

EVER = datetime(1, 1, 1, tzinfo=UTC)
NEVER = datetime(9999, 1, 1, tzinfo=UTC)  # while somebody else has it
Window = tuple[datetime, datetime | None]


def annotated(plans: QuerySet[Plan]) -> QuerySet[Plan]:
    """With `others_until`, when somebody else last had it, and `owned_since`, when its owner's first plan was made."""
    same = Plan.objects.filter(printer=OuterRef("printer")).order_by()
    others = same.exclude(user=OuterRef("user")).exclude(activated_at=None)
    until = Coalesce("ended_at", Value(NEVER))
    before = others.annotate(until=until).filter(until__lte=Coalesce(OuterRef("ended_at"), Value(NEVER)))
    had = Subquery(before.values("printer").annotate(last=Max("until")).values("last"))
    own = same.filter(user=OuterRef("user")).values("printer").annotate(first=Min("created_at")).values("first")
    return plans.annotate(others_until=had, owned_since=Subquery(own))


def since(plan: Plan) -> datetime | None:
    """From when on what the printer of an annotated plan says is its owner's to see; None where there is no printer.

    What came after a plan ended is not its owner's either: `Plan.ended_at`.
    """
    both = (getattr(plan, "others_until", None), getattr(plan, "owned_since", None))
    return max((moment for moment in both if moment is not None), default=None)


def windows(user: User) -> Iterator[tuple[int, Window]]:
    """By printer, each time in which its readings were this user's; they may overlap."""
    connected = annotated(Plan.objects.filter(user=user, printer__isnull=False)).order_by("printer", "pk")
    for plan in connected:
        began = since(plan)
        assert plan.printer_id is not None
        assert began is not None
        yield plan.printer_id, (began, plan.ended_at)


def as_known(plan: Plan) -> Printer | None:
    """The printer of an annotated plan without what was heard in somebody else's time; that one was never heard."""
    printer, since = plan.printer, getattr(plan, "others_until", None) or EVER
    if printer is None or (since == EVER and plan.ended_at is None):
        return printer
    window, own = (since, plan.ended_at), copy(printer)
    heard = {code: datetime.fromisoformat(state["at"]) for code, state in printer.supplies.items()}
    own.supplies = {code: printer.supplies[code] for code, at in heard.items() if is_within(at, window)}
    if printer.seen_at is not None and not is_within(printer.seen_at, window):
        own.seen_at, own.created_at = None, max(printer.created_at, since)
    return own


def is_within(at: datetime, window: Window) -> bool:
    """Whether it was told in that time."""
    since, until = window
    return since <= at and (until is None or at <= until)
