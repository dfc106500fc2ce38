"""Customers and cards as Stripe knows them, and which card pays for which plan."""

from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.dateformat import format as translated

from enrollment.models import Plan, User
from printers.facts import Fact, due_index


class StripeCustomer(models.Model):
    """A user's customer object at Stripe."""

    user = models.OneToOneField(User, models.PROTECT, related_name="stripe_customer")
    stripe_id = models.CharField(max_length=64, unique=True)

    def __str__(self) -> str:
        return self.stripe_id


def month_of(year: Any, month: Any) -> Any:
    """A month as one number, of numbers or of columns: for rows and queries the rule is one."""
    return year * 12 + month


class Card(Fact):
    """A card kept at Stripe; here only what people are shown. A removed one stays for its charges.

    Due while it is to be taken away at Stripe.
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="cards")
    stripe_id = models.CharField(max_length=64, unique=True)
    brand = models.CharField(max_length=20)
    last4 = models.CharField(max_length=4)
    exp_month = models.PositiveSmallIntegerField()
    exp_year = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    heard_at = models.DateTimeField(null=True, blank=True, help_text="When Stripe last told of it by itself.")

    class Meta:
        indexes = [
            due_index("card"),
            models.Index(fields=["last4"], name="card_last4"),
            models.Index(month_of(F("exp_year"), F("exp_month")), condition=Q(removed_at=None), name="card_last_month"),
        ]

    def __str__(self) -> str:
        return f"{self.brand.title()} {self.last4}"

    def has_expired(self, today: date) -> bool:
        """A card is good to the end of the month printed on it."""
        return bool(month_of(self.exp_year, self.exp_month) < month_of(today.year, today.month))

    def runs_out(self, today: date) -> bool:
        """Whether that is this month or the next, or is over: its owner is told."""
        return bool(month_of(self.exp_year, self.exp_month) <= month_of(today.year, today.month) + 1)

    def last_month(self, today: date) -> str:
        """To the end of which month it is good: 'December', with the year when it is another one."""
        last = date(self.exp_year, self.exp_month, 1)
        return translated(last, "F" if last.year == today.year else "F Y")


class PlanCardQuerySet(models.QuerySet["PlanCard"]):
    """Reads of what pays, by name; the same rules as a card's own."""

    def expired(self, today: date) -> "PlanCardQuerySet":
        """Those whose card Stripe keeps, and whose month is over."""
        return self._until(month_of(today.year, today.month) - 1)

    def running_out(self, today: date) -> "PlanCardQuerySet":
        """Those whose card Stripe keeps, and that runs out."""
        return self._until(month_of(today.year, today.month) + 1)

    def _until(self, month: int) -> "PlanCardQuerySet":
        last = self.annotate(last=month_of(F("card__exp_year"), F("card__exp_month")))
        return last.filter(last__lte=month, card__removed_at=None)


class PlanCard(models.Model):
    """Which card pays for a plan."""

    plan = models.OneToOneField(Plan, models.CASCADE, primary_key=True, related_name="plan_card")
    card = models.ForeignKey(Card, models.PROTECT, related_name="plan_cards")

    objects = PlanCardQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.card} for {self.plan}"
