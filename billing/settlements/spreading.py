"""Spreads a charge and its refunds over the lines of its order. Pure, and exact: parts always sum to their whole.

A refund that names its lines (a return, pieces given by staff) is theirs. Any other is spread by what is left of each
line then. What happens later changes no part of what was before, so a month that is over reads the same for ever.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from orders.models import OrderLine
from orders.pricing import shared_out, split


@dataclass(frozen=True)
class Part:
    """What of a charge or a refund belongs to one line: cents with tax, the tax in it, and pieces; minus for refunds.

    No SKU where nothing tells of which line it is.
    """

    line_id: int | None
    sku: str
    quantity: int
    gross_cents: int
    tax_cents: int

    @property
    def undone(self) -> "Part":
        """The same the other way."""
        return replace(self, quantity=-self.quantity, gross_cents=-self.gross_cents, tax_cents=-self.tax_cents)


Named = Mapping[int, tuple[int, int]]  # line id to pieces and cents


def sold(amount_cents: int, tax_cents: int, lines: Sequence[OrderLine]) -> list[Part]:
    """A charge by the lines of its order, in their order."""
    gross = [sum(shares) for shares in shared_out(amount_cents, lines).values()]
    if sum(gross) != amount_cents:  # nothing that has a price: it cannot be told apart
        return [Part(None, "", 0, amount_cents, tax_cents)]
    parts = zip(lines, gross, split(tax_cents, gross), strict=True)
    return [Part(line.pk, line.sku.code, line.quantity, cents, tax) for line, cents, tax in parts]


class Account:
    """What is left of each line of a charge, as its refunds come one after another."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._sold = list(parts)
        self._back = [(0, 0)] * len(self._sold)  # gross and tax of each

    def give_back(self, amount_cents: int, named: Named) -> list[Part]:
        """A refund by line, in minus."""
        weights = [named.get(part.line_id, (0, 0))[1] if part.line_id else 0 for part in self._sold]
        if not any(weights):
            weights = [max(left, 0) for left in self._left]
            named = {}
        if not any(weights):  # more than was charged: a fault, and not to be lost in the sums
            return [Part(None, "", 0, -amount_cents, 0)]
        parts = [
            self._take(place, cents, named)
            for place, (cents, weight) in enumerate(zip(split(amount_cents, weights), weights, strict=True))
            if weight
        ]
        return parts if sum(self._left) else [*parts[:-1], self._with_the_last_tax(parts[-1])]

    def undo(self, parts: Sequence[Part]) -> list[Part]:
        """A refund that came back."""
        for part in parts:
            for place, line in enumerate(self._sold):
                if line.line_id == part.line_id:
                    gross, tax = self._back[place]
                    self._back[place] = (gross + part.gross_cents, tax + part.tax_cents)
        return [part.undone for part in parts]

    @property
    def _left(self) -> list[int]:
        return [part.gross_cents - back for part, (back, _) in zip(self._sold, self._back, strict=True)]

    def _with_the_last_tax(self, part: Part) -> Part:
        """With the last of the money goes the last of the tax, also where lines paid for each other's refunds."""
        place = [line.line_id for line in self._sold].index(part.line_id)
        rest = sum(line.tax_cents - tax for line, (_, tax) in zip(self._sold, self._back, strict=True))
        gross, tax = self._back[place]
        self._back[place] = (gross, tax + rest)
        return replace(part, tax_cents=part.tax_cents - rest)

    def _take(self, place: int, cents: int, named: Named) -> Part:
        """So much of one line: its tax is what the tax given back grows by, so that all of it is back with the last."""
        line, (gross, tax) = self._sold[place], self._back[place]
        upto = gross + cents
        due = (2 * line.tax_cents * upto + line.gross_cents) // (2 * line.gross_cents) if line.gross_cents else 0
        taxed = min(max(due - tax, 0), cents)
        self._back[place] = (upto, tax + taxed)
        pieces = named.get(line.line_id, (0, 0))[0] if line.line_id else 0
        return Part(line.line_id, line.sku, -pieces, -cents, -taxed)
