"""Promotions: which run for a SKU at a moment, what the best of them saves, and how people read them.

For each cartridge the best single one wins; they are never added up. So what a cartridge costs does not depend on what
else is ordered with it, nor on whether stock divides a round into two orders.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from django.db.models import Q, QuerySet, prefetch_related_objects
from django.utils.translation import gettext

from orders import words
from orders.clock import Clock
from orders.models import LinePromotion, OrderLine, Promotion
from orders.money import display_amount
from printers.models import SlotSku

Scope = Promotion.Scope


class Terms(Protocol):
    """Percent or cents off a piece, exactly one of both: a promotion, or what an order keeps of one."""

    @property
    def name(self) -> str: ...
    @property
    def percent(self) -> int | None: ...
    @property
    def amount_cents(self) -> int | None: ...


T = TypeVar("T", bound=Terms)


def off(terms: Terms, price_cents: int) -> int:
    """Cents off one piece, never more than its price; a percentage is rounded to the nearest cent, halves up."""
    if terms.percent is not None:
        return (price_cents * terms.percent + 50) // 100
    return min(terms.amount_cents or 0, price_cents)


def best(price_cents: int, running: Iterable[T]) -> T | None:
    """The one that saves most on a piece, by name where two save the same; None where none saves anything."""
    saving = [terms for terms in running if off(terms, price_cents)]
    return min(saving, key=lambda terms: (-off(terms, price_cents), terms.name), default=None)


def saved(price_cents: int, running: Iterable[Terms]) -> int:
    """Cents the best one takes off a piece."""
    return max((off(terms, price_cents) for terms in running), default=0)


def at(now: datetime) -> "QuerySet[Promotion]":
    """Promotions that run at `now`."""
    begun = Promotion.objects.filter(starts_at__lte=now, ends_at__gt=now)
    return begun.filter(Q(withdrawn_at=None) | Q(withdrawn_at__gt=now)).order_by("ends_at", "pk")


def is_over(promotion: Promotion, now: datetime) -> bool:
    """Whether it has ended, or was withdrawn."""
    return min(promotion.ends_at, promotion.withdrawn_at or promotion.ends_at) <= now


def withdraw(chosen: "QuerySet[Promotion]", now: datetime) -> int:
    """End promotions at this moment, those to come too; how many had not ended before."""
    still_run = Promotion.objects.filter(pk__in=chosen.values("pk"), withdrawn_at=None, ends_at__gt=now)
    return still_run.update(withdrawn_at=now)


def running(sku_ids: Iterable[int], now: datetime) -> dict[int, list[Promotion]]:
    """SKU id to the promotions that run for it at `now`; one query while there are none, three at most."""
    found = {sku_id: list[Promotion]() for sku_id in sku_ids}
    promotions = {promotion.pk: promotion for promotion in at(now)}
    for sku_id, promotion_id in _covered(found, promotions):
        found[sku_id].append(promotions[promotion_id])
    return found


def _covered(skus: Mapping[int, object], promotions: Mapping[int, Promotion]) -> set[tuple[int, int]]:
    """Pairs of SKU and promotion."""
    scopes = {promotion.scope for promotion in promotions.values()}
    pairs = {(sku, pk) for sku in skus for pk, each in promotions.items() if each.scope == Scope.EVERYTHING}
    if Scope.SKUS in scopes:
        named = Promotion.skus.through.objects.filter(promotion__in=promotions, promotion__scope=Scope.SKUS)
        pairs |= set(named.filter(sku__in=skus).values_list("sku_id", "promotion_id"))
    if Scope.SERIES in scopes:
        of_series: dict[int, list[int]] = {}
        chosen = Promotion.series.through.objects.filter(promotion__in=promotions, promotion__scope=Scope.SERIES)
        for series_id, promotion_id in chosen.values_list("series_id", "promotion_id"):
            of_series.setdefault(series_id, []).append(promotion_id)
        fits = SlotSku.objects.filter(sku__in=skus, slot__model__series__in=of_series)
        for sku_id, series_id in fits.values_list("sku_id", "slot__model__series_id").distinct():
            pairs |= {(sku_id, promotion_id) for promotion_id in of_series[series_id]}
    return pairs


def freeze(lines: Iterable[OrderLine], running: Mapping[int, Iterable[Promotion]]) -> None:
    """Keep on new lines what runs for their SKUs (SKU id to promotions), as it is now; one query, or none."""
    LinePromotion.objects.bulk_create(
        LinePromotion(line=line, promotion=each, name=each.name, percent=each.percent, amount_cents=each.amount_cents)
        for line in lines
        for each in running.get(line.sku_id, ())
    )


def named(lines: Iterable[OrderLine], *, quoted: bool = False) -> dict[str, int]:
    """By the name of the promotion that won, the cents it took off these lines, as charged or as quoted."""
    prefix = "quoted_" if quoted else ""
    reduced = [line for line in lines if getattr(line, f"{prefix}unit_discount_cents")]
    prefetch_related_objects(reduced, "promotions")
    found: dict[str, int] = {}
    for line in reduced:
        price: int = getattr(line, f"{prefix}unit_price_cents")
        if won := best(price, line.promotions.all()):
            found[won.name] = found.get(won.name, 0) + line.quantity * off(won, price)
    return found


def quotation(name: str) -> str:
    """A promotion's name within a sentence: “Autumn weeks”."""
    return gettext("“%(name)s”") % {"name": name}


def terms_in_words(terms: Terms) -> str:
    """'10 % off', '$2.00 off each cartridge'."""
    if terms.percent is not None:
        return gettext("%(percent)s off") % {"percent": words.percent(terms.percent)}
    return gettext("%(amount)s off each cartridge") % {"amount": display_amount(terms.amount_cents or 0)}


def last_day(promotion: Promotion, clock: Clock) -> str:
    """The last day on which an order gets it: 'Sun 30 Nov'."""
    return clock.day(promotion.ends_at - timedelta(microseconds=1))
