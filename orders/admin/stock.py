"""Back office: the shelf, and what people of the warehouse enter about it."""

from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from orders import stock
from orders.models import Receipt, Reservation, Short, StockEntry, StockItem, StockMovement, Wait
from printers.backoffice import EditAdmin, FactAdmin, ModelForm
from printers.facts import Refused


class ExpectedForm(ModelForm):
    class Meta:
        model = StockItem
        fields = ("expected_on",)

    def clean_expected_on(self) -> Any:
        day = self.cleaned_data["expected_on"]
        if objection := stock.objection(day, timezone.now().date()):
            raise forms.ValidationError(objection)
        return day


@admin.register(StockItem)
class StockItemAdmin(EditAdmin):
    """Staff say when more is expected; all else comes from what they enter, and from orders."""

    form = ExpectedForm
    list_display = ["sku", "on_hand", "reserved", "expected_on", "missed_at", "enter"]
    list_filter = [("missed_at", admin.EmptyFieldListFilter), "sku__kind"]
    list_select_related = ["sku"]
    search_fields = ["sku__code", "sku__name"]
    fields = ["sku", "on_hand", "reserved", "expected_on", "missed_at"]
    readonly_fields = ["sku", "on_hand", "reserved", "missed_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.display
    def enter(self, item: StockItem) -> SafeString:
        """A form each for what arrived, was counted, or is corrected."""
        address = reverse("admin:orders_stockentry_add")
        kinds = [(address, item.pk, kind, label) for kind, label in StockEntry.Kind.choices]
        return format_html_join(" ", '<a href="{}?sku={}&amp;kind={}">{}</a>', kinds)

    def save_model(self, request: HttpRequest, obj: StockItem, form: Any, change: bool) -> None:
        stock.expect(obj.sku, form.cleaned_data["expected_on"], timezone.now())


class EntryForm(ModelForm):
    """Its key is made with the page: sent twice, it is done once."""

    class Meta:
        model = StockEntry
        fields = ("kind", "sku", "quantity", "reason", "key")
        widgets = {"key": forms.HiddenInput}
        help_texts = {
            "quantity": "Arrived: how many. Counted: how many lie on the shelf, without packed parcels. "
            "Corrected: how many to add, or to take off with a minus."
        }

    def validate_unique(self) -> None:
        """The same key again is no mistake."""


@admin.register(StockEntry)
class StockEntryAdmin(FactAdmin):
    """What people entered; a new entry acts once it was seen what it does, and is never edited."""

    form = EntryForm
    list_display = ["at", "sku", "kind", "quantity", "reason", "by"]
    list_filter = ["kind"]
    list_select_related = ["sku"]
    search_fields = ["sku__code", "reason", "by"]
    by_date = "at"
    autocomplete_fields = ["sku"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("orders.add_stockentry")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {**super().get_changeform_initial_data(request), "key": uuid4()}

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """GET asks what is entered; POST shows what it will do, and only that page's button does it."""
        try:
            if (shown := self._preview(request)) is not None:
                return shown
            return super().add_view(request, form_url, extra_context)
        except Refused as refused:
            self.message_user(request, str(refused), messages.ERROR)
            return self._asked_again(request)

    def _preview(self, request: HttpRequest) -> HttpResponse | None:
        """The page before it is done; None where something else is due: the form, or doing what was seen."""
        form = self.get_form(request)(request.POST) if request.method == "POST" else None
        if form is None or not self.has_add_permission(request) or not form.is_valid():
            return None
        entry = form.save(commit=False)
        if StockEntry.objects.filter(key=entry.key).exists():
            return None
        if "change" in request.POST:
            return self._asked_again(request)
        entered = _entered(entry, request)
        will = stock.preview(entered)
        if "book" in request.POST and request.POST.get("seen") == will.seen:
            return None
        if "book" in request.POST:
            self.message_user(request, "The shelf changed meanwhile: look once more.", messages.WARNING)
        context = {
            **self.admin_site.each_context(request),
            "title": f"{entry.get_kind_display()}: {entry.sku}",
            "opts": self.opts,
            "form": form,
            "entry": entry,
            "will": will,
        }
        return TemplateResponse(request, "admin/stock_preview.html", context)

    def _asked_again(self, request: HttpRequest) -> HttpResponse:
        typed = {name: request.POST.get(name, "") for name in ("kind", "sku", "quantity", "reason")}
        return HttpResponseRedirect(f"{request.path}?{urlencode(typed)}")

    def save_model(self, request: HttpRequest, obj: StockEntry, form: Any, change: bool) -> None:
        if stock.enter(_entered(obj, request), timezone.now()):
            row = StockItem.objects.get(sku=obj.sku)
            self.message_user(request, f"{obj.sku}: {row.on_hand} on hand, {row.reserved} promised.")
        else:
            self.message_user(request, "This was entered before; nothing is done twice.", messages.WARNING)

    def response_add(self, request: HttpRequest, obj: StockEntry, post_url_continue: Any = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:orders_stockentry_changelist"))


def _entered(entry: StockEntry, request: HttpRequest) -> stock.Entered:
    by = request.user.get_username()
    return stock.Entered(entry.kind, entry.sku, entry.quantity, entry.reason, by, entry.key)


@admin.register(StockMovement)
class StockMovementAdmin(FactAdmin):
    list_display = ["at", "sku", "kind", "quantity", "order", "reason", "by"]
    list_filter = ["kind"]
    list_select_related = ["sku", "order"]
    search_fields = ["sku__code", "order__number", "reason"]
    by_date = "at"


@admin.register(Reservation)
class ReservationAdmin(FactAdmin):
    list_display = ["sku", "quantity", "line", "at"]
    list_select_related = ["sku", "line__order", "line__sku"]
    search_fields = ["sku__code", "line__order__number"]


@admin.register(Receipt)
class ReceiptAdmin(FactAdmin):
    list_display = ["at", "receipt_id", "partner", "sku", "quantity"]
    list_filter = ["partner"]
    list_select_related = ["partner", "sku"]
    search_fields = ["receipt_id", "sku__code"]


@admin.register(Short)
class ShortAdmin(FactAdmin):
    list_display = ["at", "short_id", "partner", "order", "body"]
    list_filter = ["partner"]
    list_select_related = ["partner", "order"]
    search_fields = ["short_id", "order__number"]


@admin.register(Wait)
class WaitAdmin(FactAdmin):
    """Orders that wait for stock, or did: what their owner was told."""

    list_display = ["order", "since", "expected_on", "slips", "answer_by", "due_at"]
    list_filter = ["order__status", ("answer_by", admin.EmptyFieldListFilter)]
    list_select_related = ["order"]
    search_fields = ["order__number", "order__user__email"]
