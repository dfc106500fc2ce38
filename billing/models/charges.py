"""Charges and refunds, what is done when one fails, and what customers' banks dispute."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from billing.models.cards import Card
from orders.models import Dispatch, Order, ReturnReceipt
from printers.facts import Fact, due_index

LIVE = ["pending", "paid", "waived"]
REFUSED = ["declined", "needs_authentication"]
TOOK_MONEY = Q(status="paid") | Q(outcome="paid_too_late")
TAKEN_AT = Coalesce("taken_late_at", "settled_at")


class ChargeQuerySet(models.QuerySet["Charge"]):
    """Reads of charges, by name."""

    def live(self) -> "ChargeQuerySet":
        """Those that hold their order's one place: unknown yet, paid, or waived."""
        return self.filter(status__in=LIVE)

    def took_money(self) -> "ChargeQuerySet":
        """Those for which Stripe took money, whatever became of it."""
        return self.filter(TOOK_MONEY)

    def taken(self) -> "ChargeQuerySet":
        """The same with `taken_at`: when it was, as the books have it."""
        return self.took_money().annotate(taken_at=TAKEN_AT)

    def asked_about(self) -> "ChargeQuerySet":
        """Those whose outcome Stripe is still asked for; one set aside for a person (due no more) is not."""
        return self.filter(status="pending", due_at__isnull=False)

    def to_call_off(self) -> "ChargeQuerySet":
        """Those that were refused and whose intent still stands at Stripe, as far as we know."""
        return self.filter(status__in=REFUSED, due_at__isnull=False)


class Charge(Fact):
    """One attempt to charge one shipment: one PaymentIntent, its id kept before it is confirmed.

    Due while its outcome is not known for good and, once refused, until its intent is called off. `waived` ships
    without a charge, for a reason kept in `outcome`.
    One `on_session` is confirmed by its owner's browser alone, and asked about until `confirming.PATIENCE` is over.
    """

    class Status(models.TextChoices):
        PENDING = "pending", "Outcome not known yet"
        PAID = "paid", "Paid"
        DECLINED = "declined", "Declined"
        NEEDS_AUTHENTICATION = "needs_authentication", "The bank asks the customer"
        WAIVED = "waived", "Nothing to charge"

    PAID_TOO_LATE = "paid_too_late"  # the `outcome` of a refused one that was paid when its order could not use it

    order = models.ForeignKey(Order, models.PROTECT, related_name="charges")
    dispatch = models.ForeignKey(Dispatch, models.PROTECT, related_name="charges")
    card = models.ForeignKey(Card, models.PROTECT, null=True, blank=True, related_name="charges")
    attempt = models.PositiveSmallIntegerField()
    on_session = models.BooleanField(default=False, help_text="Its owner confirms it with their bank, on our page.")
    answered_at = models.DateTimeField(
        null=True, blank=True, help_text="When their browser came back from the bank's question."
    )
    status = models.CharField(max_length=20, choices=Status, default=Status.PENDING)
    amount_cents = models.PositiveIntegerField()
    refunded_cents = models.PositiveIntegerField(default=0)
    currency = models.CharField(max_length=3)
    payment_intent_id = models.CharField(max_length=64, null=True, blank=True, unique=True)
    receipt_number = models.CharField(max_length=20, null=True, blank=True, unique=True)
    outcome = models.CharField(max_length=60, blank=True, help_text="Stripe's code, or why nothing was charged.")
    advice = models.CharField(max_length=40, blank=True)
    tries = models.PositiveSmallIntegerField(default=0, help_text="How often Stripe was asked and left it open.")
    spent_keys = models.PositiveSmallIntegerField(
        default=0, help_text="Errors Stripe keeps under a key and would repeat: each calls for a new one."
    )
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    taken_late_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was paid after all: settled as refused before, and not used."
    )

    objects = ChargeQuerySet.as_manager()

    class Meta:
        permissions = [("export_charge", "Can download the books")]
        indexes = [
            due_index("charge"),
            BrinIndex(fields=["settled_at"], name="charge_settled"),
            models.Index(TAKEN_AT, name="charge_taken", condition=TOOK_MONEY),
        ]
        constraints = [
            models.UniqueConstraint(fields=["order"], condition=Q(status__in=LIVE), name="one_live_charge_an_order"),
            models.UniqueConstraint(fields=["order", "attempt"], name="charge_attempt_once_an_order"),
            models.CheckConstraint(
                condition=Q(refunded_cents__lte=F("amount_cents")), name="refunds_within_the_charge"
            ),
            models.CheckConstraint(
                condition=Q(status="pending", settled_at=None) | (~Q(status="pending") & Q(settled_at__isnull=False)),
                name="settled_charge_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(receipt_number=None) | Q(status="paid") | Q(outcome="paid_too_late"),
                name="receipt_is_of_money_taken",
            ),
            models.CheckConstraint(
                condition=Q(on_session=True) | Q(answered_at=None), name="only_an_owner_answers_the_bank"
            ),
            models.CheckConstraint(
                condition=Q(taken_late_at=None) | Q(outcome="paid_too_late"), name="only_what_came_too_late_came_later"
            ),
        ]

    def __str__(self) -> str:
        return f"attempt {self.attempt} of {self.order}: {self.status}"


