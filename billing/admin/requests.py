"""Back office: what staff asked to give back, and the page on which a second person decides about it."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from billing.admin import giving
from billing.admin.giving import Outcome
from billing.models import RefundRequest, RefundRequestLine
from billing.refunds import limits, requests
from enrollment.acting import staff_of
from orders.money import display_amount
from printers.backoffice import FactAdmin, FactInline
from printers.facts import Refused


class DecisionForm(forms.Form):
    """Why a second person agrees, or does not."""

    note = forms.CharField(max_length=160, label="Note", help_text="Who asked reads it.")


class Waiting(admin.SimpleListFilter):
    """What a second person has to decide."""

    title = "state"
    parameter_name = "state"
    STATES = (("waiting", "waits for a second person"), ("given", "given"), ("declined", "declined"))

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(self.STATES)

    def queryset(self, request: HttpRequest, queryset: QuerySet[RefundRequest]) -> QuerySet[RefundRequest]:
        found = {
            "waiting": queryset.filter(decided_at=None),
            "given": queryset.exclude(refund=None),
            "declined": queryset.filter(decided_at__isnull=False, refund=None),
        }
        return found.get(self.value() or "", queryset)


class LineInline(FactInline):
    model = RefundRequestLine
    related = ("line__sku", "request__charge")
    fields = ["line", "quantity", "amount"]

    @admin.display
    def amount(self, line: RefundRequestLine) -> str:
        return display_amount(line.amount_cents, line.request.charge.currency)


@admin.register(RefundRequest)
class RefundRequestAdmin(FactAdmin):
    list_display = ["order", "amount", "why", "note", "asked_by", "asked_at", "state", "decided_by", "decided_at"]
    list_filter = [Waiting, "why"]
    list_select_related = ["charge__order", "asked_by", "decided_by", "refund"]
    search_fields = ["charge__order__number", "charge__order__user__email", "asked_by__email", "note"]
    by_date = "asked_at"
    fields = [
        *("charge", "amount", "why", "note", ("asked_by", "asked_at"), "state"),
        *(("decided_by", "decided_at"), "decision_note", "refund"),
    ]
    readonly_fields = ["amount", "state"]
    inlines = [LineInline]

    @admin.display(ordering="charge__order__number")
    def order(self, asked: RefundRequest) -> str:
        return str(asked.charge.order)

    @admin.display(ordering="amount_cents")
    def amount(self, asked: RefundRequest) -> str:
        return display_amount(asked.amount_cents, asked.charge.currency)

    def get_urls(self) -> list[URLPattern]:
        decide = self.admin_site.admin_view(self.decide)
        return [path("<path:object_id>/decide/", decide, name="billing_refundrequest_decide"), *super().get_urls()]

    def decide(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What will happen, and two buttons: a second person agrees or declines, once, and says why."""
        if not limits.may_ask(staff_of(request)):
            raise PermissionDenied
        asked = self.get_object(request, object_id)
        if asked is None:
            return HttpResponseRedirect(reverse("admin:index"))
        form = DecisionForm(request.POST if request.method == "POST" else None)
        if asked.decided_at is not None or form.is_valid():
            return self._decided(request, asked, form)
        return self._asked(request, asked, form)

    def _asked(self, request: HttpRequest, asked: RefundRequest, form: DecisionForm) -> HttpResponse:
        staff = staff_of(request)
        context = {
            **self.admin_site.each_context(request),
            **giving.facts(asked.charge, staff),
            "title": f"Decide about a refund for order {asked.charge.order}",
            "opts": self.opts,
            "asked": asked,
            "lines": [(each, self._line(asked, each)) for each in asked.lines.select_related("line__sku")],
            "form": form,
            "outcome": Outcome(asked.amount_cents, asked.charge, alone=True),
            "not_second": requests.why_not_by(asked, staff),
            "refusal": giving.refusal(asked.charge, asked.amount_cents),
        }
        return TemplateResponse(request, "admin/refund_decision.html", context)

    def _line(self, asked: RefundRequest, line: RefundRequestLine) -> str:
        return display_amount(line.amount_cents, asked.charge.currency)

    def _decided(self, request: HttpRequest, asked: RefundRequest, form: DecisionForm) -> HttpResponse:
        """Only a POST with a note gets here with something left to decide."""
        staff, new, now = staff_of(request), False, timezone.now()
        try:
            with transaction.atomic():
                if asked.decided_at is None:
                    note, agreed = form.cleaned_data["note"], "agree" in request.POST
                    asked, new = requests.decide(asked.pk, staff, note, now, agreed=agreed)
                if new:
                    giving.log(self, request, asked, f"{giving.said(asked)} {asked.decision_note}")
        except Refused as refused:
            self.message_user(request, str(refused), messages.ERROR)
            return HttpResponseRedirect(request.path)
        told = giving.said(asked) if new else f"This was decided before by {asked.decided_by}."
        self.message_user(request, told, messages.SUCCESS if new else messages.WARNING)
        return HttpResponseRedirect(reverse("admin:billing_refundrequest_change", args=[asked.pk]))
