"""Which step is told to which partners, under which name, and what of it.

An order is told to who holds a warehouse's key, as the fulfilment API shows it, but for whom it goes to and its
history: those are read there, so that what is kept of messages names nobody. An enrolment is told to the store that
sold the printer, as its own API names it.
"""

import json
from datetime import datetime
from typing import Any

from rest_framework import serializers

from enrollment.models import ApiKey, Partner, Plan, PlanEvent, Purchase
from notifications.models import Endpoint, WebhookType
from orders.api.serializers import OrderFacts
from orders.models import Order, OrderEvent

ORDERS, ENROLLMENTS = "order", "enrollment"
SCOPES = {ORDERS: ApiKey.Scope.WAREHOUSE, ENROLLMENTS: ApiKey.Scope.STORE}
AGAIN = {Order.Status.BACKORDERED, Order.Status.RELEASED, Order.Status.PAYMENT_FAILED}  # steps an order takes twice

OF_PLAN: dict[str, WebhookType] = {
    Plan.Status.ACTIVE: WebhookType.ENROLLMENT_ACTIVATED,
    Plan.Status.CANCELLED: WebhookType.ENROLLMENT_CANCELLED,
}


class OrderData(OrderFacts):
    """`status` is that of the step; the rest is as it was when the message was made. Read the order for its address."""


class EnrollmentData(serializers.Serializer[Any]):
    """The purchase it began with, by the store's own id."""

    purchase_id = serializers.CharField()
    model = serializers.CharField()
    status = serializers.ChoiceField(Plan.Status.choices)


def order_type(event: OrderEvent) -> WebhookType | None:
    """The name of a step of an order; None for a note, which changes no state, and for states that are ours alone."""
    name = f"{ORDERS}.{event.status}"
    told = name in WebhookType.values and _is_step(event, event.order.events, AGAIN)
    return WebhookType(name) if told else None


def plan_type(event: PlanEvent) -> WebhookType | None:
    """The same for a step of a plan."""
    return OF_PLAN.get(event.status) if _is_step(event, event.plan.events, set()) else None


def _is_step(event: OrderEvent | PlanEvent, told: Any, again: set[Order.Status]) -> bool:
    """Whether this event came with a new state; a note repeats the one it found."""
    before = list(told.filter(pk__lt=event.pk).order_by("pk").values_list("status", flat=True))
    return event.status not in (before[-1:] if event.status in again else before)


def listening(family: str) -> list[Endpoint]:
    """Endpoints of partners who hold a key that shows orders, or enrolments; each knows its `types`."""
    holders = Partner.objects.filter(keys__scope=SCOPES[family], keys__revoked_at=None)
    return list(Endpoint.objects.filter(partner__in=holders).order_by("pk"))


def scope_missing(partner: Partner, types: list[str]) -> list[str]:
    """The scopes of which `partner` has no key that lives, though it is to hear of such events."""
    needed = {str(SCOPES[type_.partition(".")[0]]) for type_ in types}
    return sorted(needed - set(partner.keys.filter(revoked_at=None).values_list("scope", flat=True)))


def order_body(event: OrderEvent, type_: str) -> str:
    """The message of a step of an order, as it is signed."""
    return envelope(type_, event.at, {**OrderData(event.order).data, "status": event.status})


def plan_body(event: PlanEvent, purchase: Purchase, type_: str) -> str:
    """The message of a step of a plan, to the store that began it."""
    told = {"purchase_id": purchase.purchase_id, "model": str(event.plan.model), "status": event.status}
    return envelope(type_, event.at, EnrollmentData(told).data)


def envelope(type_: str, at: datetime, data: dict[str, Any]) -> str:
    """What every message looks like: its type, when it happened, and what of it."""
    timestamp = serializers.DateTimeField().to_representation(at)
    return json.dumps({"type": type_, "timestamp": timestamp, "data": data}, ensure_ascii=False)
