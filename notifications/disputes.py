"""The mail to staff about a payment that a customer's bank disputes: when it begins, with the evidence, and its end."""

from datetime import datetime

from django.conf import settings

from billing.models import Dispute
from notifications import outbox
from orders.money import display_amount


def tell(dispute_ids: list[int], now: datetime) -> None:
    """One mail a dispute and how it stands, to the service's own address."""
    for dispute in Dispute.objects.filter(pk__in=dispute_ids).select_related("charge__order"):
        context = {
            "status": dispute.status,
            "number": dispute.charge.order.display_number,
            "amount": display_amount(dispute.amount_cents, dispute.charge.currency),
            "why": dispute.reason.replace("_", " "),
            "day": f"{dispute.answer_by:%d %b %Y, %H:%M} UTC" if dispute.answer_by else "",
            "link": f"{settings.SITE_URL}/admin/billing/dispute/{dispute.pk}/evidence/",
        }
        key = f"{dispute.pk}-{dispute.status}"
        outbox.send_once(outbox.compose("payment_disputed", context, now, to=settings.SUPPORT_EMAIL, key=key))
