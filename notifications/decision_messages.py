"""The catalogue of decisions' mails: "Shall we order?", and ink that is not reordered since it is not recognised."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from enrollment.models import Plan
from notifications import mail_links
from notifications.messages import one_line
from orders import looking, news, pricing, words
from orders.clock import Clock
from orders.models import Decision, Replenishment

Kind = Replenishment.Kind


def related() -> QuerySet[Decision]:
    """Decisions with all their mails speak of."""
    plan = "replenishment__plan__"
    of_plan = (f"{plan}user", f"{plan}model", f"{plan}printer", f"{plan}shipping_address")
    return Decision.objects.select_related("signal__slot", "replenishment__slot", *of_plan).order_by("pk")


def plan_of(decision: Decision) -> Plan:
    """The plan it was made for."""
    assert decision.replenishment is not None  # only a plan's decisions are told (orders.news)
    return decision.replenishment.plan


def key_for(decision: Decision, now: datetime) -> str:
    """Asked three times at most; told once a need that ink is not recognised."""
    if decision.kind == Kind.ASKING:
        return f"{decision.pk}-{news.times_asked(decision, now)}"
    return str(decision.replenishment_id)


def context_for(decision: Decision, now: datetime) -> dict[str, Any]:
    """All the templates may say."""
    plan, need = plan_of(decision), decision.replenishment
    assert need is not None
    clock = Clock(now, plan.shipping_address.state if plan.shipping_address else "")
    again = news.asked_again_at(decision, now)
    sku = looking.sku_for(plan, need.slot_id)
    quote = pricing.quotes([sku.pk], now).get(sku.pk) if sku else None
    plan_url = f"{settings.SITE_URL}/account/replenishment/{plan.pk}/"
    return {
        "printer": one_line(plan.display_name),
        "supply": need.slot.name,
        "said": words.decision(decision.kind, decision.signal, decision.at, clock),
        "seen": words.seen(decision.signal),
        "sku": sku.name if sku else "",
        "price": pricing.with_tax(quote, clock) if quote else "",
        "again": clock.day(again) if again else "",
        "link": mail_links.link(mail_links.ASKED, need.pk) if decision.kind == Kind.ASKING else plan_url,
    }
