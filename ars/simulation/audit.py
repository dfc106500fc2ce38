"""The auditor: looks at what was truly in the printers and what was ordered, and uses none of the rules.

One order for each cartridge that its printer called low: none is a miss, unless its owner or the shop said no; two are
a double, unless the first was cancelled or got lost.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from ars.simulation.truth import Machine, Supply
from orders.models import Decision, Order, Replenishment

PATIENCE = 2  # days a low supply may go without an order
DECISIONS = set(Replenishment.Kind) - {Replenishment.Kind.UNDECIDED}


@dataclass
class Audit:
    """What was found so far."""

    orderable: dict[int, int]
    doubles: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    ordered: int = 0
    reports: int = 0
    refused: int = 0

    def book(self, machine: Machine, supply: Supply, order: Order) -> None:
        """An order was placed for a supply: because the cartridge it last spoke of ran low."""
        cartridge = supply.heard
        assert cartridge is not None  # nothing is ordered for what was never reported
        self.ordered += 1
        if cartridge.orders:
            self.doubles.append(f"printer {machine.printer_id} {supply.code}: {order.pk} after {cartridge.orders}")
        if not supply.consumable:
            self.doubles.append(f"printer {machine.printer_id} {supply.code}: {order.pk} for what is no consumable")
        cartridge.orders.add(order.pk)

    def look(self, machine: Machine, day: int, today: date) -> None:
        """The evening's round: what is low, may be ordered and is not."""
        for supply in machine.supplies:
            cartridge = supply.heard
            open_low = supply.heard_low and supply.consumable and cartridge is not None
            if open_low and cartridge is not None and not cartridge.orders and self._may(machine, supply, day, today):
                supply.waits += 1
                if supply.waits == PATIENCE:
                    self.missed.append(f"printer {machine.printer_id} {supply.code} on {today}")
            else:
                supply.waits = 0

    def _may(self, machine: Machine, supply: Supply, day: int, today: date) -> bool:
        """Whether nobody said no. A skip or a spare is spent on the first cartridge it keeps from being ordered."""
        cartridge = supply.heard
        if not machine.active or machine.unpaid or day < self.orderable.get(supply.slot_id, 0) or cartridge is None:
            return False
        if cartridge.wanted:
            return True
        if cartridge.excused or machine.is_paused(today) or (machine.tells_genuine and not cartridge.genuine):
            return False
        if supply.skip or supply.spares:
            cartridge.excused = True
            supply.spares -= 0 if supply.skip else 1
            supply.skip = False
            return False
        return not machine.asks

    def verdict(self) -> tuple[bool, list[str]]:
        """Whether the year was good, and the report on it, line by line."""
        kinds = Counter(Decision.objects.values_list("kind", flat=True))
        undecided = Replenishment.objects.filter(closed_at=None, decision=Replenishment.Kind.UNDECIDED).count()
        absent = sorted(DECISIONS - set(kinds))
        statuses = Counter(Order.objects.values_list("status", flat=True))
        orders = f"{statuses.total()} orders ({_listed(statuses)})"
        lines = [
            f"{self.reports} reports, {self.refused} refused; {self.ordered} cartridges ordered in {orders}.",
            f"Decisions: {_listed(kinds)}.",
            f"{len(self.doubles)} double orders, {len(self.missed)} missed low supplies, {undecided} left undecided.",
            *(f"DOUBLE {each}" for each in self.doubles[:20]),
            *(f"MISSED {each}" for each in self.missed[:20]),
        ]
        if absent:
            lines.append(f"Never decided: {', '.join(absent)}.")
        return not (self.doubles or self.missed or undecided or absent or self.refused), lines


def _listed(counted: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counted.items()))
