"""What must be known of one slot after some reports, computed slowly and plainly, for the SQL to be held against.

It sorts what it has by the printers' time and tells the story from its beginning. Times are minutes after NOW.
"""

from dataclasses import dataclass
from typing import Any

THRESHOLD = 15
THREE_WEEKS = 21 * 24 * 60


@dataclass(frozen=True)
class Report:
    """What a printer said of the slot at a minute."""

    at: int
    level: int | None = None
    low: bool | None = None
    genuine: bool | None = None
    serial: str | None = None

    @property
    def is_low(self) -> bool:
        return bool(self.low) or (self.level is not None and self.level <= THRESHOLD)

    @property
    def sent(self) -> dict[str, Any]:
        """As it goes over the wire."""
        said = {"level": self.level, "low": self.low, "genuine": self.genuine, "serial_number": self.serial}
        return {"slot": "PGBK", **said}


@dataclass
class Slot:
    """All that is known of the slot; `signal` is the minute of the low that is still open."""

    level: int | None = None
    last: int | None = None
    low: bool = False
    genuine: bool | None = None
    serial: str | None = None
    jumped: bool = False
    signal: int | None = None
    fine_since: int | None = None
    replaced: int = 0
    told_in: bool = False  # its owner said so, and no other low was heard since
    level_then: int | None = None

    def hear(self, report: Report) -> None:
        """One more report, later than all before."""
        new, was_low = self._is_new_cartridge(report), self.low
        if new:
            self.signal = self.fine_since = self.genuine = None
            self.jumped = False
            self.replaced += 1
        elif report.level is not None:
            self.jumped = self.last is not None and report.level >= 70 and report.level >= self.last + 40
        self._keep(report)
        fell = self.level_then is not None and self.level is not None and self.level < self.level_then
        goes_on = self.told_in and self.low and was_low and not fell
        self.told_in = goes_on
        if self.low:
            self.fine_since = None
            self.signal = report.at if self.signal is None and not goes_on else self.signal
        elif self.signal is not None and self.fine_since is None:
            self.fine_since = report.at

    def owner_says_in(self) -> None:
        """A new one is in, says its owner; the printer may not have noticed yet."""
        self.signal, self.jumped, self.told_in, self.level_then = None, False, True, self.level

    def _is_new_cartridge(self, report: Report) -> bool:
        if report.serial is not None and self.serial is not None and report.serial != self.serial:
            return True
        if self.jumped and report.level is not None and report.level >= 60:
            return True
        level_cannot_show_it = self.last is None or self.last > 60
        long_fine = self.fine_since is not None and report.at - self.fine_since >= THREE_WEEKS
        return report.is_low and long_fine and level_cannot_show_it

    def _keep(self, report: Report) -> None:
        self.level, self.low = report.level, report.is_low
        self.last = self.last if report.level is None else report.level
        self.genuine = self.genuine if report.genuine is None else report.genuine
        self.serial = self.serial if report.serial is None else report.serial


def known_after(reports: list[Report]) -> Slot:
    """What is known once all of them are here, whatever the order they came in."""
    slot = Slot()
    for report in sorted(set(reports), key=lambda report: report.at):
        slot.hear(report)
    return slot