class Dunning(Fact):
    """The retry plan of an order whose payment failed, kept for as long as the order is: due at its next step.

    Not due while the order does not wait for a payment; taken up again when it does once more.
    """

    order = models.OneToOneField(Order, models.CASCADE, related_name="dunning")
    began_at = models.DateTimeField(help_text="When the payment first failed: the ink is set aside from then on.")
    reminders = models.PositiveSmallIntegerField(default=0, help_text="How many were due and are done.")

    class Meta:
        verbose_name_plural = "dunning"
        indexes = [due_index("dunning")]

    def __str__(self) -> str:
        return f"retry plan of {self.order}"


class RefundQuerySet(models.QuerySet["Refund"]):
    """Reads of refunds, by name."""

    def went_out(self) -> "RefundQuerySet":
        """Those that were made at `settled_at`, whether the bank sent them back later or not."""
        return self.filter(Q(status="made") | Q(sent_back_at__isnull=False))

    def standing(self) -> "RefundQuerySet":
        """Those that count as refunded: made, or to be made."""
        return self.exclude(status="failed")


class Refund(Fact):
    """Money that goes back to the card a charge took it from: asked of Stripe under its own key until it is known.

    Its amount counts as refunded on the charge from the start, so that two never give back more than was taken.
    """

    class Status(models.TextChoices):
        PENDING = "pending", "Outcome not known yet"
        MADE = "made", "Made"
        FAILED = "failed", "Refused by Stripe"

    class Reason(models.TextChoices):
        RETURN = "return", "Ink came back"
        TOO_LATE = "too_late", "Paid when the order could not use it"
        STAFF = "staff", "Given by staff"
        DASHBOARD = "dashboard", "Made in Stripe's dashboard"

    charge = models.ForeignKey(Charge, models.PROTECT, related_name="refunds")
    receipt = models.OneToOneField(ReturnReceipt, models.PROTECT, null=True, blank=True, related_name="refund")
    amount_cents = models.PositiveIntegerField()
    reason = models.CharField(max_length=9, choices=Reason)
    by = models.CharField(max_length=80, blank=True, help_text="Who of the staff gave it.")
    note = models.CharField(max_length=200, blank=True, help_text="Why they did.")
    status = models.CharField(max_length=7, choices=Status, default=Status.PENDING)
    stripe_id = models.CharField(max_length=64, null=True, blank=True, unique=True)
    outcome = models.CharField(max_length=60, blank=True, help_text="Stripe's code.")
    tries = models.PositiveSmallIntegerField(default=0, help_text="How often Stripe was asked and left it open.")
    spent_keys = models.PositiveSmallIntegerField(default=0, help_text="As on a charge.")
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    sent_back_at = models.DateTimeField(
        null=True, blank=True, help_text="When the bank sent it back: it had been made before."
    )

    objects = RefundQuerySet.as_manager()

    class Meta:
        indexes = [
            due_index("refund"),
            models.Index(fields=["settled_at"], name="refund_settled"),
            models.Index(fields=["sent_back_at"], name="refund_sent_back", condition=Q(sent_back_at__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount_cents__gt=0), name="refund_is_positive"),
            models.CheckConstraint(
                condition=Q(status="pending", settled_at=None) | (~Q(status="pending") & Q(settled_at__isnull=False)),
                name="settled_refund_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(status="made") | Q(stripe_id__isnull=False), name="made_refund_is_at_stripe"
            ),
            models.CheckConstraint(
                condition=Q(sent_back_at=None) | Q(status="failed"), name="refund_sent_back_has_failed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount_cents} {self.charge.currency} cents of {self.charge}"


class Dispute(Fact):
    """A customer's bank asks a payment back. While it is open nothing is refunded: the money would be given twice.

    Due until staff have a mail about how it stands.
    """

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        WON = "won", "Won"
        LOST = "lost", "Lost"

    charge = models.ForeignKey(Charge, models.PROTECT, related_name="disputes")
    stripe_id = models.CharField(max_length=64, unique=True)
    status = models.CharField(max_length=4, choices=Status, default=Status.OPEN)
    reason = models.CharField(max_length=60, blank=True, help_text="Stripe's word for what the customer says.")
    amount_cents = models.PositiveIntegerField()
    opened_at = models.DateTimeField()
    answer_by = models.DateTimeField(null=True, blank=True, help_text="The last moment to send evidence to the bank.")
    heard_at = models.DateTimeField(help_text="When Stripe said what stands here: older news changes nothing.")

    class Meta:
        indexes = [
            due_index("dispute"),
            models.Index(fields=["answer_by"], name="dispute_answer_by"),
            models.Index(fields=["charge"], condition=Q(status="open"), name="dispute_open"),
        ]

    def __str__(self) -> str:
        return f"{self.stripe_id} of {self.charge.order}: {self.status}"
