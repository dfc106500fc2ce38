"""What ought to become of orders, needs and stock, in plain Python: obvious rather than quick, and no code of ours."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

MONTH = timedelta(days=30)
NOT_PACKED = ("backordered", "released", "payment_failed")
HOLDS = ("released", "packed", "payment_failed")
LEFT = ("shipped", "delivered")

PlanAndSlot = tuple[int, int]


@dataclass
class Parcel:
    """An order: where it should stand, and what it is of (SKU to pieces, one of each slot)."""

    key: int
    plan: int
    status: str
    pieces: Counter[int]
    since: datetime
    free: bool = False
    kept: bool = False
    dispatched: bool = False
    held: bool = False
    revision: int = 1
    announced: bool = False
    back: set[int] = field(default_factory=set)
    replaced_by: list["Parcel"] = field(default_factory=list)

    def replaced(self) -> Counter[int]:
        """The pieces for which another is on its way, or there."""
        return sum((each.pieces for each in self.replaced_by if each.status != "cancelled"), Counter())

    def left(self) -> bool:
        """Whether every piece may still be complained of or sent back."""
        return self.status in LEFT and not self.announced and not self.back and not self.replaced()


@dataclass
class Want:
    """An open need: what was decided, and the order whose line it waits for.

    `wanted` by its owner's own word, which outlives an order; `again` since the last one waited for stock in vain.
    """

    sku: int
    decision: str = "undecided"
    order: Parcel | None = None
    wanted: bool = False
    again: bool = False
    unstocked: bool = False


@dataclass
class House:
    """A plan with its owner's wishes."""

    active: bool = True
    payable: bool = True
    paused: bool = False
    skips: set[int] = field(default_factory=set)
    spares: Counter[int] = field(default_factory=Counter)


@dataclass
class Life:
    """All of it. `rest` says what the sweeps should make of it."""

    houses: dict[int, House]
    on_hand: Counter[int]
    missed: dict[int, datetime] = field(default_factory=dict)
    orders: dict[int, Parcel] = field(default_factory=dict)
    wants: dict[PlanAndSlot, Want] = field(default_factory=dict)

    # What is on the shelf

    def held(self, sku: int, *statuses: str) -> int:
        return sum(each.pieces[sku] for each in self.orders.values() if each.status in (statuses or HOLDS))

    def is_free(self, sku: int) -> bool:
        """Whether somebody new could have one."""
        return sku not in self.missed and self.on_hand[sku] > self.held(sku, *HOLDS, "backordered")

    def bring_to(self, sku: int, target: int, now: datetime) -> None:
        """There are so many now; who was promised more than there are waits again, the newest first."""
        for status in ("released", "payment_failed"):
            for each in sorted(self.orders.values(), key=lambda each: -each.key):
                if each.status == status and each.pieces[sku] and self.held(sku) > target:
                    self.wait(each, now)
        self.on_hand[sku] = target
        self.missed.pop(sku, None)

    def wait(self, order: Parcel, now: datetime) -> None:
        order.status, order.since, order.kept = "backordered", now, False

    def release(self) -> None:
        """Whoever waits for nothing that is not there, the oldest first."""
        before: Counter[int] = Counter()
        for each in sorted(self.orders.values(), key=lambda each: each.key):
            if each.status != "backordered":
                continue
            enough = (self.on_hand[sku] - self.held(sku) - before[sku] >= pieces for sku, pieces in each.pieces.items())
            if all(enough) and not self.missed.keys() & each.pieces.keys():
                each.status = "released" if each.free or self.houses[each.plan].payable else "payment_failed"
            else:
                before += each.pieces

    # What ends

    def cancel(self, order: Parcel, *, again: bool = False, until_in_stock: bool = False) -> None:
        order.status = "cancelled"
        for want in self.wants.values():
            if want.order is order:
                want.order = None
                if again and not order.free:
                    want.decision = "undecided"
                    want.unstocked |= until_in_stock
                    want.again &= not until_in_stock

    def nobody_waits_for(self, order: Parcel, pieces: Counter[int]) -> None:
        """These of an order are back: what was ordered stays so."""
        for want in self.wants.values():
            if want.order is order and want.sku in pieces:
                want.order = None

    def take_over(self, old: Parcel, new: Parcel) -> None:
        """What waited for the old order waits for the new one."""
        for want in self.wants.values():
            if want.order is old and want.sku in new.pieces:
                want.order = new

    def leave(self, plan: int, *, drop: bool) -> None:
        self.houses[plan].active = False
        for each in self.orders.values():
            ends = each.status == "payment_failed" or (drop and each.status in NOT_PACKED)
            if each.plan == plan and ends:
                self.cancel(each)
        self.wants = {key: want for key, want in self.wants.items() if key[0] != plan}

    def card(self, plan: int) -> None:
        self.houses[plan].payable = True
        for each in self.orders.values():
            if each.plan == plan and each.status == "payment_failed" and not each.dispatched:
                each.status = "released"

    # What happens by itself

    def rest(self, now: datetime) -> list[PlanAndSlot]:
        """Time and the sweeps have done what they do; the needs for which an order should have been placed."""
        self.missed = {sku: at for sku, at in self.missed.items() if now < at + timedelta(days=1)}
        self.release()
        for each in list(self.orders.values()):
            if each.status == "backordered" and not each.free and not each.kept and now >= each.since + MONTH:
                self.cancel(each, again=True, until_in_stock=True)
        self.release()
        return [key for key, want in self.wants.items() if self.decide(key, want) == "ordered" and want.order is None]

    def decide(self, key: PlanAndSlot, want: Want) -> str:
        """What is decided about a need; empty when it was before."""
        house, slot = self.houses[key[0]], key[1]
        if want.decision not in ("undecided", "paused", "out_of_stock"):
            return ""
        if house.paused and not want.wanted:
            want.decision = "paused"
        elif want.unstocked and not want.again and not self.is_free(want.sku):
            want.decision = "out_of_stock"
        elif slot in house.skips and not want.wanted:
            want.decision = "skipped"
            house.skips.discard(slot)
        elif house.spares[slot] and not want.wanted:
            want.decision = "spare_on_hand"
            house.spares[slot] -= 1
        else:
            want.decision = "ordered"
        return want.decision
