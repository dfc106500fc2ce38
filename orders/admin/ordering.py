"""Back office: orders and their parcels."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from orders import promotions
from orders.admin.holding import HoldingActions
from orders.models import (
    Dispatch,
    Order,
    OrderEvent,
    OrderLine,
)
from orders.money import display_amount, parse_number
from printers.backoffice import FactAdmin, FactInline


class LineInline(FactInline):
    model = OrderLine
    related = ("sku", "slot__model")
    fields = ["sku", "slot", "quantity", "quoted_price", "price", "discount", "promotion", "open"]

    @admin.display
    def quoted_price(self, line: OrderLine) -> str:
        return display_amount(line.quoted_unit_price_cents, line.order.currency)

    @admin.display
    def discount(self, line: OrderLine) -> str:
        return display_amount(line.unit_discount_cents, line.order.currency)

    @admin.display(description="promotions when placed")
    def promotion(self, line: OrderLine) -> str:
        return ", ".join(f"{each.name}: {promotions.terms_in_words(each)}" for each in line.promotions.all())

    def get_queryset(self, request: HttpRequest) -> QuerySet[OrderLine]:
        return super().get_queryset(request).prefetch_related("promotions")

    @admin.display
    def price(self, line: OrderLine) -> str:
        return display_amount(line.unit_price_cents, line.order.currency)


class EventInline(FactInline):
    model = OrderEvent
    related = ("order",)
    fields = ["at", "status", "by", "note"]


class DispatchInline(FactInline):
    model = Dispatch
    related = ("order", "partner", "packed_by")
    fields = ["dispatch_id", "partner", "packed_by", "at", "due_at"]


@admin.register(Order)
class OrderAdmin(HoldingActions, FactAdmin):
    change_form_template = "admin/with_timeline.html"
    list_display = [
        "display_number",
        "customer",
        "status",
        "kind",
        "placed_at",
        "updated_at",
        "total",
        "held_for",
        "tracking_number",
        "is_test",
    ]
    list_filter = [
        *("status", ("held_at", admin.EmptyFieldListFilter), "kind", "is_test"),
        *("placed_at", "plan__model__series"),  # a hierarchy of dates would read every order
    ]
    list_select_related = ["user"]
    search_fields = ["number", "user__email", "user__full_name", "tracking_number", "plan__printer__serial_number"]
    search_help_text = "Order number (with or without dashes), e-mail, name, tracking or serial number"
    ordering = ["-placed_at"]
    inlines = [LineInline, EventInline, DispatchInline]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Order], search_term: str
    ) -> tuple[QuerySet[Order], bool]:
        return super().get_search_results(request, queryset, parse_number(search_term) or search_term)

    def get_list_display(self, request: HttpRequest) -> Any:
        """Who may not look at people reads who it is, without the way there."""
        shown = super().get_list_display(request)
        may = request.user.has_perm("enrollment.view_user")
        return [each if may or each != "customer" else "user" for each in shown]

    @admin.display(ordering="user__email")
    def customer(self, order: Order) -> str:
        """Who it is for, and the way to their page."""
        return format_html('<a href="{}">{}</a>', reverse("backoffice:customer", args=[order.user_id]), order.user)

    @admin.display(ordering="total_cents")
    def total(self, order: Order) -> str:
        return display_amount(order.total_cents, order.currency)


@admin.register(Dispatch)
class DispatchAdmin(FactAdmin):
    list_display = ["dispatch_id", "partner", "packed_by", "order", "at", "due_at"]
    list_filter = ["partner", ("due_at", admin.EmptyFieldListFilter)]
    list_select_related = ["partner", "packed_by", "order"]
    search_fields = ["dispatch_id", "order__number"]
