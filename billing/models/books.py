"""What Stripe sent, and how its books and ours compare."""

from django.db import models
from django.db.models import Q

from billing.models.charges import Charge, Refund
from printers.facts import Fact, due_index


class StripeEvent(models.Model):
    """An event as Stripe sent it; its effects happen once, in the transaction that stores it."""

    stripe_id = models.CharField(max_length=64, unique=True)
    type = models.CharField(max_length=80)
    payload = models.JSONField()
    received_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["received_at"], name="stripe_event_received")]

    def __str__(self) -> str:
        return f"{self.type} {self.stripe_id}"


class Reconciliation(Fact):
    """One comparison of our charges and refunds with Stripe's, both ways. Not finished: Stripe could not be read.

    Due until staff have a mail about what differs, or about the failure.
    """

    since = models.DateTimeField(help_text="The first moment compared.")
    until = models.DateTimeField(help_text="The first moment that is not.")
    began_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    by = models.CharField(max_length=80, help_text="The clock, or who of the staff asked for it.")
    payments = models.PositiveIntegerField(default=0, help_text="How many of Stripe's payments were looked at.")
    refunds = models.PositiveIntegerField(default=0, help_text="How many of its refunds.")
    failure = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [due_index("reconciliation")]
        constraints = [models.CheckConstraint(condition=Q(since__lt=models.F("until")), name="compares_a_span_of_time")]

    def __str__(self) -> str:
        return f"{self.since:%Y-%m-%d %H:%M} to {self.until:%Y-%m-%d %H:%M}"


class Difference(models.Model):
    """One thing on which Stripe's books and ours differ: only none is good. A person looks, and applies the repair."""

    class Kind(models.TextChoices):
        PAYMENT_MISSING_HERE = "payment_missing_here", "Stripe took money that no charge of ours knows of"
        PAYMENT_MISSING_THERE = "payment_missing_there", "Our charge is paid, and Stripe has no such payment"
        PAYMENT_UNSETTLED = "payment_unsettled", "Stripe took money for a charge that is not paid here"
        PAYMENT_AMOUNT = "payment_amount", "Stripe took another amount"
        REFUND_MISSING_HERE = "refund_missing_here", "Stripe gave money back that no refund of ours knows of"
        REFUND_MISSING_THERE = "refund_missing_there", "Our refund is made, and Stripe has no such refund"
        REFUND_STATE = "refund_state", "Our refund and Stripe's stand differently"
        REFUND_AMOUNT = "refund_amount", "Stripe gave back another amount"

    reconciliation = models.ForeignKey(Reconciliation, models.CASCADE, related_name="differences")
    kind = models.CharField(max_length=22, choices=Kind)
    charge = models.ForeignKey(Charge, models.PROTECT, null=True, blank=True, related_name="+")
    refund = models.ForeignKey(Refund, models.PROTECT, null=True, blank=True, related_name="+")
    stripe_id = models.CharField(max_length=64, blank=True)
    ours = models.CharField(max_length=60, blank=True)
    theirs = models.CharField(max_length=60, blank=True)
    applied_at = models.DateTimeField(null=True, blank=True, help_text="When the repair was applied.")
    applied_by = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(applied_at=None, applied_by="") | (Q(applied_at__isnull=False) & ~Q(applied_by="")),
                name="repair_was_applied_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.stripe_id or self.charge or self.refund}"
