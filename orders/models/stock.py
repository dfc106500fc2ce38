"""What is on the shelf, what of it is promised, what arrived there, and what was not found."""

from django.db import models
from django.db.models import F, Q

from enrollment.models import Partner
from orders.models.ordering import Order, OrderLine
from printers.facts import Fact, due_index
from printers.models import Sku


class StockItem(Fact):
    """How many of a SKU are on the shelf, and how many of those are promised. The lock for whatever reserves.

    The database itself adds up `moved` (its movements) and `promised` (its reservations), and commits nothing while
    `on_hand` or `reserved` says otherwise. Due when orders that wait for it are to be looked at.
    """

    sku = models.OneToOneField(Sku, models.PROTECT, primary_key=True, related_name="stock")
    on_hand = models.PositiveIntegerField(default=0)
    reserved = models.PositiveIntegerField(default=0)
    moved = models.IntegerField(default=0, editable=False)
    promised = models.IntegerField(default=0, editable=False)
    expected_on = models.DateField(null=True, blank=True, help_text="When more of it should be here.")
    missed_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="The warehouse looked for one and did not find it: none is promised until more comes.",
    )

    class Meta:
        indexes = [due_index("stockitem", "sku")]
        constraints = [
            models.CheckConstraint(condition=Q(reserved__lte=F("on_hand")), name="reserved_is_on_the_shelf"),
        ]

    def __str__(self) -> str:
        return f"{self.sku}: {self.on_hand} on hand, {self.reserved} reserved"


class StockMovement(models.Model):
    """One change of what is on the shelf; together they add up to `on_hand`."""

    class Kind(models.TextChoices):
        RECEIPT = "receipt", "Receipt"
        SHIPMENT = "shipment", "Shipment"
        CORRECTION = "correction", "Correction"

    sku = models.ForeignKey(Sku, models.PROTECT, related_name="movements")
    kind = models.CharField(max_length=10, choices=Kind)
    quantity = models.IntegerField(help_text="Positive onto the shelf, negative off it.")
    order = models.ForeignKey(Order, models.PROTECT, null=True, blank=True, related_name="movements")
    reason = models.CharField(max_length=200, blank=True)
    by = models.CharField(max_length=254, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(quantity=0), name="movement_moves_something")]

    def __str__(self) -> str:
        return f"{self.quantity:+d} {self.sku} ({self.kind})"


class Reservation(models.Model):
    """Stock promised to an order's line: exists from release until it ships or the order lets go of it."""

    line = models.OneToOneField(OrderLine, models.CASCADE, primary_key=True, related_name="reservation")
    sku = models.ForeignKey(Sku, models.PROTECT, related_name="reservations")
    quantity = models.PositiveSmallIntegerField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.quantity} x {self.sku} for {self.line.order}"


class Receipt(models.Model):
    """Stock that arrived, under the partner's own id: counted once."""

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+")
    receipt_id = models.CharField(max_length=100)
    sku = models.ForeignKey(Sku, models.PROTECT, related_name="receipts")
    quantity = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["partner", "receipt_id"], name="receipt_id_once_a_partner")]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.sku} ({self.receipt_id})"


class StockEntry(models.Model):
    """What a person entered about the shelf, under the key of the form they sent: done once."""

    class Kind(models.TextChoices):
        RECEIVE = "receive", "Arrived"
        COUNT = "count", "Counted"
        CORRECT = "correct", "Corrected"

    key = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=7, choices=Kind)
    sku = models.ForeignKey(Sku, models.PROTECT, related_name="+")
    quantity = models.IntegerField()
    reason = models.CharField(max_length=200)
    by = models.CharField(max_length=254)
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "stock entries"

    def __str__(self) -> str:
        return f"{self.sku}: {self.get_kind_display().lower()} {self.quantity}"


class Short(models.Model):
    """Pieces of an order the warehouse did not find, under its own id: taken off once."""

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+")
    short_id = models.CharField(max_length=100)
    order = models.ForeignKey(Order, models.CASCADE, related_name="shorts")
    body = models.JSONField(help_text="What the partner sent: the same id with another body is refused.")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["partner", "short_id"], name="short_id_once_a_partner")]

    def __str__(self) -> str:
        return f"{self.short_id} of {self.order}"


class Wait(Fact):
    """An order out of stock: what its owner was told, and by when they must answer. One row for its latest wait.

    Due when time alone changes something: the date passes, or the answer did not come.
    """

    order = models.OneToOneField(Order, models.CASCADE, primary_key=True, related_name="wait")
    since = models.DateTimeField()
    expected_on = models.DateField(null=True, blank=True, help_text="As its owner was told; empty: no date is known.")
    slips = models.PositiveSmallIntegerField(default=0, help_text="How often a date we told was not kept.")
    answer_by = models.DateTimeField(null=True, blank=True, help_text="Cancelled then, unless its owner keeps it.")

    class Meta:
        indexes = [due_index("wait", "order")]

    def __str__(self) -> str:
        return f"{self.order} since {self.since:%d %b %Y}"
