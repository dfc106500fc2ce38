"""What is known now of what is to be decided: read for all the needs of a round in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from enrollment import choices
from enrollment.choices import Choice
from enrollment.models import Plan
from orders import pricing, shelf
from orders.decisions import Facts
from orders.models import Replenishment
from printers import supplies
from printers.models import Sku, SlotSku

Fits = Mapping[str, Sku]  # size to the cartridge of that size


def sku_for(plan: Plan, slot_id: int) -> Sku | None:
    """The cartridge of the chosen size, else of the size there is."""
    return _cartridge(_fits([slot_id])[slot_id], choices.of(plan).get(slot_id, Choice()))


class Sight:
    """The cartridges, prices and wishes for open needs of locked plans. Needs may be new and not saved yet."""

    def __init__(self, needs: Iterable[Replenishment], now: datetime) -> None:
        needs = list(needs)
        self._now = now
        self._choices = choices.of_all({need.plan_id for need in needs})
        self._fits = _fits({need.slot_id for need in needs})
        skus = {sku.pk for need in needs if (sku := self.sku(need))}
        unstocked = {sku.pk for need in needs if need.unstocked_at and (sku := self.sku(need))}
        self._unobtainable = unstocked - shelf.obtainable(unstocked, now.date()) if unstocked else set[int]()
        self.quotes = pricing.quotes(skus, now)
        unpriced = skus - self.quotes.keys()
        self.next_prices = pricing.next_prices(unpriced, now) if unpriced else {}

    def sku(self, need: Replenishment) -> Sku | None:
        """The cartridge that would be ordered."""
        return _cartridge(self._fits[need.slot_id], self._chosen(need))

    def facts(self, need: Replenishment) -> Facts:
        """What is known now. The first decision looks at the report that said low, later ones at the latest report."""
        plan, slot, signal, sku = need.plan, need.slot, need.signal, self.sku(need)
        assert plan.printer is not None  # a need comes from a printer's signal
        state = supplies.state(plan.printer, slot.code)
        first = need.decision == Replenishment.Kind.UNDECIDED or state is None
        wanted = need.wanted_at is not None
        if state is not None and state.level is None and not state.low and need.opened_at < self._now and not wanted:
            first = False  # its order died, and a printer that knows no levels does not call it low any more
        jumped = first and state is not None and state.jumped and not state.low and not wanted
        choice = Choice() if wanted else self._chosen(need)
        return Facts(
            name=slot.name,
            consumable=slot.consumable,
            plan_active=plan.status == Plan.Status.ACTIVE,
            sku=sku.code if sku else None,
            priced=sku is not None and sku.pk in self.quotes,
            genuine=state.genuine if state and not wanted else None,
            paused=not wanted and choices.is_paused(plan, self._now),
            low=first or (state is not None and state.low),
            level=signal.level if first or state is None else state.level,
            threshold=signal.threshold,
            said_low=signal.said_low,
            skip_next=choice.skip_next,
            spares=choice.spares,
            ask_first=plan.when_low == Plan.WhenLow.ASK and not wanted,
            confirmed=slot.mapping_confirmed,
            observed_at=signal.observed_at,
            unpaid=need.unpaid_at is not None and plan.payable_since is None,
            out_of_stock=self._must_wait(need, sku),
            jumped_to=state.last_level if state is not None and jumped else None,
        )

    def _must_wait(self, need: Replenishment, sku: Sku | None) -> bool:
        """Its last order waited in vain for stock, there is none yet, and its owner has not said since: order it."""
        if need.unstocked_at and need.wanted_at and need.wanted_at >= need.unstocked_at:
            return False
        return need.unstocked_at is not None and sku is not None and sku.pk in self._unobtainable

    def _chosen(self, need: Replenishment) -> Choice:
        return self._choices.get((need.plan_id, need.slot_id), Choice())


def _fits(slot_ids: Iterable[int]) -> Mapping[int, Fits]:
    """Slot id to the cartridges that fit."""
    found: dict[int, dict[str, Sku]] = defaultdict(dict)
    for fit in SlotSku.objects.filter(slot_id__in=list(slot_ids)).select_related("sku").order_by("pk"):
        found[fit.slot_id][fit.size] = fit.sku
    return found


def _cartridge(fits: Fits, choice: Choice) -> Sku | None:
    return fits.get(choice.size) or next(iter(fits.values()), None)
