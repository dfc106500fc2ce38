"""How much of an order each of the staff may give back without a second person."""

from django.conf import settings
from django.db.models import Sum

from billing.models import Charge, Refund
from enrollment.models import User

ASK, LEAD, UNLIMITED = (f"billing.{verb}_refundrequest" for verb in ("add", "lead", "unlimited"))


def may_ask(staff: User) -> bool:
    """Whether they may give money back at all."""
    return any(map(staff.has_perm, (ASK, LEAD, UNLIMITED)))


def limit_of(staff: User) -> int | None:
    """Cents of one order; None is no limit, 0 may give nothing."""
    if staff.has_perm(UNLIMITED):
        return None
    limit: int = settings.REFUND_LIMIT_CENTS if staff.has_perm(ASK) else 0
    return max(limit, settings.REFUND_LEAD_LIMIT_CENTS) if staff.has_perm(LEAD) else limit


def covers(staff: User, charge: Charge, amount_cents: int) -> bool:
    """Whether their limit covers so much more of this order, with all that was given of it without a second person.

    So nobody gets past a limit by giving twice.
    """
    limit = limit_of(staff)
    return limit is None or given_alone(charge) + amount_cents <= limit


def given_alone(charge: Charge) -> int:
    """Cents of its order that staff gave back without a second person."""
    alone = Refund.objects.standing().filter(request__needs_second=False, charge__order=charge.order_id)
    found: int = alone.aggregate(cents=Sum("amount_cents", default=0))["cents"]
    return found
