"""Who is due a mail by time alone: a printer not heard of, a card that runs out, a year gone by, a price that rises."""

from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db.models import Exists, Min, OuterRef, Q, QuerySet

from billing import expiry
from billing.models import Card, PlanCard
from enrollment import watched
from enrollment.models import Plan
from notifications.messages import listed, one_line
from orders import looking, pricing
from orders.clock import Clock
from orders.lifecycle import NOT_PACKED
from orders.models import Order, Price
from orders.money import display_amount
from printers import silence
from printers.models import DeviceToken, Printer, SlotSku
from printers.silence import Silence

Context = dict[str, Any]
HELPER_STOPPED_FOR = timedelta(days=7)
PRINTER_OFF_FOR = timedelta(days=14)
USUAL_GAPS = 3  # a printer used once a month is not missed after two weeks
CATCHING_UP = timedelta(days=7)  # how long after its day a yearly mail is still made
YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Reminder:
    """A mail that may be due: once a kind and key. `context` looks closer; None says that it is not due yet."""

    kind: str
    key: str
    plan: Plan
    context: Callable[[], Context | None]


def silent_printers(now: datetime) -> Iterator[Reminder]:
    """Printers that should be heard of and are not; told once, and again only after they were heard (P18)."""
    token = DeviceToken.objects.filter(printer=OuterRef("printer"), revoked_at=None)
    unheard = Q(printer__seen_at=None, printer__created_at__lt=now - silence.NEVER_AFTER)
    silent = Q(printer__seen_at__lt=now - HELPER_STOPPED_FOR)
    for plan in watched.annotated(_running()).filter(Exists(token), unheard | silent, paused_at=None).iterator():
        printer = watched.as_known(plan)
        assert printer is not None  # an active plan has one, by constraint
        key = f"{plan.pk}-{printer.seen_at.isoformat() if printer.seen_at else 'never'}"
        yield Reminder("printer_silent", key, plan, partial(_silent, plan, printer, now))


def _silent(plan: Plan, printer: Printer, now: datetime) -> Context | None:
    kind = silence.of(printer, now)
    since = printer.seen_at or printer.created_at
    if kind == Silence.PRINTER_OFF:
        due = since + max(PRINTER_OFF_FOR, USUAL_GAPS * silence.usual_gap(printer))
    elif kind == Silence.HELPER_STOPPED:
        due = max(since, printer.heartbeat_at or since) + HELPER_STOPPED_FOR
    elif kind == Silence.NEVER_HEARD:
        due = since + silence.NEVER_AFTER
    else:
        return None
    if now < due:
        return None
    return {**_about(plan), "silence": kind.value, "since": _clock(plan, now).day(since)}


def expiring_cards(now: datetime) -> Iterator[Reminder]:
    """Cards of active plans that run out this month or next, or have; once a card and date, naming all it pays for."""
    chosen = PlanCard.objects.running_out(now.date()).filter(plan__in=_running())
    found = chosen.select_related("card", "plan__user", "plan__printer", "plan__model", "plan__shipping_address")
    for card, paid in groupby(found.order_by("card_id", "plan_id"), key=lambda row: row.card):
        plans = [row.plan for row in paid]
        key = f"{card.pk}-{card.exp_year}-{card.exp_month}"
        yield Reminder("card_expires", key, plans[0], partial(_expires, card, plans, now))


def _expires(card: Card, plans: list[Plan], now: datetime) -> Context:
    waiting = Order.objects.filter(plan__in=plans, status__in=NOT_PACKED, total_cents__gt=0, is_test=False)
    return {
        **_about(plans[0], "payment-method/"),
        "card": str(card),
        "expired": card.has_expired(expiry.today(now)),
        "waiting": [order.display_number for order in waiting.order_by("placed_at", "pk")],
        "month": card.last_month(now.date()),
        "printers": listed([one_line(plan.display_name) for plan in plans]),
    }


def yearly_terms(now: datetime) -> Iterator[Reminder]:
    """Plans that became active on this day of an earlier year: the law asks for a word a year."""
    first = _running().aggregate(at=Min("activated_at"))["at"] or now
    anniversaries = Q(pk=None)
    for year in range(first.year, now.year):
        anniversaries |= _these_days_of(year, now)
    for plan in _running().filter(anniversaries, activated_at__lte=now - YEAR).iterator():
        assert plan.activated_at is not None
        years = round((now - plan.activated_at) / timedelta(days=365.25))
        yield Reminder("terms_reminder", f"{plan.pk}-{years}", plan, partial(_terms, plan, now))


def _these_days_of(year: int, now: datetime) -> Q:
    """Active since one of the last days, in that year; as spans of time, which an index finds, unlike month and day."""
    today = now.astimezone(UTC).date()
    day = min(today.day, monthrange(year, today.month)[1])  # on 29 February: the last day that other years have
    end = datetime(year, today.month, day, tzinfo=UTC) + timedelta(days=1)
    return Q(activated_at__gte=end - CATCHING_UP, activated_at__lt=end)


def _terms(plan: Plan, now: datetime) -> Context:
    consent = plan.consents.order_by("given_at").last()
    return {
        **_about(plan),
        "since": _clock(plan, now).day(plan.activated_at or now),
        "when_low": plan.when_low,
        "version": consent.text_version if consent else "",
        "terms_url": f"{settings.SITE_URL}/terms/",
    }


def price_rises(now: datetime) -> Iterator[Reminder]:
    """Plans one of whose cartridges will cost more from a day to come on; once a plan and price."""
    for before, price in pricing.rises(now):
        fits = SlotSku.objects.filter(slot__model=OuterRef("model"), sku=price.sku_id)
        for plan in _running().filter(Exists(fits)).iterator():
            yield Reminder("price_rise", f"{plan.pk}-{price.pk}", plan, partial(_rises, plan, price, before, now))


def _rises(plan: Plan, price: Price, before: Price, now: datetime) -> Context | None:
    slots = plan.model.slots.filter(fits__sku=price.sku_id)
    if not any(looking.sku_for(plan, slot.pk) == price.sku for slot in slots):
        return None
    return {
        **_about(plan, "when-low/"),
        "sku": price.sku.name,
        "day": _clock(plan, now).day(price.valid_from),
        "old": display_amount(before.amount_cents, before.currency),
        "new": display_amount(price.amount_cents, price.currency),
    }


OCCASIONS = (silent_printers, expiring_cards, yearly_terms, price_rises)


def _running() -> QuerySet[Plan]:
    related = ("user", "printer", "model", "shipping_address")
    return Plan.objects.filter(status=Plan.Status.ACTIVE).select_related(*related).order_by("pk")


def _about(plan: Plan, page: str = "") -> Context:
    """The printer's name, and the address of a page of its plan."""
    link = f"{settings.SITE_URL}/account/replenishment/{plan.pk}/{page}"
    return {"printer": one_line(plan.display_name), "link": link}


def _clock(plan: Plan, now: datetime) -> Clock:
    return Clock(now, plan.shipping_address.state if plan.shipping_address else "")
