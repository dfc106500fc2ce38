"""Back office: prices, of which staff add new ones; sales tax; promotions, which staff begin, change and end."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from orders import pricelist, promotions, words_tax
from orders.models import LinePromotion, Price, Promotion, TaxRate
from orders.money import display_amount
from orders.promotion_trial import OPEN, effect_of
from printers.backoffice import EditAdmin
from printers.facts import Refused

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Any]
else:
    ModelForm = forms.ModelForm


THEN = ("_addanother", "_continue")  # what Django's page does next beside going back to the list


class PriceForm(ModelForm):
    """A moment that has passed means: at once. A rise leaves time to tell whom it concerns."""

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if {"sku", "amount_cents", "valid_from"} <= typed.keys():
            now = timezone.now()
            typed["valid_from"] = max(typed["valid_from"], now)
            try:
                pricelist.give_notice(typed["sku"], typed["amount_cents"], typed["valid_from"], now)
            except Refused as refused:
                self.add_error("valid_from", str(refused))
        return typed


@admin.register(Price)
class PriceAdmin(EditAdmin):
    """A price is never edited: a new one takes its place from its moment on."""

    form = PriceForm
    list_display = ["sku", "price", "valid_from", "note"]
    list_filter = ["is_demo", "sku__kind"]
    list_select_related = ["sku"]
    search_fields = ["sku__code", "sku__name"]
    fields = ["sku", "amount_cents", "currency", "valid_from"]
    autocomplete_fields = ["sku"]

    def has_change_permission(self, request: HttpRequest, obj: Price | None = None) -> bool:
        return False

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {**super().get_changeform_initial_data(request), "valid_from": timezone.now()}

    def save_model(self, request: HttpRequest, obj: Price, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        pricelist.decide_again([obj.sku_id])

    @admin.display(ordering="amount_cents")
    def price(self, price: Price) -> str:
        return display_amount(price.amount_cents, price.currency)

    @admin.display
    def note(self, price: Price) -> str:
        return "demo price" if price.is_demo else ""


@admin.register(TaxRate)
class TaxRateAdmin(EditAdmin):
    """Counts for what is placed from then on; packed orders keep the rate they were priced with. 0 % ends a tax."""

    list_display = ["state", "rate", "valid_from"]
    list_filter = ["state", "valid_from"]
    search_fields = ["state"]
    fields = ["state", "percent", "valid_from"]

    @admin.display(ordering="percent")
    def rate(self, tax: TaxRate) -> str:
        return words_tax.rate(tax.percent)


class PromotionForm(ModelForm):
    """Exactly one of percent and amount, a scope that says what it covers, and days that lie ahead."""

    def is_valid(self) -> bool:
        """Who wants to change what they typed gets it back as they typed it."""
        return super().is_valid() and "change" not in self.data

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        percent, cents = typed.get("percent"), typed.get("amount_cents")
        if not self.errors.keys() & {"percent", "amount_cents"}:
            if (percent is None) == (cents is None):
                self.add_error("percent", "Say a percentage or an amount, one of both.")
            elif percent is not None and not 1 <= percent <= 100:
                self.add_error("percent", "A percentage is between 1 and 100.")
            elif cents == 0:
                self.add_error("amount_cents", "An amount is more than nothing.")
        self._check_scope(typed)
        self._check_days(typed)
        return typed

    def _check_scope(self, typed: dict[str, Any]) -> None:
        """What is chosen is what counts: nothing beside it, so that nobody reads another scope into the page."""
        scope = typed.get("scope")
        for field, what in (("series", "series"), ("skus", "cartridges")):
            if scope == field and not typed.get(field):
                self.add_error(field, f"Say which {what} it covers.")
            elif scope and scope != field and typed.get(field):
                self.add_error(field, f"Its scope is another, so no {what} are to be chosen.")

    def _check_days(self, typed: dict[str, Any]) -> None:
        starts, ends = typed.get("starts_at"), typed.get("ends_at")
        if starts and ends and ends <= starts:
            self.add_error("ends_at", "It ends after it starts.")
        elif ends and ends <= timezone.now():
            self.add_error("ends_at", "That moment has passed. To end it now, choose End now in the list.")


@admin.register(Promotion)
class PromotionAdmin(EditAdmin):
    """Orders keep the terms they were placed under: a change, or its end, counts for orders placed from then on.

    What is typed is kept once it was seen what it does.
    """

    form = PromotionForm
    list_display = ["name", "terms", "scope", "starts_at", "ends_at", "state", "open_orders", "open_lines"]
    list_filter = ["scope", "starts_at", "ends_at"]
    search_fields = ["name"]
    fields = [
        "name",
        ("percent", "amount_cents"),
        "scope",
        "series",
        "skus",
        ("starts_at", "ends_at"),
        *("withdrawn_at", "open_orders", "open_lines"),
    ]
    readonly_fields = ["withdrawn_at", "open_orders", "open_lines"]
    autocomplete_fields = ["skus"]
    actions = ["end"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Promotion]:
        """With how much has it of what is open: found from the open orders, since closed ones only become more."""
        kept = LinePromotion.objects.filter(promotion=OuterRef("pk"), line__order__status__in=OPEN).order_by()

        def count(what: str) -> Coalesce:
            counted = kept.values("promotion").annotate(count=Count(what, distinct=True)).values("count")
            return Coalesce(Subquery(counted), 0)

        promotions: QuerySet[Promotion] = super().get_queryset(request)
        return promotions.annotate(order_count=count("line__order"), line_count=count("pk"))

    def has_change_permission(self, request: HttpRequest, obj: Promotion | None = None) -> bool:
        """What has ended stays as it was."""
        over = obj is not None and promotions.is_over(obj, timezone.now())
        return not over and super().has_change_permission(request, obj)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        return self._preview(request, None) or super().add_view(request, form_url, extra_context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        shown = self._preview(request, object_id)
        return shown or super().change_view(request, object_id, form_url, extra_context)

    def _preview(self, request: HttpRequest, object_id: str | None) -> HttpResponse | None:
        """The page before it is done; None where something else is due: the form, or doing what was seen."""
        if request.method != "POST":
            return None
        old = self.get_object(request, unquote(object_id)) if object_id else None
        allowed = self.has_change_permission(request, old) if object_id else self.has_add_permission(request)
        if not allowed or (object_id and old is None):
            return None
        form = self.get_form(request, old, change=old is not None)(request.POST, instance=old)
        if not form.is_valid():
            return None
        will = effect_of(lambda: self._keep(request, form), timezone.now(), form.cleaned_data["starts_at"])
        if request.POST.get("seen") == will.seen:
            return None
        if "seen" in request.POST:
            self.message_user(request, "Something changed meanwhile: look once more.", messages.WARNING)
        then = next((name for name in THEN if name in request.POST), "_save")
        known = {"title": f"What {will.promotion.name} does", "opts": self.opts, "form": form, "will": will}
        context = {**self.admin_site.each_context(request), **known, "then": then, "is_new": old is None}
        return TemplateResponse(request, "admin/promotion_preview.html", context)

    def _keep(self, request: HttpRequest, form: Any) -> Promotion:
        """As the page of Django keeps it."""
        change = form.instance.pk is not None
        kept: Promotion = form.save(commit=False)
        self.save_model(request, kept, form, change)
        form.save_m2m()
        return kept

    def save_model(self, request: HttpRequest, obj: Promotion, form: Any, change: bool) -> None:
        if not change:
            super().save_model(request, obj, form, change)
        elif own := [name for name in form.changed_data if name not in ("series", "skus")]:
            obj.save(update_fields=own)

    @admin.action(description="End now", permissions=["change"])
    def end(self, request: HttpRequest, chosen: QuerySet[Promotion]) -> None:
        ended = promotions.withdraw(chosen, timezone.now())
        self.message_user(request, f"{ended} ended. Orders placed before keep it.", messages.SUCCESS)

    @admin.display
    def terms(self, promotion: Promotion) -> str:
        return promotions.terms_in_words(promotion)

    @admin.display
    def state(self, promotion: Promotion) -> str:
        now = timezone.now()
        if promotions.is_over(promotion, now):
            return "ended"
        return "runs" if promotion.starts_at <= now else "to come"

    @admin.display(description="open orders that have it", ordering="order_count")
    def open_orders(self, promotion: Promotion) -> int:
        return getattr(promotion, "order_count", 0)

    @admin.display(description="open lines that have it", ordering="line_count")
    def open_lines(self, promotion: Promotion) -> int:
        return getattr(promotion, "line_count", 0)
