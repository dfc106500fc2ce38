"""What comes after a parcel left: questions to its owner, complaints and what was sent for them, returns."""

from django.db import models
from django.db.models import Q

from enrollment.models import Partner
from orders.models.ordering import Order, OrderLine
from orders.money import display_number
from printers.facts import Fact, due_index

IS_IT_IN = Q(kind="is_it_in", line__open=True, line__replenishment__closed_at=None)  # the need is not met


class QuestionQuerySet(models.QuerySet["Question"]):
    """Reads of questions, by name."""

    def open(self) -> "QuestionQuerySet":
        """Asked, not answered, and still worth an answer: the parcel is on its way, the need is not met."""
        on_its_way = Q(kind="has_it_come", order__status=Order.Status.SHIPPED, order__lost_at=None)
        return self.filter(on_its_way | IS_IT_IN, asked_at__isnull=False, answer="")

    def open_is_it_in(self) -> "QuestionQuerySet":
        """Those of them about a cartridge."""
        return self.filter(IS_IT_IN, asked_at__isnull=False, answer="")


class Question(Fact):
    """What only the customer can tell of an order that left: has it come, and is a cartridge of it in the printer.

    Made when the order ships. Due when it is to be asked, or asked again; open while asked and not answered.
    """

    class Kind(models.TextChoices):
        HAS_IT_COME = "has_it_come", "Has it come?"
        IS_IT_IN = "is_it_in", "Is it in the printer?"

    class Answer(models.TextChoices):
        YES = "yes", "Yes"
        NOT_YET = "not_yet", "Not yet"
        NEVER_CAME = "never_came", "It never came"
        DOES_NOT_WORK = "does_not_work", "It does not work"

    kind = models.CharField(max_length=11, choices=Kind)
    order = models.ForeignKey(Order, models.CASCADE, related_name="questions")
    line = models.ForeignKey(OrderLine, models.CASCADE, null=True, blank=True, related_name="questions")
    asked_at = models.DateTimeField(null=True, blank=True, help_text="When it was asked last.")
    times = models.PositiveSmallIntegerField(default=0, help_text="How often it was asked.")
    answer = models.CharField(max_length=13, choices=Answer, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        indexes = [
            due_index("question"),
            models.Index(fields=["asked_at"], condition=Q(answer=""), name="question_unanswered"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["order"], condition=Q(line=None), name="has_it_come_once_an_order"),
            models.UniqueConstraint(fields=["line"], name="is_it_in_once_a_line"),
            models.CheckConstraint(
                condition=Q(kind="has_it_come", line=None) | Q(kind="is_it_in", line__isnull=False),
                name="is_it_in_names_its_line",
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None) | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="answer_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.order}"


class ComplaintQuerySet(models.QuerySet["Complaint"]):
    """Reads of complaints, by name."""

    def waiting(self) -> "ComplaintQuerySet":
        """Those on which staff must say a word."""
        return self.filter(sent_at=None, declined_at=None)


class Complaint(models.Model):
    """What a customer says is wrong with an order. Replaced free of charge, or declined by staff, with an answer.

    While neither has happened it waits for their word.

    Pieces complained of once are not complained of again, unless their replacement was cancelled.
    """

    class Kind(models.TextChoices):
        NOT_COME = "not_come", "It has not come"
        WRONG = "wrong", "It is the wrong cartridge"
        DAMAGED = "damaged", "It is damaged"
        DOES_NOT_WORK = "does_not_work", "It does not work"

    order = models.ForeignKey(Order, models.PROTECT, related_name="complaints")
    kind = models.CharField(max_length=13, choices=Kind)
    at = models.DateTimeField()
    value_cents = models.PositiveIntegerField(help_text="What its pieces cost by the list on that day.")
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_by = models.CharField(max_length=80, blank=True)
    declined_at = models.DateTimeField(null=True, blank=True)
    declined_by = models.CharField(max_length=80, blank=True)
    answer = models.CharField(max_length=300, blank=True, help_text="Why nothing is sent, as the customer reads it.")

    objects = ComplaintQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["at"], condition=Q(sent_at=None, declined_at=None), name="complaint_waits_for_a_word")
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(sent_at=None, sent_by="") | (Q(sent_at__isnull=False) & ~Q(sent_by="")),
                name="sent_replacement_was_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(declined_at=None, declined_by="", answer="")
                | (Q(declined_at__isnull=False, sent_at=None) & ~Q(declined_by="") & ~Q(answer="")),
                name="declined_complaint_was_answered_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.order}"


class ComplaintLine(models.Model):
    """So many pieces of a line, and the line of the order that replaces them."""

    complaint = models.ForeignKey(Complaint, models.CASCADE, related_name="lines")
    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="complaints")
    quantity = models.PositiveSmallIntegerField()
    replaced_by = models.OneToOneField(OrderLine, models.PROTECT, null=True, blank=True, related_name="instead_of")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["complaint", "line"], name="line_once_a_complaint"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="complaint_has_a_quantity"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.line.sku}"


class Return(models.Model):
    """What a customer said they would send back, under a number that stands on the slip in the parcel."""

    number = models.CharField(max_length=9, unique=True)
    order = models.ForeignKey(Order, models.PROTECT, related_name="returns")
    at = models.DateTimeField()
    send_by = models.DateField(help_text="The last day to send it.")

    def __str__(self) -> str:
        return self.display_number

    @property
    def display_number(self) -> str:
        """As people see it: 4827-1936-5."""
        return display_number(self.number)


class ReturnLine(models.Model):
    """So many pieces of a line that are to come back."""

    announced = models.ForeignKey(Return, models.CASCADE, related_name="lines")
    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="returns")
    quantity = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["announced", "line"], name="line_once_a_return"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="return_has_a_quantity"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.line.sku}"


class ReturnReceipt(Fact):
    """A parcel that came back, under the partner's own id. Due until billing has seen what it owes for it."""

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+")
    return_id = models.CharField(max_length=100)
    order = models.ForeignKey(Order, models.PROTECT, related_name="return_receipts")
    body = models.JSONField(help_text="What the partner sent: the same id with another body is refused.")
    at = models.DateTimeField()

    class Meta:
        indexes = [due_index("returnreceipt")]
        constraints = [
            models.UniqueConstraint(fields=["partner", "return_id"], name="return_id_once_a_partner"),
        ]

    def __str__(self) -> str:
        return f"{self.return_id} of {self.order}"


class ReturnReceiptLine(models.Model):
    """So many pieces of a line that came back, whether they were accepted, and what is owed for them."""

    receipt = models.ForeignKey(ReturnReceipt, models.CASCADE, related_name="lines")
    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="came_back")
    quantity = models.PositiveSmallIntegerField()
    accepted = models.BooleanField()
    refund_cents = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="return_receipt_has_a_quantity"),
            models.CheckConstraint(condition=Q(accepted=True) | Q(refund_cents=0), name="only_accepted_is_refunded"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.line.sku}"
