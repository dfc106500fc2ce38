"""Back office: charges and refunds to read, money to give back, and the books of a month to download."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from billing.admin import giving
from billing.models import Charge, Dunning, Refund
from billing.refunds import limits
from billing.settlements import reading, sheet
from enrollment.acting import staff_of
from orders.money import display_amount
from printers.backoffice import FactAdmin
from printers.facts import Refused


@admin.register(Charge)
class ChargeAdmin(FactAdmin):
    list_display = ["order", "attempt", "status", "amount", "refunded", "outcome", "advice", "created_at", "settled_at"]
    list_filter = ["status", "on_session", "outcome", "advice"]
    list_select_related = ["order"]
    search_fields = ["order__number", "payment_intent_id", "order__user__email"]
    by_date = "created_at"

    @admin.display(ordering="amount_cents")
    def amount(self, charge: Charge) -> str:
        return display_amount(charge.amount_cents, charge.currency)

    @admin.display(ordering="refunded_cents")
    def refunded(self, charge: Charge) -> str:
        return display_amount(charge.refunded_cents, charge.currency) if charge.refunded_cents else ""

    def get_urls(self) -> list[URLPattern]:
        staff = self.admin_site.admin_view
        return [
            path("books/", staff(self.books), name="billing_charge_books"),
            path("books/<str:month>/", staff(self.books_of), name="billing_charge_books_of"),
            path("<path:object_id>/refund/", staff(self.refund), name="billing_charge_refund"),
            *super().get_urls(),
        ]

    def refund(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Give some of it back: what will happen is shown first, and only a POST of that acts."""
        if not limits.may_ask(staff_of(request)):
            raise PermissionDenied
        charge = self.get_object(request, object_id)
        return giving.page(self, request, charge) if charge else HttpResponseRedirect(reverse("admin:index"))

    def books(self, request: HttpRequest) -> HttpResponse:
        """The months that may be downloaded, the newest first."""
        _must_keep_books(request)
        context = {**self.admin_site.each_context(request), "title": "Books", "months": reading.months(timezone.now())}
        return TemplateResponse(request, "admin/books.html", context)

    def books_of(self, request: HttpRequest, month: str) -> HttpResponseBase:
        """A month as a CSV file, sent while it is read."""
        _must_keep_books(request)
        try:
            written = sheet.lines(reading.rows(*reading.month(month)))
        except Refused as refused:
            raise Http404(str(refused)) from refused
        named = {"Content-Disposition": f'attachment; filename="books-{month}.csv"'}
        return StreamingHttpResponse(written, content_type="text/csv; charset=utf-8", headers=named)


def _must_keep_books(request: HttpRequest) -> None:
    if not request.user.has_perm("billing.export_charge"):
        raise PermissionDenied


@admin.register(Refund)
class RefundAdmin(FactAdmin):
    list_display = ["order", "status", "amount", "reason", "by", "outcome", "stripe_id", "created_at", "settled_at"]
    list_filter = ["status", "reason"]
    list_select_related = ["charge__order"]
    search_fields = ["charge__order__number", "stripe_id", "charge__order__user__email"]
    by_date = "created_at"

    @admin.display(ordering="charge__order__number")
    def order(self, refund: Refund) -> str:
        return str(refund.charge.order)

    @admin.display(ordering="amount_cents")
    def amount(self, refund: Refund) -> str:
        return display_amount(refund.amount_cents, refund.charge.currency)


@admin.register(Dunning)
class DunningAdmin(FactAdmin):
    list_display = ["order", "status", "began_at", "reminders", "due_at"]
    list_filter = [("due_at", admin.EmptyFieldListFilter), "order__status"]
    list_select_related = ["order"]
    search_fields = ["order__number", "order__user__email"]

    @admin.display(ordering="order__status")
    def status(self, dunning: Dunning) -> str:
        return dunning.order.get_status_display()
