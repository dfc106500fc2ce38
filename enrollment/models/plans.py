"""Plans with what their owners chose and agreed to, their events, and the devices that ask to be connected."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import Q
from django.db.models.functions import Collate, Upper
from django.utils.translation import gettext_lazy

from enrollment.models.people import Address, User
from printers.facts import Fact, due_index
from printers.models import Printer, PrinterModel, Slot, SlotSku

# What staff find plans by: see WORDS_OF_NAME of people.
WORDS_OF_NICKNAME = SearchVector("nickname", config="simple")
EXPECTED_SERIAL_AS_TYPED = Collate(Upper("expected_serial"), "C")


class Plan(Fact):
    """What binds a person to a printer. Its row is the lock for whatever decides for it.

    `payable_since` is told by billing: NULL means no usable card. Due while orders must look at a change of it.
    """

    class Status(models.TextChoices):
        PENDING = "pending", gettext_lazy("Set-up not finished")
        ACTIVE = "active", gettext_lazy("Active")
        CANCELLED = "cancelled", gettext_lazy("Cancelled")

    class WhenLow(models.TextChoices):
        SEND = "send", gettext_lazy("Send it")
        DAY_FIRST = "day_first", gettext_lazy("Give me a day first")
        ASK = "ask", gettext_lazy("Ask me each time")

    user = models.ForeignKey(User, models.PROTECT, related_name="plans")
    model = models.ForeignKey(PrinterModel, models.PROTECT, related_name="plans")
    printer = models.ForeignKey(Printer, models.PROTECT, null=True, blank=True, related_name="plans")
    expected_serial = models.CharField(
        max_length=64, blank=True, help_text="Of the printer still to come, as its owner read it."
    )
    nickname = models.CharField(max_length=60, blank=True)
    status = models.CharField(max_length=9, choices=Status, default=Status.PENDING)
    shipping_address = models.ForeignKey(Address, models.PROTECT, null=True, blank=True, related_name="plans")
    payable_since = models.DateTimeField(null=True, blank=True)
    when_low = models.CharField(max_length=9, choices=WhenLow, default=WhenLow.SEND)
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_until = models.DateField(null=True, blank=True, help_text="Empty while paused: until resumed.")
    created_at = models.DateTimeField(auto_now_add=True)
    activated_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            due_index("plan"),
            GinIndex(WORDS_OF_NICKNAME, name="plan_words_of_nickname"),
            models.Index(EXPECTED_SERIAL_AS_TYPED, name="plan_serial_as_typed", condition=~Q(expected_serial="")),
            models.Index(fields=["activated_at"], name="plan_active_since", condition=Q(status="active")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["printer"], condition=Q(status="active"), name="one_active_plan_a_printer"),
            models.CheckConstraint(
                condition=~Q(status="active") | Q(printer__isnull=False, shipping_address__isnull=False),
                name="active_plan_has_printer_and_address",
            ),
            models.CheckConstraint(
                condition=Q(status="cancelled", ended_at__isnull=False) | (~Q(status="cancelled") & Q(ended_at=None)),
                name="only_a_cancelled_plan_has_ended",
            ),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        """The nickname, or the model with the last four of the serial number."""
        if self.nickname:
            return self.nickname
        serial = self.printer.serial_number if self.printer else self.expected_serial
        return f"{self.model.name} ({serial[-4:]})" if serial else self.model.name


class PlanSlot(models.Model):
    """What the customer chose for one slot: the size, spares at hand, and whether to skip the next."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="slots")
    slot = models.ForeignKey(Slot, models.PROTECT, related_name="+")
    size = models.CharField(max_length=8, choices=SlotSku.Size, default=SlotSku.Size.HIGH)
    spares = models.PositiveSmallIntegerField(default=0)
    skip_next = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "slot"], name="one_choice_a_plan_and_slot")]

    def __str__(self) -> str:
        return f"{self.slot.code} of {self.plan}"


