"""The stories of orders and needs, for the pages of the back office."""

from typing import Any

from django import template
from django.utils import timezone

from ars.timeline import backoffice, proof
from ars.timeline.proof import Proof
from billing.models import Dispute
from orders.models import Order, Replenishment

register = template.Library()


@register.inclusion_tag("admin/timeline.html", takes_context=True)
def timeline(context: dict[str, Any]) -> dict[str, Any]:
    """What is known of the order or the need that the page shows; nothing while there is none."""
    shown, staff, now = context.get("original"), context["request"].user, timezone.now()
    if isinstance(shown, Order):
        return {"entries": backoffice.of_order(shown.pk, staff, now)}
    if isinstance(shown, Replenishment):
        return {"entries": backoffice.of_need(shown.pk, staff, now)}
    return {"entries": []}


@register.simple_tag
def proof_of(dispute: Dispute) -> Proof:
    """What answers the bank that disputes a payment."""
    return proof.of(dispute, timezone.now())
