"""The rows of the books for a span of time: a query over charges and refunds, in chunks, however long the month."""

import heapq
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import islice

from django.db.models import Min, Prefetch, QuerySet

from billing.models import Charge, Refund
from billing.settlements.spreading import Account, Named, Part, sold
from orders.models import OrderLine
from printers.facts import Refused

CHUNK = 200  # movements whose charges are read together


class Kind(StrEnum):
    """What moved money. A month begins and ends in UTC, as Stripe's do."""

    CHARGE = "charge"
    REFUND = "refund"
    SENT_BACK = "refund_sent_back"  # the bank could not deliver a refund that was made: the money is ours again


@dataclass(frozen=True)
class Row:
    """One line of one movement."""

    at: datetime
    kind: Kind
    order: str
    state: str
    currency: str
    stripe_id: str
    part: Part


# When, what (in the order of one moment: a charge before its refund), whose row, and of which charge.
Movement = tuple[datetime, int, int, int]
KINDS = tuple(Kind)


def month(typed: str) -> tuple[datetime, datetime]:
    """'2026-11' as its first moment and the first of the next month, in UTC. Raises Refused."""
    found = re.fullmatch(r"(20\d\d)-(0[1-9]|1[0-2])", typed)
    if not found:
        raise Refused("A month is written like 2026-11.", "no_month")
    year, number = int(found[1]), int(found[2])
    following = (year + 1, 1) if number == 12 else (year, number + 1)
    return datetime(year, number, 1, tzinfo=UTC), datetime(*following, 1, tzinfo=UTC)


def months(now: datetime) -> list[str]:
    """Those in which money can have moved, the newest first: from the first charge on."""
    began = Charge.objects.taken().aggregate(at=Min("taken_at"))["at"]
    if began is None:
        return []
    first, last = (at.astimezone(UTC) for at in (began, max(began, now)))
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [f"{number // 12}-{number % 12 + 1:02}" for number in reversed(numbers)]


def rows(since: datetime, until: datetime) -> Iterator[Row]:
    """All that moved in [since, until), the oldest first."""
    movements = _movements(since, until)
    while chunk := list(islice(movements, CHUNK)):
        told = _told({charge_id for *_, charge_id in chunk})
        for at, kind, pk, charge_id in chunk:
            charge, movement = told[charge_id], (KINDS[kind], pk)
            order = charge.of.order
            state, (parts, stripe_id) = str(order.ship_to.get("state", "")), charge.moved[movement]
            for part in parts:
                yield Row(at, KINDS[kind], order.display_number, state, charge.of.currency, stripe_id, part)


def _movements(since: datetime, until: datetime) -> Iterator[Movement]:
    """Three walks, each in the order of time, merged."""
    refunds = Refund.objects.went_out()
    return heapq.merge(
        _walk(Charge.objects.taken(), "taken_at", KINDS.index(Kind.CHARGE), "pk", since, until),
        _walk(refunds, "settled_at", KINDS.index(Kind.REFUND), "charge_id", since, until),
        _walk(refunds, "sent_back_at", KINDS.index(Kind.SENT_BACK), "charge_id", since, until),
    )


def _walk(
    found: QuerySet[Charge] | QuerySet[Refund], when: str, kind: int, charge: str, since: datetime, until: datetime
) -> Iterator[Movement]:
    within = found.filter(**{f"{when}__gte": since, f"{when}__lt": until}).order_by(when, "pk")
    for at, pk, charge_id in within.values_list(when, "pk", charge).iterator():
        yield at, kind, pk, charge_id


@dataclass(frozen=True)
class _History:
    """A charge, and by kind and row each movement of it: its parts, and what Stripe calls it."""

    of: Charge
    moved: Mapping[tuple[Kind, int], tuple[Sequence[Part], str]]


def _told(charge_ids: set[int]) -> dict[int, _History]:
    """The histories of these charges, from their beginning: what a refund is of depends on those before it."""
    lines = OrderLine.objects.select_related("sku").order_by("pk")
    charges = Charge.objects.filter(pk__in=charge_ids).select_related("order")
    refunds: dict[int, list[Refund]] = defaultdict(list)
    went_out = Refund.objects.went_out().filter(charge__in=charge_ids).select_related("receipt", "request")
    for refund in went_out.prefetch_related("receipt__lines", "request__lines"):
        refunds[refund.charge_id].append(refund)
    return {
        charge.pk: _history(charge, refunds[charge.pk])
        for charge in charges.prefetch_related(Prefetch("order__lines", lines))
    }


def _history(charge: Charge, refunds: Iterable[Refund]) -> _History:
    parts = sold(charge.amount_cents, charge.order.tax_cents, list(charge.order.lines.all()))
    moved: dict[tuple[Kind, int], tuple[Sequence[Part], str]] = {}
    moved[Kind.CHARGE, charge.pk] = parts, str(charge.payment_intent_id or "")
    account = Account(parts)
    for _, kind, pk, refund in sorted(_steps(refunds), key=lambda step: step[:3]):
        if kind == Kind.REFUND:
            told = account.give_back(refund.amount_cents, _named(refund))
        else:
            told = account.undo(moved[Kind.REFUND, pk][0])
        moved[kind, pk] = told, str(refund.stripe_id or "")
    return _History(charge, moved)


def _steps(refunds: Iterable[Refund]) -> Iterator[tuple[datetime, Kind, int, Refund]]:
    for refund in refunds:
        assert refund.settled_at is not None, "what went out is settled"
        yield refund.settled_at, Kind.REFUND, refund.pk, refund
        if refund.sent_back_at is not None:
            yield refund.sent_back_at, Kind.SENT_BACK, refund.pk, refund


def _named(refund: Refund) -> Named:
    """The lines a refund is of: those of the parcel that came back, or those staff chose."""
    if refund.receipt is not None:
        return {
            line.line_id: (line.quantity, line.refund_cents) for line in refund.receipt.lines.all() if line.accepted
        }
    if hasattr(refund, "request"):
        return {line.line_id: (line.quantity, line.amount_cents) for line in refund.request.lines.all()}
    return {}
