"""Back office: customers and cards as Stripe keeps them, to read."""

from django.contrib import admin

from billing.models import Card, PlanCard, StripeCustomer
from printers.backoffice import FactAdmin


@admin.register(StripeCustomer)
class StripeCustomerAdmin(FactAdmin):
    list_display = ["stripe_id", "user"]
    list_select_related = ["user"]
    search_fields = ["stripe_id", "user__email"]


@admin.register(Card)
class CardAdmin(FactAdmin):
    list_display = ["brand", "last4", "exp_month", "exp_year", "user", "created_at", "removed_at"]
    list_filter = ["brand", ("removed_at", admin.EmptyFieldListFilter)]
    list_select_related = ["user"]
    search_fields = ["last4", "stripe_id", "user__email"]


@admin.register(PlanCard)
class PlanCardAdmin(FactAdmin):
    list_display = ["plan", "card"]
    list_select_related = ["plan__model", "plan__printer", "card"]
    search_fields = ["plan__user__email", "card__last4"]
