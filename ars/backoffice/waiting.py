"""What waits in each queue of the back office, read as it is now; which queue says what about it stands in `queues`."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, DateTimeField, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Cast

from billing.models import Difference, Dispute, Dunning, RefundRequest
from enrollment import doubts
from enrollment.models import Claim, Note, Plan
from orders import packing, questions, unpaid
from orders.models import Complaint, Order, OrderLine, Replenishment, Wait
from printers.models import Sku, UnknownSupply

LAST_DAYS = timedelta(days=3)  # before a parcel without a payment, or an order without an answer, ends
SILENT_AFTER = timedelta(days=14)
Rows = QuerySet[Any]


def still_low(now: datetime) -> Rows:
    """Delivered, said the carrier, and the printer still says low: nobody answers whether the new one is in."""
    return questions.for_staff(now).select_related("order__user", "line__sku")


def last_days_to_pay(now: datetime) -> Rows:
    """Parcels that are packed, whose payment failed, in their last days."""
    waiting = Dunning.objects.filter(order__status=Order.Status.PAYMENT_FAILED)
    return waiting.filter(began_at__lt=now - unpaid.SET_ASIDE + LAST_DAYS).select_related("order__user")


def ready_without_card(now: datetime) -> Rows:
    """Orders that would be packed now, had their card not died since they were released."""
    return packing.without_card(now).select_related("user")


def to_confirm(now: datetime) -> Rows:
    """The first order on a slot whose cartridge nobody has confirmed."""
    open_needs = Replenishment.objects.filter(closed_at=None, decision=Replenishment.Kind.TO_CONFIRM)
    return open_needs.select_related("plan__user", "plan__printer", "slot__model")


def answers_due(now: datetime) -> Rows:
    """Backorders that end soon unless their owner wants to go on waiting."""
    return Wait.objects.filter(answer_by__lt=now + LAST_DAYS, due_at__isnull=False).select_related("order__user")


def backorders(now: datetime) -> Rows:
    """Cartridges that orders wait for: since when the oldest does, and how many do."""
    lines = OrderLine.objects.filter(sku=OuterRef("pk"), order__status=Order.Status.BACKORDERED)
    how_many = lines.order_by().values("sku").annotate(count=Count("order", distinct=True)).values("count")
    oldest = lines.order_by("order__placed_at").values("order__placed_at")[:1]
    waited_for = Sku.objects.annotate(oldest=Subquery(oldest), orders=Subquery(how_many))
    return waited_for.filter(oldest__isnull=False).select_related("stock")


def complaints(now: datetime) -> Rows:
    """Something is wrong with an order, and a new one costs more than goes out unasked."""
    return Complaint.objects.waiting().select_related("order__user")


def refunds(now: datetime) -> Rows:
    """Money to give back that needs a second person."""
    return RefundRequest.objects.waiting().select_related("charge__order__user", "asked_by")


def disputes(now: datetime) -> Rows:
    """A bank asks a payment back and wants evidence."""
    return Dispute.objects.filter(status=Dispute.Status.OPEN).select_related("charge__order__user")


def differences(now: datetime) -> Rows:
    """Stripe's books and ours differ."""
    open_ones = Difference.objects.filter(applied_at=None).annotate(since=F("reconciliation__began_at"))
    return open_ones.select_related("charge", "refund")


def held(now: datetime) -> Rows:
    """Somebody stopped the packing of these."""
    ready = Order.objects.filter(held_at__isnull=False, status__in=[Order.Status.RELEASED, Order.Status.BACKORDERED])
    return ready.select_related("user")


def doubtful_addresses(now: datetime) -> Rows:
    """Where ink goes that may not arrive."""
    return doubts.waiting().select_related("user")


def follow_ups(now: datetime) -> Rows:
    """What staff noted to look at again by today."""
    noted = Note.objects.filter(follow_up_on__lte=now.date(), done_at=None)
    return noted.annotate(since=Cast("follow_up_on", DateTimeField())).select_related("user", "by")


def claims(now: datetime) -> Rows:
    """Two accounts want one printer, and neither can prove it."""
    return Claim.objects.filter(outcome=Claim.Outcome.DOUBTFUL).select_related("plan__user", "plan__printer", "by")


def unknown_supplies(now: datetime) -> Rows:
    """Supplies that printers name and no slot matches."""
    in_use = UnknownSupply.objects.filter(printer__plans__status=Plan.Status.ACTIVE)
    return in_use.select_related("printer__model").distinct()


def silent(now: datetime) -> Rows:
    """Active plans whose printer has said nothing for long."""
    active = Plan.objects.filter(status=Plan.Status.ACTIVE, printer__seen_at__lt=now - SILENT_AFTER)
    return active.select_related("user", "printer__model")
