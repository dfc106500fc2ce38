"""What Stripe says of a disputed payment: kept in the order it was said, refunds frozen meanwhile, staff told."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from billing.models import Charge, Dispute
from billing.refunds import lifecycle as refunds
from orders import lifecycle as orders
from orders import notes
from printers.facts import nudge

log = logging.getLogger(__name__)
Status = Dispute.Status
# Stripe's `won` and `lost`; a warning that is closed took no money; whatever else is still open.
ENDS = {"won": Status.WON, "lost": Status.LOST, "warning_closed": Status.WON}


def heard(dispute: Mapping[str, Any], said_at: datetime, now: datetime) -> bool:
    """Keep what Stripe said at that moment; False when something newer is known, or the payment is not ours."""
    charge = Charge.objects.filter(payment_intent_id=dispute.get("payment_intent")).first()
    if charge is None or not dispute.get("payment_intent"):
        return False
    with transaction.atomic():
        Charge.objects.select_for_update(no_key=True).get(pk=charge.pk)
        status = ENDS.get(dispute["status"], Status.OPEN)
        kept = Dispute.objects.filter(stripe_id=dispute["id"]).first()
        if kept is not None and kept.heard_at >= said_at:
            return False
        before = kept.status if kept else ""
        _keep(charge, dispute, status, said_at)
        if status != before:
            Dispute.objects.filter(stripe_id=dispute["id"]).update(due_at=now)
            nudge("dispute")
            _tell(charge, status, now)
    return True


def _keep(charge: Charge, dispute: Mapping[str, Any], status: str, said_at: datetime) -> None:
    due_by = (dispute.get("evidence_details") or {}).get("due_by")
    said = {
        "status": status,
        "reason": str(dispute.get("reason") or "")[:60],
        "amount_cents": dispute["amount"],
        "answer_by": datetime.fromtimestamp(due_by, UTC) if due_by else None,
        "heard_at": said_at,
    }
    opened_at = datetime.fromtimestamp(dispute["created"], UTC) if dispute.get("created") else said_at
    Dispute.objects.update_or_create(
        stripe_id=dispute["id"], defaults=said, create_defaults={**said, "charge": charge, "opened_at": opened_at}
    )


def _tell(charge: Charge, status: str, now: datetime) -> None:
    """On the order's timeline, where staff find it beside the mail they get, and to its refunds."""
    if status == Status.OPEN:
        log.error("order %s: its payment is disputed: answer the bank", charge.order)
        refunds.freeze(charge)
    else:
        refunds.thaw(charge, now, lost=status == Status.LOST)
    orders.note(charge.order, notes.DISPUTE[status], now, "Stripe")
