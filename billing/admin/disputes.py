"""Back office: payments that customers' banks dispute, and the evidence to answer them with."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from billing.models import Dispute
from orders.money import display_amount
from printers.backoffice import FactAdmin


@admin.register(Dispute)
class DisputeAdmin(FactAdmin):
    """The evidence for the bank is a page of its own, made from the order's timeline."""

    list_display = ["order", "status", "reason", "amount", "opened_at", "answer_by", "stripe_id"]
    list_filter = ["status", "reason"]
    list_select_related = ["charge__order"]
    search_fields = ["stripe_id", "charge__order__number", "charge__order__user__email"]
    by_date = "opened_at"
    ordering = ["answer_by"]

    @admin.display(ordering="charge__order__number")
    def order(self, dispute: Dispute) -> str:
        return str(dispute.charge.order)

    @admin.display(ordering="amount_cents")
    def amount(self, dispute: Dispute) -> str:
        return display_amount(dispute.amount_cents, dispute.charge.currency)

    def get_urls(self) -> list[URLPattern]:
        evidence = path(
            "<path:object_id>/evidence/", self.admin_site.admin_view(self.evidence), name="billing_dispute_evidence"
        )
        return [evidence, *super().get_urls()]

    def evidence(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """All that shows that the order was agreed to, made and delivered, to print and to send to the bank."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        dispute = self.get_object(request, object_id)
        if dispute is None:
            return HttpResponseRedirect(reverse("admin:index"))
        context = {
            **self.admin_site.each_context(request),
            "title": f"Evidence for order {dispute.charge.order}",
            "dispute": dispute,
            "amount": self.amount(dispute),
        }
        return TemplateResponse(request, "admin/evidence.html", context)
