"""Notices to a plan's owner: it ended, ink goes elsewhere, another card pays, whose the printer is, is asked."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings

from billing.models import PlanCard
from enrollment import claims, lifecycle, renewal
from enrollment.models import Plan, PlanEvent
from notifications import mail_links
from notifications.messages import address_lines, one_line, what
from orders import wishes, words, words_tax
from orders.clock import Clock
from orders.lifecycle import NOT_PACKED
from orders.models import Order
from orders.money import display_amount

Context = dict[str, Any]
NOTES = {
    lifecycle.ADDRESS_CHANGED: "address_changed",
    lifecycle.CARD_CHANGED: "card_changed",
    lifecycle.PAUSED: "plan_paused",
    lifecycle.RESUMED: "plan_paused",
    claims.CLAIMED: "printer_claimed",
    claims.FREED: "printer_free",
    claims.KEPT: "printer_not_free",
    claims.LOOKED_AT: "printer_not_free",
}
COMING_ANYWAY = (Order.Status.RELEASED, Order.Status.PACKED, Order.Status.SHIPPED)  # whoever ended the plan


def kind_for(event: PlanEvent) -> str | None:
    """The mail such a step makes; None for any other step."""
    if event.status == Plan.Status.CANCELLED:
        return "plan_cancelled"
    if event.note == claims.CLAIMED and claims.unsettled(event.plan) is None:
        return None  # answered before it was asked
    if event.note in (lifecycle.PAUSED, lifecycle.RESUMED) and _is_paused(event.plan) is not (
        event.note == lifecycle.PAUSED
    ):
        return None  # taken back before it was told
    return NOTES.get(event.note)


def context_for(kind: str, event: PlanEvent, now: datetime) -> Context:
    """All the templates may say."""
    plan = event.plan
    clock = Clock(now, plan.shipping_address.state if plan.shipping_address else "")
    return {
        "printer": one_line(plan.display_name),
        "when": clock.moment(event.at),
        "plan_url": f"{settings.SITE_URL}/account/replenishment/{plan.pk}/",
        **CONTEXTS[kind](event, clock),
    }


def _cancelled(event: PlanEvent, clock: Clock) -> Context:
    plan = event.plan
    back = renewal.may_renew(plan, clock.now) and plan.ended_at is not None
    return {
        "reference": plan.pk,
        "new_owner": event.note == claims.NEW_OWNER,
        "coming": _orders(plan, clock, wishes.UNDER_WAY if event.by == wishes.CUSTOMER else COMING_ANYWAY),
        "dropped": _orders(plan, clock, (Order.Status.CANCELLED,), updated_at=event.at),
        "back_until": clock.day(plan.ended_at + renewal.WAY_BACK) if back and plan.ended_at else "",
    }


def _orders(plan: Plan, clock: Clock, statuses: tuple[str, ...], **which: Any) -> list[Context]:
    """Orders of a plan, as the mail lists them."""
    orders = Order.objects.filter(plan=plan, status__in=statuses, **which).order_by("placed_at", "pk")
    return [
        {
            "number": order.display_number,
            "what": what(order),
            "total": display_amount(order.total_cents, order.currency),
            "state": words.state(order, clock).label,
        }
        for order in orders
    ]


def _moved(event: PlanEvent, clock: Clock) -> Context:
    """Where ink goes now, and what that made of orders that go along: in another state their tax is another."""
    address = event.plan.shipping_address
    moving = Order.objects.filter(plan=event.plan_id, status__in=NOT_PACKED)
    moved = {order.display_number: words_tax.moved(order) for order in moving.order_by("placed_at", "pk")}
    return {
        "address": address_lines(address.as_ship_to()) if address else [],
        "taxed": [(number, text) for number, text in moved.items() if text],
    }


def _other_card(event: PlanEvent, clock: Clock) -> Context:
    """What pays now, and for which printers: a card used for all of them is told once."""
    paid_by = PlanCard.objects.filter(plan=event.plan_id).select_related("card").first()
    card = paid_by.card if paid_by else None
    plans = Plan.objects.filter(user=event.plan.user_id, plan_card__card=card).exclude(status=Plan.Status.CANCELLED)
    names = [one_line(plan.display_name) for plan in plans.select_related("model", "printer").order_by("pk")]
    link = f"{settings.SITE_URL}/account/replenishment/{event.plan_id}/"
    return {"card": str(card or ""), "printers": names, "link": link}


def _is_paused(plan: Plan) -> bool:
    return plan.paused_at is not None


def _paused(event: PlanEvent, clock: Clock) -> Context:
    """Until when nothing is ordered; empty until its owner says so."""
    until = event.plan.paused_until
    return {"paused": event.note == lifecycle.PAUSED, "until": clock.day(until) if until else ""}


def _claimed(event: PlanEvent, clock: Clock) -> Context:
    """Until when its owner may answer, where the time runs, and where they do so."""
    claim = claims.unsettled(event.plan)
    assert claim is not None  # or no mail is made
    ends = clock.moment(claim.ends_at) if claim.ends_at else ""
    return {"ends": ends, "link": mail_links.link(mail_links.CLAIM, claim.pk)}


def _free(event: PlanEvent, clock: Clock) -> Context:
    return {"link": f"{settings.SITE_URL}/activate/"}


def _not_free(event: PlanEvent, clock: Clock) -> Context:
    plan_url = f"{settings.SITE_URL}/account/replenishment/{event.plan_id}/"
    return {"looked_at": event.note == claims.LOOKED_AT, "link": plan_url}


CONTEXTS: dict[str, Callable[[PlanEvent, Clock], Context]] = {
    "plan_cancelled": _cancelled,
    "address_changed": _moved,
    "card_changed": _other_card,
    "plan_paused": _paused,
    "printer_claimed": _claimed,
    "printer_free": _free,
    "printer_not_free": _not_free,
}