class PlanEvent(Fact):
    """A step of a plan, kept for good; due while somebody is still to be told of it."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="events")
    status = models.CharField(max_length=9, choices=Plan.Status)
    at = models.DateTimeField()
    by = models.CharField(max_length=80)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["at", "pk"]
        indexes = [due_index("planevent")]

    def __str__(self) -> str:
        return f"{self.plan} {self.status}"


class Consent(models.Model):
    """Proof that the customer agreed: which text, which prices they saw, when and from where."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="consents")
    text_version = models.CharField(max_length=20)
    prices = models.JSONField(help_text="SKU to price in cents, as shown beside the button.")
    ip_address = models.GenericIPAddressField(null=True, blank=True)
    given_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.plan} agreed to {self.text_version}"


class PairingRequest(models.Model):
    """A device that asks to be connected (RFC 8628): what it says of itself, and what a person answered.

    Its device code is kept as a SHA-256, since whoever holds it gets the token. The code people type is no secret.
    """

    class Outcome(models.TextChoices):
        WAITING = "waiting", "Waiting for an answer"
        APPROVED = "approved", "Approved"
        DENIED = "denied", "Denied"
        REDEEMED = "redeemed", "Approved, and the token fetched"

    device_code_hash = models.BinaryField(max_length=32, unique=True)
    user_code = models.CharField(max_length=8)
    make_and_model = models.CharField(max_length=255, blank=True)
    printer_uuid = models.UUIDField(null=True, blank=True)
    serial_number = models.CharField(max_length=64, blank=True)
    asked_from = models.GenericIPAddressField(null=True, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    polled_at = models.DateTimeField(null=True, blank=True)
    interval = models.PositiveSmallIntegerField(default=5, help_text="Seconds the device is to wait between polls.")
    outcome = models.CharField(max_length=8, choices=Outcome, default=Outcome.WAITING)
    answered_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    plan = models.ForeignKey(Plan, models.SET_NULL, null=True, blank=True, related_name="pairings")

    class Meta:
        indexes = [models.Index(fields=["user_code"], name="pairing_user_code")]
        constraints = [
            models.UniqueConstraint(
                fields=["user_code"], condition=Q(outcome="waiting"), name="one_waiting_pairing_a_code"
            ),
            models.CheckConstraint(
                condition=Q(outcome="waiting", answered_at=None) | (~Q(outcome="waiting") & ~Q(answered_at=None)),
                name="answered_pairing_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.make_and_model or 'A device'} {self.serial_number}".strip()

    @property
    def display_code(self) -> str:
        """WDJB-MJHT."""
        return f"{self.user_code[:4]}-{self.user_code[4:]}"


class Claim(Fact):
    """Somebody asks for a printer that is active in another account; due when its owner has had the time to answer.

    `plan` is the owner's, `waiting` the claimant's. `ends_at` is empty where nothing but a serial number was typed:
    then nothing ends by itself. Unsettled while `open`, or `doubtful`: then a person looks.
    """

    class Outcome(models.TextChoices):
        OPEN = "open", "Waits for the owner's answer"
        DOUBTFUL = "doubtful", "A person looks"
        KEPT = "kept", "It stays with its owner"
        UNANSWERED = "unanswered", "No answer: the plan ended"
        FREE = "free", "The plan ended"

    UNSETTLED = (Outcome.OPEN, Outcome.DOUBTFUL)

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="claims")
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    waiting = models.ForeignKey(Plan, models.SET_NULL, null=True, blank=True, related_name="waits_by")
    at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.OPEN)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.CharField(max_length=80, blank=True)

    class Meta:
        indexes = [due_index("claim")]
        constraints = [
            models.UniqueConstraint(
                fields=["plan"], condition=Q(outcome__in=["open", "doubtful"]), name="one_unsettled_claim_a_plan"
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["open", "doubtful"], settled_at=None)
                | (~Q(outcome__in=["open", "doubtful"]) & Q(settled_at__isnull=False)),
                name="settled_claim_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"claim on {self.plan}"
