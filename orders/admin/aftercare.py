"""Back office: questions, complaints and returns."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone

from orders import questions, replacements
from orders.models import (
    Complaint,
    ComplaintLine,
    Question,
    Return,
    ReturnLine,
    ReturnReceipt,
    ReturnReceiptLine,
)
from orders.money import display_amount, parse_number
from printers.backoffice import FactAdmin, FactInline


class Unanswered(admin.SimpleListFilter):
    """Questions nobody answers: a person asks."""

    title = "delivered, still low"
    parameter_name = "unanswered"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", f"no answer in {questions.STAFF_AFTER.days} days")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Question]) -> QuerySet[Question]:
        if self.value() is None:
            return queryset
        return questions.for_staff(timezone.now())


@admin.register(Question)
class QuestionAdmin(FactAdmin):
    list_display = ["kind", "order", "line", "asked_at", "times", "answer", "answered_at", "due_at"]
    list_filter = [Unanswered, "kind", "answer"]
    list_select_related = ["order", "line__sku"]
    search_fields = ["order__number", "order__user__email"]


class AnswerForm(forms.Form):
    """Why nothing is sent."""

    answer = forms.CharField(
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The customer reads it, in a mail and on the order's page.",
        error_messages={"required": "Say why nothing is sent: the customer reads it."},
    )


class ComplaintLineInline(FactInline):
    model = ComplaintLine
    related = ("line__sku", "replaced_by__order", "replaced_by__sku")
    fields = ["line", "quantity", "replaced_by"]


@admin.register(Complaint)
class ComplaintAdmin(FactAdmin):
    """What waits here, above the limit, is sent by a person's word."""

    list_display = ["order", "kind", "at", "value", "sent_at", "sent_by", "declined_at", "declined_by"]
    list_filter = [("sent_at", admin.EmptyFieldListFilter), ("declined_at", admin.EmptyFieldListFilter), "kind"]
    list_select_related = ["order"]
    search_fields = ["order__number", "order__user__email"]
    by_date = "at"
    inlines = [ComplaintLineInline]
    actions = ["send_replacement", "decline"]

    @admin.display(ordering="value_cents")
    def value(self, complaint: Complaint) -> str:
        return display_amount(complaint.value_cents, complaint.order.currency)

    def has_send_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("orders.change_complaint")

    @admin.action(description="Send a new one, free of charge", permissions=["send"])
    def send_replacement(self, request: HttpRequest, rows: QuerySet[Complaint]) -> None:
        now, by = timezone.now(), request.user.get_username()
        sent = [order for row in rows.order_by("pk") for order in replacements.send(row, now, by)]
        self.message_user(request, f"{len(sent)} placed: {', '.join(map(str, sent))}" if sent else "Nothing to send.")

    @admin.action(description="Send nothing, and say why", permissions=["send"])
    def decline(self, request: HttpRequest, rows: QuerySet[Complaint]) -> TemplateResponse | None:
        form = AnswerForm(request.POST if "answer" in request.POST else None)
        if not form.is_valid():
            context = {
                **admin.site.each_context(request),
                "title": "Send nothing, and say why",
                "opts": self.model._meta,
                "complaints": rows.order_by("at").select_related("order__user"),
                "form": form,
            }
            return TemplateResponse(request, "admin/decline.html", context)
        answer, now, by = form.cleaned_data["answer"], timezone.now(), request.user.get_username()
        declined = sum(replacements.decline(row, answer, now, by) for row in rows.order_by("pk"))
        self.message_user(request, f"{declined} answered." if declined else "They were decided before.")
        return None


class ReturnLineInline(FactInline):
    model = ReturnLine
    related = ("line__sku",)
    fields = ["line", "quantity"]


@admin.register(Return)
class ReturnAdmin(FactAdmin):
    list_display = ["display_number", "order", "at", "send_by"]
    list_select_related = ["order"]
    search_fields = ["number", "order__number", "order__user__email"]
    by_date = "at"
    inlines = [ReturnLineInline]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Return], search_term: str
    ) -> tuple[QuerySet[Return], bool]:
        return super().get_search_results(request, queryset, parse_number(search_term) or search_term)


class ReturnReceiptLineInline(FactInline):
    model = ReturnReceiptLine
    related = ("line__sku",)
    fields = ["line", "quantity", "accepted", "refund_cents"]


@admin.register(ReturnReceipt)
class ReturnReceiptAdmin(FactAdmin):
    list_display = ["at", "return_id", "partner", "order", "due_at"]
    list_filter = ["partner"]
    list_select_related = ["partner", "order"]
    search_fields = ["return_id", "order__number"]
    inlines = [ReturnReceiptLineInline]
