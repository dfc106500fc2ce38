"""Back office: our books beside Stripe's, and what Stripe sent."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from billing.models import Difference, Reconciliation, StripeEvent
from billing.reconciliation import repairs
from printers.backoffice import FactAdmin, FactInline
from printers.facts import Refused


class DifferenceInline(FactInline):
    model = Difference
    related = ("charge__order", "refund__charge__order")
    fields = ["kind", "charge", "refund", "stripe_id", "ours", "theirs", "applied_at", "applied_by"]


@admin.register(Reconciliation)
class ReconciliationAdmin(FactAdmin):
    list_display = ["since", "until", "by", "payments", "refunds", "found", "finished_at", "failure"]
    ordering = ["-began_at"]
    inlines = [DifferenceInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        counted: QuerySet[Any] = super().get_queryset(request).annotate(found=Count("differences"))
        return counted

    @admin.display(description="differences")
    def found(self, run: Any) -> int:
        found: int = run.found
        return found


@admin.register(Difference)
class DifferenceAdmin(FactAdmin):
    """Nothing is repaired by itself: a person looks at both sides, and then applies what is proposed."""

    list_display = ["reconciliation", "kind", "stripe_id", "ours", "theirs", "proposed", "applied_at", "applied_by"]
    list_filter = [("applied_at", admin.EmptyFieldListFilter), "kind"]
    list_select_related = ["reconciliation"]
    search_fields = ["stripe_id", "charge__order__number", "refund__charge__order__number"]
    actions = ["repair"]

    @admin.display
    def proposed(self, difference: Difference) -> str:
        return repairs.PROPOSED.get(Difference.Kind(difference.kind), "Compare both sides by hand.")

    def has_repair_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("billing.change_difference")

    @admin.action(description="Apply what is proposed", permissions=["repair"])
    def repair(self, request: HttpRequest, rows: QuerySet[Difference]) -> None:
        now, by = timezone.now(), request.user.get_username()
        for row in rows.order_by("pk"):
            try:
                done = repairs.apply(row, now, by)
                self.message_user(request, f"{row}: {'repaired.' if done else 'was repaired before.'}")
            except Refused as refused:
                self.message_user(request, f"{row}: {refused}", messages.WARNING)


@admin.register(StripeEvent)
class StripeEventAdmin(FactAdmin):
    list_display = ["received_at", "type", "stripe_id"]
    list_filter = ["type"]
    search_fields = ["stripe_id", "type"]
    by_date = "received_at"
