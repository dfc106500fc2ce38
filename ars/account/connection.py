"""A printer that has just been connected: whether it has spoken yet, and what its plan still needs."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils.functional import cached_property

from ars.account.plan_page import Cartridge, PlanPage
from ars.account.printer_rows import PrinterRow
from ars.account.set_up import SetUp
from enrollment import pairing
from enrollment.models import Plan

USUALLY_WITHIN = timedelta(minutes=10)
LOOK_EVERY, LOOK_SELDOM = 5, 60  # seconds


@dataclass(frozen=True)
class Connection:
    """The page that is watched after saying yes."""

    row: PrinterRow

    @property
    def plan(self) -> Plan:
        return self.row.plan

    @cached_property
    def since(self) -> datetime | None:
        """When it was last said yes to; None for a printer that was never paired here."""
        return pairing.last_yes(self.plan)

    @property
    def has_spoken(self) -> bool:
        """Whether a reading came after the yes: only that proves that it works."""
        seen_at = self.row.seen_at
        return seen_at is not None and (self.since is None or seen_at >= self.since)

    @property
    def is_late(self) -> bool:
        return self.since is not None and self.row.now - self.since > USUALLY_WITHIN

    @property
    def look_every(self) -> int:
        """Seconds until the page looks again."""
        return LOOK_SELDOM if self.is_late else LOOK_EVERY

    @property
    def set_up(self) -> SetUp:
        """What of the set-up is done: the yes is, and the printer fetches its token within seconds."""
        found = self.row.set_up
        if self.since is None or self.row.disconnected:
            return found
        return replace(found, missing=tuple(step for step in found.missing if step != "printer"))

    @cached_property
    def low(self) -> list[Cartridge]:
        """What is low already, with what was decided about it."""
        if not any(supply.low for supply in self.row.supplies):
            return []
        return [found for found in PlanPage(self.row).cartridges if found.supply.low and found.supply.slot.consumable]
