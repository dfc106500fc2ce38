"""Which pieces of a paid order were paid back: returned ones count from a line's first, those staff gave from its last.

So the shares of a line's pieces (`pricing.shares`) are each paid back once, and all of them come to the charge.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate, pairwise

from django.db.models import Sum

from billing.models import Charge, Refund, RefundRequestLine
from orders import pricing
from orders.models import OrderLine, ReturnReceipt, ReturnReceiptLine
from orders.returns import CameBack


@dataclass(frozen=True)
class Pieces:
    """The pieces of one line: what each came to, how many came back and were accepted, how many staff gave back."""

    line: OrderLine
    shares: tuple[int, ...]
    returned: int
    given: int

    @property
    def left(self) -> int:
        """How many were not paid back yet."""
        return max(len(self.shares) - self.returned - self.given, 0)

    def cents(self, count: int) -> int:
        """What the next `count` of them come to, with their share of discount and tax. At most `left` count."""
        upto = len(self.shares) - self.given
        return sum(self.shares[max(upto - count, self.returned) : upto])


def of(charge: Charge) -> dict[int, Pieces]:
    """Line id to its pieces, in the order of lines; none of a charge that did not pay for its order."""
    if charge.status != Charge.Status.PAID:
        return {}
    shares = pricing.shares(charge.order)
    accepted = ReturnReceiptLine.objects.filter(line__order=charge.order_id, accepted=True)
    returned = dict(accepted.order_by().values_list("line_id").annotate(pieces=Sum("quantity")))
    given = _given(charge)
    lines = charge.order.lines.select_related("sku").order_by("pk")
    return {
        line.pk: Pieces(line, tuple(shares[line.pk]), returned.get(line.pk, 0), given.get(line.pk, 0)) for line in lines
    }


def all_left(charge: Charge) -> dict[int, int]:
    """Line id to the pieces not paid back yet, if they are worth just what is left of the charge; else none."""
    known = {line_id: each for line_id, each in of(charge).items() if each.left}
    worth = sum(each.cents(each.left) for each in known.values())
    exact = worth == charge.amount_cents - charge.refunded_cents
    return {line_id: each.left for line_id, each in known.items()} if exact else {}


def amounts(charge: Charge, wanted: Mapping[int, int]) -> dict[int, int]:
    """Line id to what `wanted` pieces of it come to; one of which there are not that many is missing."""
    known = of(charge)
    fits = {
        line_id: count for line_id, count in wanted.items() if line_id in known and 0 < count <= known[line_id].left
    }
    return {line_id: known[line_id].cents(count) for line_id, count in fits.items()}


def owed(charge: Charge, receipt: ReturnReceipt) -> int:
    """What is owed for what came back, in cents: no piece that staff gave back before. The caller holds the charge."""
    return _owed(charge, [(each.line_id, each.refund_cents, start, end) for each, start, end in _ranges(receipt)])


def would_owe(charge: Charge, back: Iterable[CameBack]) -> int:
    """The same of what came back and is not booked yet, and no more than is left of the charge. A look, not a lock."""
    booked = {line_id: each.returned for line_id, each in of(charge).items()}
    ranges = []
    for each in back:
        if each.accepted and each.line.pk in booked:
            start = booked[each.line.pk]
            booked[each.line.pk] = start + each.quantity
            ranges.append((each.line.pk, each.owed_cents, start, start + each.quantity))
    return min(_owed(charge, ranges), charge.amount_cents - charge.refunded_cents)


def _owed(charge: Charge, ranges: Iterable[tuple[int, int, int, int]]) -> int:
    """Of pieces [start, end) of lines, each with what was reckoned for them: line id, cents, start, end."""
    shares, given = pricing.shares(charge.order), _given(charge)
    owed_cents = 0
    for line_id, cents, start, end in ranges:
        of_line = shares[line_id]
        owed_cents += min(cents, sum(of_line[start : min(end, len(of_line) - given[line_id])]))
    return owed_cents


def _ranges(receipt: ReturnReceipt) -> list[tuple[ReturnReceiptLine, int, int]]:
    """Each accepted line of a receipt with which of its line's pieces these are: [start, end)."""
    accepted = ReturnReceiptLine.objects.filter(line__order=receipt.order_id, accepted=True).order_by("pk")
    of_line: dict[int, list[ReturnReceiptLine]] = defaultdict(list)
    for each in accepted:
        of_line[each.line_id].append(each)
    found = []
    for lines in of_line.values():
        bounds = pairwise(accumulate((each.quantity for each in lines), initial=0))
        found += [(each, start, end) for each, (start, end) in zip(lines, bounds, strict=True)]
    return [each for each in found if each[0].receipt_id == receipt.pk]


def _given(charge: Charge) -> dict[int, int]:
    """Line id to the pieces staff gave back; a refund that failed gave none."""
    given = RefundRequestLine.objects.filter(request__charge=charge, request__refund__in=Refund.objects.standing())
    found = given.order_by().values_list("line_id").annotate(pieces=Sum("quantity"))
    return defaultdict(int, found)
