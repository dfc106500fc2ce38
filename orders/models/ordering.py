"""Replenishments and decisions, orders and their history."""

from decimal import Decimal

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q

from enrollment.models import Partner, Plan, User
from orders.models import found_by
from orders.money import display_number
from printers import tracing
from printers.facts import Fact, due_index
from printers.models import LowSignal, Sku, Slot


class Replenishment(Fact):
    """One need of a plan for one supply: opened by a low signal, unique while open, closed when it is replaced.

    `decision` is the latest one. Due while a decision is to be made.
    """

    class Kind(models.TextChoices):
        UNDECIDED = "undecided", "Not decided yet"
        NOT_CONSUMABLE = "not_consumable", "Not a consumable"
        NOT_ENROLLED = "not_enrolled", "No active plan"
        STALE = "stale", "Came too late"
        UNKNOWN_SUPPLY = "unknown_supply", "No cartridge known for the slot"
        NOT_GENUINE = "not_genuine", "The cartridge says it is not genuine"
        PAUSED = "paused", "The plan is paused"
        LEVEL_UNKNOWN = "level_unknown", "Level unknown, and the printer does not say low"
        ASKING = "asking", "Waiting for the customer's yes"
        TO_CONFIRM = "to_confirm", "A person checks the cartridge first"
        NO_CARD = "no_card", "Waiting until a card can pay"
        OUT_OF_STOCK = "out_of_stock", "Waiting until there is stock"
        ORDERED = "ordered", "Ordered"
        SKIPPED = "skipped", "Skipped once, as asked"
        SPARE_ON_HAND = "spare_on_hand", "The customer has a spare"

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="replenishments")
    slot = models.ForeignKey(Slot, models.PROTECT, related_name="+")
    signal = models.ForeignKey(LowSignal, models.PROTECT, related_name="replenishments")
    decision = models.CharField(max_length=16, choices=Kind, default=Kind.UNDECIDED)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_cause = models.CharField(max_length=20, blank=True)
    wanted_at = models.DateTimeField(
        null=True, blank=True, help_text="The customer said: order this one, whatever I asked for before."
    )
    unstocked_at = models.DateTimeField(
        null=True, blank=True, help_text="Its order ended for want of stock: ordered again only when there is some."
    )
    unpaid_at = models.DateTimeField(
        null=True, blank=True, help_text="Its order ended unpaid: ordered again only when a card can pay."
    )

    class Meta:
        indexes = [due_index("replenishment")]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "slot"], condition=Q(closed_at=None), name="one_open_replenishment_a_plan_and_slot"
            ),
            models.CheckConstraint(condition=Q(closed_at=None) | Q(due_at=None), name="closed_replenishment_is_done"),
        ]

    def __str__(self) -> str:
        return f"{self.slot.code} of {self.plan}: {self.decision}"


class Decision(Fact):
    """What was decided about a low signal, why, and on which evidence. Never changed.

    Due while the customer is still to hear of it, or to be asked once more.
    """

    signal = models.ForeignKey(LowSignal, models.PROTECT, related_name="decisions")
    replenishment = models.ForeignKey(Replenishment, models.CASCADE, null=True, blank=True, related_name="decisions")
    kind = models.CharField(max_length=16, choices=Replenishment.Kind)
    reason = models.CharField(max_length=200)
    evidence = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        indexes = [due_index("decision"), BrinIndex(fields=["at"], name="decision_at")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.reason}"


