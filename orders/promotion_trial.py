"""What a promotion does before it is kept: it is kept, looked at and taken back, so that the page shows what happens.

Open orders keep the terms they were placed under (promise P7): none of them changes. Which have this promotion, and
which hold what it covers and were placed without it, is said all the same, for customers ask.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.db.models import QuerySet

from orders import pricing, promotions
from orders.models import Order, OrderLine, Price, Promotion
from orders.money import display_amount
from printers.models import Sku

Status = Order.Status
OPEN = (Status.PLACED, Status.BACKORDERED, Status.RELEASED, Status.PACKED, Status.PAYMENT_FAILED)
EXAMPLES = 25


@dataclass(frozen=True)
class Covered:
    """A cartridge it covers: what a piece costs without the change and with it, and which other one saves more."""

    sku: Sku
    before: str
    after: str
    wins: str


@dataclass(frozen=True)
class Unchanged:
    """Open orders of one sort: how many, and the oldest with what was quoted for each."""

    count: int
    oldest: list[tuple[Order, str]]


@dataclass(frozen=True)
class Effect:
    """What comes of it from `moment` on, when it begins or at once, and the open orders, of which none changes."""

    promotion: Promotion
    moment: datetime
    covered: list[Covered]
    have_it: Unchanged
    without_it: Unchanged

    @property
    def terms(self) -> str:
        """10 % off."""
        return promotions.terms_in_words(self.promotion)

    @property
    def changed(self) -> int:
        """How many cartridges cost something else by it."""
        return sum(each.before != each.after for each in self.covered)

    @property
    def seen(self) -> str:
        """What a page showed, in short, to be compared before it is done."""
        kept = self.promotion
        fields = (kept.name, self.terms, kept.scope, kept.starts_at, kept.ends_at)
        prices = [(each.sku.code, each.before, each.after, each.wins) for each in self.covered]
        counts = (self.have_it.count, self.without_it.count)
        return sha256(repr((fields, prices, counts)).encode()).hexdigest()[:16]


def effect_of(keep: Callable[[], Promotion], now: datetime, starts_at: datetime) -> Effect:
    """What `keep` would do, which is done and taken back. Of what has a price."""
    moment = max(now, starts_at)
    skus = Sku.objects.filter(pk__in=Price.objects.filter(valid_from__lte=moment).values("sku")).in_bulk()
    with transaction.atomic():
        before = pricing.quotes(skus, moment)
        promotion = keep()
        after = pricing.quotes(skus, moment)
        covered = [sku_id for sku_id, quote in after.items() if promotion in quote.running]
        shown = [*covered, *(pk for pk in after if pk not in covered and after[pk].cents != before[pk].cents)]
        found = Effect(
            promotion=promotion,
            moment=moment,
            covered=sorted((_covered(skus[pk], before[pk], after[pk]) for pk in shown), key=lambda each: each.sku.code),
            have_it=_unchanged(Order.objects.filter(lines__promotions__promotion=promotion)),
            without_it=_unchanged(_holding(covered).exclude(lines__promotions__promotion=promotion)),
        )
        transaction.set_rollback(True)
    return found


def _covered(sku: Sku, before: pricing.Quote, after: pricing.Quote) -> Covered:
    return Covered(sku, before.now, after.now, after.promotion.name if after.promotion else "")


def _holding(sku_ids: list[int]) -> QuerySet[Order]:
    return Order.objects.filter(pk__in=OrderLine.objects.filter(sku__in=sku_ids).values("order"))


def _unchanged(orders: QuerySet[Order]) -> Unchanged:
    still_open = orders.filter(status__in=OPEN).distinct().select_related("user").order_by("placed_at", "pk")
    oldest = [(order, display_amount(order.total_cents, order.currency)) for order in still_open[:EXAMPLES]]
    return Unchanged(still_open.count(), oldest)
