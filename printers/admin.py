"""Back office: the catalogue, of which staff confirm cartridges, and the printers with what they reported."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from printers import catalogue, naming, outlook, tokens
from printers.backoffice import EditAdmin, FactAdmin, FactInline, ModelForm, TabularInline
from printers.catalogue_forms import PrinterModelForm, SeriesForm, SlotForm
from printers.facts import Refused
from printers.models import (
    DeviceToken,
    LowSignal,
    Printer,
    PrinterModel,
    Series,
    Sku,
    Slot,
    SlotAlias,
    SlotSku,
    UnknownSupply,
)


@admin.register(Series)
class SeriesAdmin(EditAdmin):
    """The sheets name the series; staff say how its printers are enrolled (promise P2)."""

    form = SeriesForm
    list_display = ["name", "enrollment_path"]
    fields = ["name", "slug", "enrollment_path"]
    readonly_fields = ["name", "slug"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Series, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if form.changed_data:
            way = obj.get_enrollment_path_display()
            said = f"{obj} printers are enrolled by “{way}” from now on: on every page, and in every mail to come."
            self.message_user(request, said, messages.SUCCESS)


class SlotInline(FactInline):
    model = Slot
    related = ("model",)
    fields = ["code", "name", "low_threshold", "mapping_confirmed"]
    show_change_link = True


@admin.register(PrinterModel)
class PrinterModelAdmin(EditAdmin):
    """The sheets name the models; staff close one to new plans, or open it again, and choose its picture."""

    form = PrinterModelForm
    list_display = ["name", "series", "eligible", "supply_source"]
    list_filter = ["eligible", "series", "supply_source"]
    list_select_related = ["series"]
    search_fields = ["name", "slug"]
    fields = ["series", "name", "slug", "eligible", "picture", "supply_source"]
    readonly_fields = ["series", "name", "slug", "supply_source"]
    inlines = [SlotInline]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


class SkuForm(ModelForm):
    """Whether a cartridge is still made, and what is sent in its place."""

    discontinued = forms.BooleanField(
        required=False,
        label="Not made any more",
        help_text="From now on the successor is ordered wherever this one fits; without one nothing is, and open needs "
        "wait for a person. What is in stock still goes to who waits for it. Unticked, put it back into its slots.",
    )

    class Meta:
        model = Sku
        fields = ("successor",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["discontinued"] = self.instance.discontinued_at is not None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        successor, discontinued = cleaned.get("successor"), cleaned.get("discontinued")
        if successor and not discontinued:
            self.add_error("successor", "Only what is not made any more has a successor.")
        if discontinued and successor and (successor == self.instance or successor.discontinued_at):
            self.add_error("successor", f"{successor} is not made any more.")
        return cleaned


@admin.register(Sku)
class SkuAdmin(EditAdmin):
    """The sheets name the cartridges; staff say which are not made any more."""

    form = SkuForm
    list_display = ["code", "name", "kind", "discontinued_at", "successor"]
    list_filter = ["kind", ("discontinued_at", admin.EmptyFieldListFilter)]
    list_select_related = ["successor"]
    search_fields = ["code", "name"]
    fields = ["code", "name", "kind", "discontinued", "successor"]
    readonly_fields = ["code", "name", "kind"]
    autocomplete_fields = ["successor"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Sku, form: Any, change: bool) -> None:
        sku = Sku.objects.get(pk=obj.pk)
        if not form.cleaned_data["discontinued"]:
            catalogue.make_again(sku)
        elif (sku.discontinued_at is None) or sku.successor != obj.successor:
            catalogue.discontinue(sku, obj.successor, timezone.now())


class FitInline(TabularInline):
    model = SlotSku
    extra = 0
    autocomplete_fields = ["sku"]


class AliasForm(ModelForm):
    """A name as staff read it from the list of unknown supplies."""

    kind = forms.ChoiceField(choices=[("", "-"), *naming.KINDS.items()], label="What the printer calls so")
    text = forms.CharField(max_length=100, label="As the printer says it")

    class Meta:
        model = SlotAlias
        fields = ()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "kind" in cleaned and "text" in cleaned:
            try:
                self.instance.key = naming.key_of(cleaned["kind"], cleaned["text"])
            except Refused as error:
                raise forms.ValidationError(str(error)) from error
            if (other := naming.meant(self.instance.slot, self.instance.key)) is not None:
                raise forms.ValidationError(f"{other} is called so already.")
        return cleaned


class AliasInline(TabularInline):
    """A name is given or taken away, never changed: the record of changes says what each was."""

    model = SlotAlias
    form = AliasForm
    extra = 0
    fields = ["key", "kind", "text"]
    readonly_fields = ["key"]
    verbose_name_plural = "what printers call it"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[SlotAlias]:
        return super().get_queryset(request).select_related("slot__model")


@admin.register(Slot)
class SlotAdmin(EditAdmin):
    """Which cartridge fits: a person confirms it here, or puts the right one in, which confirms it too."""

    form = SlotForm
    list_display = ["model", "code", "name", "cartridges", "low_threshold", "mapping_confirmed"]
    list_display_links = ["model", "code"]
    list_filter = ["mapping_confirmed", "consumable", "model__series", "colorant"]
    list_select_related = ["model__series"]
    search_fields = ["model__name", "=code", "name", "fits__sku__code"]
    ordering = ["model__name", "position"]
    fields = ["model", "code", "name", "colorant", "position", "low_threshold", "consumable", "mapping_confirmed"]
    readonly_fields = ["model", "code", "name", "colorant", "position", "consumable", "mapping_confirmed"]
    inlines = [FitInline, AliasInline]
    actions = ["confirm"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Slot]:
        return super().get_queryset(request).prefetch_related("fits__sku")

    @admin.display
    def cartridges(self, slot: Slot) -> str:
        return ", ".join(fit.sku.code for fit in slot.fits.all())

    def save_model(self, request: HttpRequest, obj: Slot, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if "low_threshold" in form.changed_data:
            said = f"From each printer's next report on, {obj.name} of {obj.model} is low at {obj.low_threshold} %."
            self.message_user(request, f"{said} What is ordered stays as it is.", messages.SUCCESS)

    @admin.action(description="Confirm that this cartridge fits", permissions=["change"])
    def confirm(self, request: HttpRequest, slots: QuerySet[Slot]) -> None:
        confirmed = sum(catalogue.confirm_mapping(slot) for slot in slots)
        self.message_user(request, f"{confirmed} confirmed, {len(slots) - confirmed} were confirmed before.")

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        if formset.model is not SlotAlias:
            super().save_formset(request, form, formset, change)
            return
        for alias in formset.save(commit=False):
            naming.name_slot(alias.slot, alias.key)
        for alias in formset.deleted_objects:
            alias.delete()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        fits = [formset for formset in formsets if formset.model is SlotSku]
        if any(formset.has_changed() for formset in fits) and not catalogue.confirm_mapping(form.instance):
            catalogue.decide_again([form.instance.pk])


@admin.register(SlotAlias)
class SlotAliasAdmin(FactAdmin):
    list_display = ["key", "slot"]
    list_select_related = ["slot__model"]
    search_fields = ["key", "slot__model__name"]


class TokenInline(FactInline):
    model = DeviceToken
    related = ("printer__model",)
    fields = ["created_at", "revoked_at", "revoked_cause"]


@admin.register(Printer)
class PrinterAdmin(FactAdmin):
    list_display = ["model", "serial_number", "seen_at", "created_at", "is_test"]
    list_filter = ["is_test", "model__series"]
    list_select_related = ["model__series"]
    search_fields = ["serial_number", "uuid", "model__name"]
    readonly_fields = ["days_left"]
    inlines = [TokenInline]

    @admin.display(description="Ink and days left")
    def days_left(self, printer: Printer) -> str:
        return outlook.lines(printer, timezone.now()) or "-"


@admin.register(DeviceToken)
class DeviceTokenAdmin(FactAdmin):
    list_display = ["printer", "created_at", "revoked_at", "revoked_cause"]
    list_filter = [("revoked_at", admin.EmptyFieldListFilter), "revoked_cause"]
    list_select_related = ["printer__model"]
    search_fields = ["printer__serial_number"]
    fields = ["printer", "created_at", "revoked_at", "revoked_cause"]
    actions = ["revoke"]

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("printers.change_devicetoken")

    @admin.action(description="Revoke: the printer can report no more", permissions=["revoke"])
    def revoke(self, request: HttpRequest, rows: QuerySet[DeviceToken]) -> None:
        now = timezone.now()
        revoked = sum(tokens.revoke(token, "revoked by staff", now) for token in rows)
        self.message_user(request, f"{revoked} revoked.", messages.SUCCESS if revoked else messages.WARNING)


@admin.register(LowSignal)
class LowSignalAdmin(FactAdmin):
    list_display = ["printer", "slot", "observed_at", "level", "threshold", "said_low", "closed_at", "closed_cause"]
    list_filter = [("closed_at", admin.EmptyFieldListFilter), "closed_cause", "said_low"]
    list_select_related = ["printer__model", "slot__model"]
    search_fields = ["printer__serial_number"]
    by_date = "observed_at"


@admin.register(UnknownSupply)
class UnknownSupplyAdmin(FactAdmin):
    list_display = ["printer", "key", "described", "first_seen_at", "last_seen_at"]
    list_filter = ["printer__model__series"]
    list_select_related = ["printer__model"]
    search_fields = ["key", "printer__serial_number", "printer__model__name"]
    readonly_fields = ["which_slot"]

    @admin.display(description="Which slot is it?")
    def which_slot(self, supply: UnknownSupply) -> SafeString:
        """The slots of its model, each to be given this name on its own page."""
        slots = Slot.objects.filter(model_id=supply.printer.model_id).order_by("position")
        links = [(reverse("admin:printers_slot_change", args=[slot.pk]), slot.code, slot.name) for slot in slots]
        return format_html_join(", ", '<a href="{}#aliases-group">{} {}</a>', links)