class Order(models.Model):
    """Ink on its way to one address. Lines and quantities never change once placed.

    `number` is nine random digits, the last a Damm check digit. Amounts are what will be charged, or was; quoted ones
    are what the customer was told in the order mail.
    """

    class Status(models.TextChoices):
        PLACED = "placed", "Ordered"
        BACKORDERED = "backordered", "Waiting for stock"
        RELEASED = "released", "Getting ready"
        PACKED = "packed", "Packed"
        PAYMENT_FAILED = "payment_failed", "Card problem"
        SHIPPED = "shipped", "On its way"
        DELIVERED = "delivered", "Delivered"
        RETURNED = "returned", "Returned"
        CANCELLED = "cancelled", "Cancelled"

    class Kind(models.TextChoices):
        REFILL = "refill", "Refill"
        REPLACEMENT = "replacement", "Free replacement"

    number = models.CharField(max_length=9, unique=True)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="orders")
    user = models.ForeignKey(User, models.PROTECT, related_name="orders")
    status = models.CharField(max_length=14, choices=Status, default=Status.PLACED)
    kind = models.CharField(max_length=11, choices=Kind, default=Kind.REFILL)
    replaces = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="replacements")
    revision = models.PositiveIntegerField(default=1)
    ship_to = models.JSONField()
    is_test = models.BooleanField(default=False)
    placed_at = models.DateTimeField()
    listed_at = models.DateTimeField(help_text="From here on the warehouse sees it.")
    updated_at = models.DateTimeField()
    currency = models.CharField(max_length=3, default="usd")
    quoted_total_cents = models.PositiveIntegerField()
    quoted_tax_cents = models.PositiveIntegerField(default=0, help_text="The part of it that is sales tax.")
    moved_tax_cents = models.IntegerField(
        default=0, help_text="By how much its owner's sending it to another state changes what was quoted."
    )
    discount_cents = models.PositiveIntegerField(default=0)
    tax_rate = models.DecimalField(max_digits=6, decimal_places=4, default=Decimal(0), help_text="In percent.")
    tax_cents = models.PositiveIntegerField(default=0)
    shipping_cents = models.PositiveIntegerField(default=0)
    total_cents = models.PositiveIntegerField()
    priced_at = models.DateTimeField(null=True, blank=True, help_text="First dispatch: the price holds from here.")
    carrier = models.CharField(max_length=40, blank=True)
    tracking_number = models.CharField(max_length=80, blank=True)
    parcels = models.JSONField(default=list, blank=True, help_text="All of them, if more than the one above.")
    shipped_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    trace = models.CharField(max_length=tracing.LONGEST, blank=True, default="", db_default="", editable=False)
    at_wish = models.BooleanField(default=False, help_text="Cancelled as its owner wished: nothing is ordered instead.")
    held_at = models.DateTimeField(null=True, blank=True, help_text="Staff said: do not pack it yet.")
    held_for = models.CharField(max_length=200, blank=True, help_text="Why; for staff alone.")
    lost_at = models.DateTimeField(null=True, blank=True, help_text="The customer said: none of it has come.")
    kept_waiting_at = models.DateTimeField(
        null=True, blank=True, help_text="Out of stock, the customer said: keep waiting."
    )

    class Meta:
        permissions = [("pack_order", "Can pack orders at the pack station")]
        indexes = [
            models.Index(fields=["placed_at", "id"], name="order_placed"),
            models.Index(fields=["status", "placed_at", "id"], name="order_status_placed"),
            models.Index(fields=["updated_at"], name="order_updated"),
            models.Index(fields=["user", "-placed_at"], name="order_user_newest"),
            *found_by.INDEXES,
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(total_cents__lte=F("quoted_total_cents") + F("moved_tax_cents")),
                name="never_above_the_quote",
            ),
            models.CheckConstraint(
                condition=Q(tax_cents__lte=F("total_cents"))
                & Q(tax_cents__lte=F("quoted_tax_cents") + F("moved_tax_cents")),
                name="tax_never_above_the_quote",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["packed", "shipped", "delivered"]) | Q(priced_at__isnull=False),
                name="packed_order_is_priced",
            ),
            models.CheckConstraint(
                condition=Q(held_at=None, held_for="") | (Q(held_at__isnull=False) & ~Q(held_for="")),
                name="held_order_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["packed", "shipped", "delivered"]) | Q(held_at=None),
                name="held_order_is_not_packed",
            ),
            models.CheckConstraint(
                condition=Q(kind="refill", replaces=None)
                | Q(kind="replacement", replaces__isnull=False, total_cents=0),
                name="replacement_is_free_and_names_its_order",
            ),
        ]

    def __str__(self) -> str:
        return self.display_number

    @property
    def display_number(self) -> str:
        """As people see it: 4827-1936-5."""
        return display_number(self.number)

    @property
    def most_cents(self) -> int:
        """What it comes to at most: as quoted, with the sales tax of where it goes now."""
        return self.quoted_total_cents + self.moved_tax_cents

    @property
    def most_tax_cents(self) -> int:
        """The part of that which is sales tax."""
        return self.quoted_tax_cents + self.moved_tax_cents


