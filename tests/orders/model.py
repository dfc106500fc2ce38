"""What must be decided for one supply of a plan, computed slowly and plainly, for the real rules to be held against.

The plan is active, its cartridge is known, priced, confirmed and in stock: all else its owner and printer do.
"""

from dataclasses import dataclass, field
from datetime import date

from tests.printers.model import Report, Slot

WAITING = ("not_genuine", "paused", "level_unknown", "asking")
YES_TO = ("ordered", "paused", "skipped", "spare_on_hand", "asking", "not_genuine")


@dataclass
class Need:
    """An open replenishment: what was decided last, and whether an order for it is under way."""

    low_at: int | None
    decision: str = "undecided"
    wanted: bool = False
    on_order: bool = False


@dataclass
class Plan:
    """The plan with its supply."""

    today: date
    slot: Slot = field(default_factory=Slot)
    need: Need | None = None
    orders: int = 0
    skip: bool = False
    spares: int = 0
    asks: bool = False
    paused_until: date | None = None

    def report(self, report: Report) -> None:
        before = self._looked_at()
        self.slot.hear(report)
        self._follow_signal()
        if self._waits() and before != self._looked_at():
            self._decide()

    def day(self, today: date) -> None:
        self.today = today
        if self.need and self.need.decision == "paused" and not self._paused():
            self._decide()

    def pause(self, until: date) -> None:
        self.paused_until = until
        self._look_again()

    def resume(self) -> None:
        self.paused_until = None
        self._look_again()

    def ask(self, asks: bool) -> None:
        changed, self.asks = self.asks != asks, asks
        if changed:
            self._look_again()

    def yes(self) -> None:
        if self.need and self.need.decision in YES_TO and not self.need.on_order:
            self.need.wanted = True
            self._decide(afresh=True)

    def no(self) -> None:
        if self.need and self.need.decision == "asking":
            self.need.decision = "skipped"

    def cancel(self, by_customer: bool) -> None:
        if self.need and self.need.on_order:
            self.need.on_order = False
            if not by_customer:  # needed as before, unless it may have been changed and the printer cannot tell
                self._decide(afresh=self.slot.low or self.slot.level is not None or self.need.wanted)

    def is_in(self) -> None:
        self.slot.owner_says_in()
        self._follow_signal()

    def _looked_at(self) -> tuple[bool, bool | None, bool]:
        return self.slot.low, self.slot.genuine, self.slot.level is None

    def _paused(self) -> bool:
        return self.paused_until is not None and self.today < self.paused_until

    def _waits(self) -> bool:
        return self.need is not None and self.need.decision in WAITING

    def _look_again(self) -> None:
        if self._waits():
            self._decide()

    def _follow_signal(self) -> None:
        """A need is as old as the low it stands for."""
        if self.need is not None and self.need.low_at != self.slot.signal:
            self.need = None
        if self.need is None and self.slot.signal is not None:
            self.need = Need(self.slot.signal)
            self._decide(afresh=True)

    def _decide(self, *, afresh: bool = False) -> None:
        need = self.need
        assert need is not None
        low = afresh or self.slot.low
        if low or self.slot.level is None:
            jumped = afresh and self.slot.jumped and not self.slot.low and not need.wanted
            need.decision = self._decision(need, low and not jumped)
        if need.decision == "ordered" and not need.on_order:
            need.on_order = True
            self.orders += 1

    def _decision(self, need: Need, low: bool) -> str:
        if not need.wanted and self.slot.genuine is False:
            return "not_genuine"
        if not need.wanted and self._paused():
            return "paused"
        if not low:
            return "level_unknown"
        if not need.wanted and self.skip:
            self.skip = False
            return "skipped"
        if not need.wanted and self.spares:
            self.spares -= 1
            return "spare_on_hand"
        return "asking" if self.asks and not need.wanted else "ordered"
