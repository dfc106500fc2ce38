"""Refunds that staff ask for: given at once within the limit of who asks, else when a second person agrees."""

from django.db import models
from django.db.models import F, Q

from billing.models.charges import Charge, Refund
from enrollment.models import User
from orders.models import OrderLine


class RefundRequestQuerySet(models.QuerySet["RefundRequest"]):
    """Reads of requests, by name."""

    def waiting(self) -> "RefundRequestQuerySet":
        """Those above the limit of who asked, on which a second person has not decided yet."""
        return self.filter(decided_at=None)


class RefundRequest(models.Model):
    """So much of a charge that one of the staff wants to give back, why, and what became of it. Kept for good.

    Decided by who asked, where their limit allows it, else by a second person: granted with its `refund`, or declined.
    """

    class Why(models.TextChoices):
        NOT_COME = "not_come", "It never came"
        DAMAGED = "damaged", "It is damaged"
        DOES_NOT_WORK = "does_not_work", "It does not work"
        WRONG = "wrong", "It is the wrong cartridge"
        NOT_WANTED = "not_wanted", "It was not wanted"
        PRICE = "price", "We charged too much"
        GOODWILL = "goodwill", "Goodwill"
        OTHER = "other", "Something else"

    charge = models.ForeignKey(Charge, models.PROTECT, related_name="requests")
    amount_cents = models.PositiveIntegerField()
    why = models.CharField(max_length=13, choices=Why)
    note = models.CharField(max_length=160)
    key = models.UUIDField(unique=True, help_text="Made with the page: sent twice, it is one request.")
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    needs_second = models.BooleanField(help_text="Above the limit of who asked.")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decision_note = models.CharField(max_length=160, blank=True)
    refund = models.OneToOneField(Refund, models.PROTECT, null=True, blank=True, related_name="request")

    objects = RefundRequestQuerySet.as_manager()

    class Meta:
        default_permissions = ("add", "view")
        permissions = [
            ("lead_refundrequest", "Can give back up to the higher limit"),
            ("unlimited_refundrequest", "Can give back whatever was charged"),
        ]
        indexes = [models.Index(fields=["asked_at"], condition=Q(decided_at=None), name="refund_request_waits")]
        constraints = [
            models.CheckConstraint(condition=Q(amount_cents__gt=0), name="refund_request_is_positive"),
            models.CheckConstraint(condition=~Q(note=""), name="refund_request_says_why"),
            models.CheckConstraint(
                condition=Q(decided_at=None, decided_by=None, refund=None)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="decided_refund_request_says_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(needs_second=False) | Q(decided_by=None) | ~Q(decided_by=F("asked_by")),
                name="second_person_is_another",
            ),
            models.CheckConstraint(
                condition=Q(needs_second=True) | Q(refund__isnull=False),
                name="refund_within_limit_is_given_at_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount_cents} {self.charge.currency} cents of {self.charge.order}"

    @property
    def state(self) -> str:
        """How it stands, in words."""
        if self.decided_at is None:
            return "waits for a second person"
        return "declined" if self.refund is None else f"given: {self.refund.get_status_display().lower()}"


class RefundRequestLine(models.Model):
    """So many pieces of an order's line that a request pays back, and what they came to with discount and tax."""

    request = models.ForeignKey(RefundRequest, models.CASCADE, related_name="lines")
    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="+")
    quantity = models.PositiveSmallIntegerField()
    amount_cents = models.PositiveIntegerField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["request", "line"], name="line_once_a_refund_request"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="refund_request_line_has_a_quantity"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.line.sku}"
