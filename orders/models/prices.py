"""List prices, promotions and tax rates, and what of them an order was promised."""

from django.db import models
from django.db.models import F, Q

from enrollment import states
from orders.models.ordering import OrderLine
from printers.models import Series, Sku

# Neither is no terms: a comparison with NULL is no refusal, so it is said that there is something to compare.
ONE_OF_BOTH = Q(percent__isnull=False, percent__range=(1, 100), amount_cents=None) | Q(
    percent=None, amount_cents__isnull=False, amount_cents__gt=0
)
HIGHEST_TAX_PERCENT = 20  # no place in the United States takes more than about 13: above it is a slip


class Price(models.Model):
    """The list price of a SKU from a moment on, until the next one."""

    sku = models.ForeignKey(Sku, models.CASCADE, related_name="prices")
    amount_cents = models.PositiveIntegerField()
    currency = models.CharField(max_length=3, default="usd")
    valid_from = models.DateTimeField()
    is_demo = models.BooleanField(default=False, help_text="A made-up price for trying things. Not an offer.")

    class Meta:
        ordering = ["sku", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["sku", "currency", "valid_from"], name="one_price_a_sku_and_moment"),
            models.CheckConstraint(condition=Q(amount_cents__gt=0), name="price_is_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.sku}: {self.amount_cents} {self.currency} cents"


class TaxRate(models.Model):
    """What a state takes on ink that is sent there, from a day on in its own calendar, until the next one."""

    state = models.CharField(max_length=2, choices=list(states.NAMES.items()))
    percent = models.DecimalField(max_digits=6, decimal_places=4, help_text="7.25 for 7.25 %; 0 ends a tax.")
    valid_from = models.DateField(help_text="The first day it holds for orders that are placed or packed.")

    class Meta:
        ordering = ["state", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["state", "valid_from"],
                name="one_tax_rate_a_state_and_day",
                violation_error_message="This state has a rate from this day already. Change that one.",
            ),
            models.CheckConstraint(
                condition=Q(percent__range=(0, HIGHEST_TAX_PERCENT)),
                name="tax_rate_is_a_tax_rate",
                violation_error_message=f"A rate is between 0 and {HIGHEST_TAX_PERCENT} percent.",
            ),
            models.CheckConstraint(condition=Q(state__in=list(states.NAMES)), name="tax_rate_is_of_a_state"),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()}: {self.percent.normalize():f} % from {self.valid_from}"


class Promotion(models.Model):
    """So much off each cartridge it covers, for orders placed from `starts_at` until before `ends_at` (promise P7).

    Withdrawn, it ends at that moment. Orders keep the terms they were placed under, whatever becomes of it.
    """

    class Scope(models.TextChoices):
        EVERYTHING = "everything", "Every cartridge"
        SERIES = "series", "The cartridges that fit printers of some series"
        SKUS = "skus", "Some cartridges"

    name = models.CharField(max_length=60, help_text="Customers read it: on price pages, orders and receipts.")
    percent = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Off the list price, 1 to 100.")
    amount_cents = models.PositiveIntegerField(
        null=True, blank=True, help_text="Off each cartridge, in cents; at most what it costs."
    )
    scope = models.CharField(max_length=10, choices=Scope)
    series = models.ManyToManyField(Series, blank=True, related_name="+")
    skus = models.ManyToManyField(Sku, blank=True, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(help_text="The first moment it does not run any more.")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-starts_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=ONE_OF_BOTH, name="promotion_is_percent_or_amount"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="promotion_ends_after_it_starts"),
        ]

    def __str__(self) -> str:
        return self.name


class LinePromotion(models.Model):
    """A promotion that ran for a line when its order was placed, with its terms as they were then. Never changed.

    All of them are kept, not the best alone: at the price of the day it ships another may be the best.
    """

    line = models.ForeignKey(OrderLine, models.CASCADE, related_name="promotions")
    promotion = models.ForeignKey(Promotion, models.PROTECT, related_name="lines")
    name = models.CharField(max_length=60)
    percent = models.PositiveSmallIntegerField(null=True)
    amount_cents = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["line", "promotion"], name="promotion_once_a_line"),
            models.CheckConstraint(condition=ONE_OF_BOTH, name="line_promotion_is_percent_or_amount"),
        ]

    def __str__(self) -> str:
        return f"{self.name} for {self.line}"
