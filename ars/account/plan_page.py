"""One plan's page: each cartridge with what was decided about it, how the plan runs, and what happened."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch
from django.utils.functional import cached_property
from django.utils.translation import ngettext

from ars.account import level_history
from ars.account.level_history import LevelHistory
from ars.account.order_rows import OrderRow
from ars.account.printer_rows import PrinterRow
from ars.account.questions import Asked, is_it_in_of
from ars.account.set_up import SetUp
from ars.account.tanks import Supply
from ars.timeline import needs
from ars.timeline.entry import Entry, told
from enrollment import choices
from enrollment.choices import Choice
from enrollment.models import Plan
from orders import pricing, replenishment, words
from orders.models import Decision, Order, OrderLine, Replenishment
from orders.pricing import Quote
from printers import history
from printers.models import Sku, SlotSku

SHOWN = 5
READ_FOR_IT = 50  # decisions; equal ones in a row are folded


@dataclass(frozen=True)
class Cartridge:
    """A supply of the plan: how much is left, what was decided, on which order it waits, what the next one costs."""

    supply: Supply
    need: Replenishment | None
    order: OrderRow | None
    sku: Sku | None
    quote: Quote | None
    choice: Choice
    levels: LevelHistory

    @property
    def may_be_ordered(self) -> bool:
        """Whether it is low and waits for its owner's word."""
        kinds = replenishment.ON_YOUR_WORD
        return self.need is not None and self.order is None and self.need.decision in kinds and self.sku is not None

    @property
    def spares(self) -> str:
        n = self.choice.spares
        return ngettext("%(n)d spare at hand.", "%(n)d spares at hand.", n) % {"n": n} if n else ""

    @property
    def lasts(self) -> str:
        """How long it will do; empty where nobody can say."""
        return self.levels.lasts if self.supply.slot.consumable else ""

    @property
    def pill(self) -> words.State | None:
        return self.order.state if self.order else self.supply.pill

    @property
    def decision(self) -> str:
        """What was decided last; nothing while it is not low."""
        if self.need is None:
            return ""
        kind = self.need.decision
        if kind == Replenishment.Kind.ORDERED and self.order is None:
            return words.order_ended(self.need.signal)
        at = self.order.order.placed_at if self.order else self.need.opened_at
        return words.decision(kind, self.need.signal, at, self.supply.clock) if words.is_shown(kind) else ""

    @property
    def price(self) -> str:
        return self.quote.in_words(self.supply.clock) if self.quote else ""


@dataclass(frozen=True)
class PlanPage:
    """Everything the page of one plan shows."""

    row: PrinterRow

    @property
    def plan(self) -> Plan:
        return self.row.plan

    @cached_property
    def cartridges(self) -> list[Cartridge]:
        open_needs = {need.slot_id: need for need in self._open_needs()}
        skus = self._chosen_skus()
        quotes = pricing.quotes([sku.pk for sku in skus.values()], self.row.now)
        said = history.of(self.row.since, self.row.now)
        found = []
        for supply in self.row.all_supplies:
            need, sku = open_needs.get(supply.slot.pk), skus.get(supply.slot.pk)
            order = _open_order(need, self.row.now) if need else None
            choice = self._choices.get(supply.slot.pk, Choice())
            levels = level_history.of(supply, said.get((self.plan.printer_id or 0, supply.slot.pk), ()))
            quote = quotes.get(sku.pk) if sku else None
            found.append(Cartridge(levels.supply, need, order, sku, quote, choice, levels))
        return found

    @cached_property
    def questions(self) -> list[Asked]:
        """What came for it and is still waited for."""
        return is_it_in_of(self.row.now, order__plan=self.plan)

    @property
    def charts(self) -> list[LevelHistory]:
        """What each cartridge's level did, where there is something to draw."""
        return [each.levels for each in self.cartridges if each.supply.slot.consumable and each.levels.is_drawn]

    @property
    def orders(self) -> tuple[OrderRow, ...]:
        """What its cartridges wait for."""
        return tuple(cartridge.order for cartridge in self.cartridges if cartridge.order)

    @property
    def happened(self) -> list[Entry]:
        """The last decisions, the newest first; the same one again and again is told once."""
        return self._told[:SHOWN]

    @property
    def happened_before(self) -> list[Entry]:
        """Those before them: shown to who asks."""
        return self._told[SHOWN:]

    @cached_property
    def _told(self) -> list[Entry]:
        decisions = Decision.objects.filter(replenishment__plan=self.plan).select_related("signal__slot")
        latest = decisions.order_by("-at", "-pk")[:READ_FOR_IT]
        return told(needs.decision_of(decision, self.row.clock) for decision in reversed(latest))

    @property
    def set_up(self) -> SetUp | None:
        """What a pending plan still needs before anything is ordered for it."""
        return self.row.set_up if self.plan.status == Plan.Status.PENDING else None

    def _open_needs(self) -> Iterable[Replenishment]:
        lines = OrderLine.objects.filter(open=True).select_related("order", "sku", "slot")
        waiting = Replenishment.objects.filter(plan=self.plan, closed_at=None).select_related("signal__slot")
        return waiting.prefetch_related(Prefetch("lines", lines, to_attr="open_lines"))

    @cached_property
    def _choices(self) -> dict[int, Choice]:
        return choices.of(self.plan)

    def _chosen_skus(self) -> dict[int, Sku]:
        """Slot to the cartridge of the chosen size, else of the size there is."""
        skus: dict[int, Sku] = {}
        for fit in SlotSku.objects.filter(slot__model_id=self.plan.model_id).select_related("sku").order_by("pk"):
            if fit.slot_id not in skus or fit.size == self._choices.get(fit.slot_id, Choice()).size:
                skus[fit.slot_id] = fit.sku
        return skus


def _open_order(need: Replenishment, now: datetime) -> OrderRow | None:
    open_lines: list[OrderLine] = getattr(need, "open_lines", [])
    return next((OrderRow(line.order, now) for line in open_lines if line.order.status != Order.Status.CANCELLED), None)
