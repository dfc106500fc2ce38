"""Ticking an order's pieces by scanning them. The page holds what was scanned, so a reload changes nothing."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from orders.models import Order, OrderLine

NOT_IN_IT = "Not in this order"
ONE_TOO_MANY = "One too many"


@dataclass(frozen=True)
class Tick:
    """A SKU of an order: its lines, how many pieces of it go into the parcel, and how many were scanned."""

    lines: list[OrderLine]
    wanted: int
    scanned: int

    @property
    def code(self) -> str:
        return self.lines[0].sku.code

    @property
    def name(self) -> str:
        return self.lines[0].sku.name

    @property
    def is_whole(self) -> bool:
        return self.scanned == self.wanted


class Ticks:
    """The SKUs of an order with what was scanned of each, and what is wrong with the last scan."""

    def __init__(self, order: Order, ticked: Iterable[str]) -> None:
        self._lines: dict[str, list[OrderLine]] = {}
        for line in order.lines.all():
            self._lines.setdefault(line.sku.code, []).append(line)
        self._wanted = {code: sum(line.quantity for line in lines) for code, lines in self._lines.items()}
        self._scanned: Counter[str] = Counter()
        self.wrong = ""
        for code in ticked:
            if self._scanned[code] < self._wanted.get(code, 0):
                self._scanned[code] += 1

    def scan(self, text: str) -> bool:
        """Tick a piece; False, and what is `wrong`, when it is none that is missing."""
        code = next((code for code in self._lines if code.casefold() == text.casefold()), "")
        if not code:
            self.wrong = NOT_IN_IT
        elif self._scanned[code] == self._wanted[code]:
            self.wrong = ONE_TOO_MANY
        else:
            self._scanned[code] += 1
        return not self.wrong

    @property
    def rows(self) -> list[Tick]:
        """By SKU, in the order of lines."""
        return [Tick(lines, self._wanted[code], self._scanned[code]) for code, lines in self._lines.items()]

    @property
    def ticked(self) -> list[str]:
        """A code for each piece scanned: what the page holds."""
        return [code for code in self._lines for _ in range(self._scanned[code])]

    @property
    def is_whole(self) -> bool:
        return all(row.is_whole for row in self.rows)
