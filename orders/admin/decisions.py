"""Back office: what was decided and why, to read."""

from django.contrib import admin

from orders.models import (
    Decision,
    Replenishment,
)
from printers.backoffice import FactAdmin


@admin.register(Replenishment)
class ReplenishmentAdmin(FactAdmin):
    change_form_template = "admin/with_timeline.html"
    list_display = ["plan", "slot", "decision", "opened_at", "closed_at", "closed_cause"]
    list_filter = ["decision", ("closed_at", admin.EmptyFieldListFilter), "closed_cause"]
    list_select_related = ["plan__model", "plan__printer", "slot__model"]
    search_fields = ["plan__user__email", "plan__printer__serial_number"]


@admin.register(Decision)
class DecisionAdmin(FactAdmin):
    list_display = ["at", "kind", "reason", "signal"]
    list_filter = ["kind"]
    list_select_related = ["signal__slot", "signal__printer__model"]
    search_fields = ["reason", "signal__printer__serial_number", "replenishment__plan__user__email"]
    by_date = "at"
    ordering = ["-pk"]