class OrderLine(models.Model):
    """One cartridge for one slot. `open` while it is the order that a replenishment waits for.

    A piece costs its list price less the discount of the best promotion that ran when the order was placed.
    """

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
    replenishment = models.ForeignKey(Replenishment, models.PROTECT, null=True, blank=True, related_name="lines")
    slot = models.ForeignKey(Slot, models.PROTECT, null=True, blank=True, related_name="+")
    sku = models.ForeignKey(Sku, models.PROTECT, related_name="+")
    quantity = models.PositiveSmallIntegerField(default=1)
    quoted_unit_price_cents = models.PositiveIntegerField()
    quoted_unit_discount_cents = models.PositiveIntegerField(default=0)
    unit_price_cents = models.PositiveIntegerField()
    unit_discount_cents = models.PositiveIntegerField(default=0)
    open = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["replenishment"], condition=Q(open=True), name="one_open_line_a_replenishment"
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="line_has_a_quantity"),
            models.CheckConstraint(
                condition=Q(unit_price_cents__lte=F("quoted_unit_price_cents")), name="line_never_above_the_quote"
            ),
            models.CheckConstraint(
                condition=Q(unit_discount_cents__lte=F("unit_price_cents"))
                & Q(quoted_unit_discount_cents__lte=F("quoted_unit_price_cents")),
                name="line_discount_within_the_price",
            ),
            models.CheckConstraint(
                condition=Q(
                    unit_price_cents__lte=F("quoted_unit_price_cents")
                    - F("quoted_unit_discount_cents")
                    + F("unit_discount_cents")
                ),
                name="line_never_above_the_quote_less_discount",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.sku}"


class OrderEvent(Fact):
    """A step of an order, kept for good; due until notifications have told whoever it concerns."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="events")
    status = models.CharField(max_length=14, choices=Order.Status)
    at = models.DateTimeField()
    by = models.CharField(max_length=80)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["at", "pk"]
        indexes = [due_index("orderevent"), BrinIndex(fields=["at"], name="order_event_at")]

    def __str__(self) -> str:
        return f"{self.order} {self.status}"


class Dispatch(Fact):
    """A parcel packed for an order, under the partner's own id. Due until billing has begun its charge."""

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+")
    dispatch_id = models.CharField(max_length=100)
    order = models.ForeignKey(Order, models.CASCADE, related_name="dispatches")
    body = models.JSONField(help_text="What the partner sent: the same id with another body is refused.")
    at = models.DateTimeField()
    shelf = models.CharField(max_length=40, blank=True, help_text="Where the parcel lies while it waits.")
    packed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")  # at our own station
    handed_over_at = models.DateTimeField(null=True, blank=True, help_text="Our own pack station gave it to a carrier.")
    put_back_at = models.DateTimeField(null=True, blank=True, help_text="What was in it lies on the shelf again.")

    class Meta:
        verbose_name_plural = "dispatches"
        indexes = [
            due_index("dispatch"),
            models.Index(
                fields=["partner", "at"], condition=Q(handed_over_at=None, put_back_at=None), name="dispatch_is_here"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["partner", "dispatch_id"], name="dispatch_id_once_a_partner"),
            models.CheckConstraint(
                condition=Q(handed_over_at=None) | Q(put_back_at=None), name="parcel_left_or_was_unpacked"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dispatch_id} of {self.order}"
