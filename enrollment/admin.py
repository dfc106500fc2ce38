"""Back office: people with their plans, and the partners whose keys are made and revoked here."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from enrollment import callers, claims, keys, lifecycle
from enrollment.acting import staff_of
from enrollment.models import (
    Address,
    ApiKey,
    CallerCheck,
    Claim,
    Closure,
    Consent,
    Look,
    Note,
    PairingRequest,
    Partner,
    Plan,
    PlanEvent,
    PlanSlot,
    Purchase,
    User,
)
from printers.backoffice import EditAdmin, FactAdmin, FactInline, ModelAdmin, ModelForm, shown_once
from printers.facts import Refused
from printers.tokens import digest

HAND_OVER = "Hand it to the partner by a way that keeps it secret. We keep only its hash: lost, it is made anew."
WATCH_OLD = "The old key is good for 7 days more. Its “last used” says when the partner has moved: then revoke it."


class PlanInline(FactInline):
    model = Plan
    related = ("model__series", "printer__model")
    fields = ["model", "printer", "status", "payable_since", "created_at", "ended_at"]
    show_change_link = True


@admin.register(User)
class UserAdmin(EditAdmin):
    """Who they are is theirs to change; who is staff, and in which roles, only a superuser's."""

    list_display = ["email", "full_name", "date_joined", "is_active", "is_staff"]
    list_filter = ["is_staff", "is_superuser", "is_active", "groups"]
    search_fields = ["email", "full_name"]
    ordering = ["-pk"]
    fields = ["email", "full_name", "date_joined", "last_login", "is_active", "is_staff", "is_superuser", "groups"]
    filter_horizontal = ["groups"]
    inlines = [PlanInline]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return bool(request.user.is_superuser)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        return ["email", "full_name", "date_joined", "last_login"]

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        obj.save(update_fields=[name for name in form.changed_data if name != "groups"])


@admin.register(Note)
class NoteAdmin(FactAdmin):
    """What staff wrote; written on the customer's page."""

    list_display = ["at", "user", "by", "text", "follow_up_on", "done_at"]
    list_filter = ["pinned", ("follow_up_on", admin.EmptyFieldListFilter), ("done_at", admin.EmptyFieldListFilter)]
    list_select_related = ["user", "by"]
    search_fields = ["user__email", "by__email", "text"]
    by_date = "at"


@admin.register(CallerCheck)
class CallerCheckAdmin(FactAdmin):
    """How staff made sure whom they spoke with."""

    list_display = ["at", "user", "by", "how", "tries", "verified_at", "verified_by"]
    list_filter = ["how", ("verified_at", admin.EmptyFieldListFilter)]
    list_select_related = ["user", "by", "verified_by"]
    search_fields = ["user__email", "by__email"]
    exclude = ["code_hash"]
    by_date = "at"


@admin.register(Look)
class LookAdmin(FactAdmin):
    """When staff looked at a customer's own pages."""

    list_display = ["at", "user", "by", "why", "ends_at", "ended_at"]
    list_filter = [("ended_at", admin.EmptyFieldListFilter)]
    list_select_related = ["user", "by"]
    search_fields = ["user__email", "by__email", "why"]
    by_date = "at"


@admin.register(Address)
class AddressAdmin(FactAdmin):
    list_display = ["full_name", "line1", "city", "state", "postal_code", "user", "created_at"]
    list_filter = ["state"]
    list_select_related = ["user"]
    search_fields = ["full_name", "line1", "city", "postal_code", "phone", "user__email"]


@admin.register(Closure)
class ClosureAdmin(FactAdmin):
    """Deleted accounts: how far each is forgotten."""

    list_display = ["at", "user", "told_at", "forgotten_at", "due_at"]
    list_filter = [("forgotten_at", admin.EmptyFieldListFilter)]
    list_select_related = ["user"]
    search_fields = ["user__email"]


class PlanEventInline(FactInline):
    model = PlanEvent
    related = ("plan__model", "plan__printer")
    fields = ["at", "status", "by", "note"]


class PlanSlotInline(FactInline):
    model = PlanSlot
    related = ("plan__model", "plan__printer", "slot__model")
    fields = ["slot", "size", "spares", "skip_next"]


class ConsentInline(FactInline):
    model = Consent
    related = ("plan__model", "plan__printer")
    fields = ["text_version", "prices", "ip_address", "given_at"]


@admin.register(Plan)
class PlanAdmin(FactAdmin):
    list_display = ["display_name", "user", "model", "status", "payable_since", "paused_at", "created_at", "ended_at"]
    list_filter = ["status", "when_low", ("payable_since", admin.EmptyFieldListFilter), "model__series"]
    list_select_related = ["user", "model__series", "printer"]
    search_fields = [
        *("user__email", "user__full_name", "nickname", "model__name"),
        *("printer__serial_number", "expected_serial"),
    ]
    inlines = [PlanEventInline, PlanSlotInline, ConsentInline]
    actions = ["end"]

    def has_end_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("enrollment.change_plan")

    @admin.action(description="End: nothing more is ordered, what is being packed still ships", permissions=["end"])
    def end(self, request: HttpRequest, rows: QuerySet[Plan]) -> None:
        now, staff, ended = timezone.now(), staff_of(request), 0
        for plan in rows.select_related("user").order_by("pk"):
            try:
                callers.let_act(staff, plan.user, now)
                ended += lifecycle.cancel(plan, "", now, staff.get_username())
            except Refused as refused:
                self.message_user(request, str(refused), messages.ERROR)
        self.message_user(request, f"{ended} ended.")


@admin.register(Claim)
class ClaimAdmin(FactAdmin):
    """Printers asked for by another account. What is doubtful ends by a person's word alone."""

    list_display = ["at", "plan", "by", "ends_at", "outcome", "settled_at", "settled_by"]
    list_filter = ["outcome"]
    list_select_related = ["plan__model", "plan__printer", "by"]
    search_fields = ["plan__printer__serial_number", "plan__user__email", "by__email"]
    by_date = "at"
    actions = ["end", "keep"]

    def has_settle_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("enrollment.change_claim")

    @admin.action(description="It has a new owner: end the old plan", permissions=["settle"])
    def end(self, request: HttpRequest, rows: QuerySet[Claim]) -> None:
        now, by = timezone.now(), request.user.get_username()
        self.message_user(request, f"{sum(claims.end(claim, now, by) for claim in rows.order_by('plan_id'))} ended.")

    @admin.action(description="It stays with its owner", permissions=["settle"])
    def keep(self, request: HttpRequest, rows: QuerySet[Claim]) -> None:
        now, by = timezone.now(), request.user.get_username()
        self.message_user(request, f"{sum(claims.keep(claim, now, by) for claim in rows.order_by('plan_id'))} kept.")


@admin.register(Consent)
class ConsentAdmin(FactAdmin):
    list_display = ["plan", "text_version", "given_at", "ip_address"]
    list_filter = ["text_version"]
    list_select_related = ["plan__model", "plan__printer"]
    search_fields = ["plan__user__email"]


@admin.register(PairingRequest)
class PairingRequestAdmin(FactAdmin):
    """Who let which printer in, and from where it asked."""

    list_display = ["make_and_model", "serial_number", "outcome", "answered_by", "asked_from", "created_at"]
    list_filter = ["outcome"]
    list_select_related = ["answered_by"]
    search_fields = ["serial_number", "make_and_model", "answered_by__email"]
    exclude = ["device_code_hash"]


@admin.register(Purchase)
class PurchaseAdmin(FactAdmin):
    """What stores told us, as they told it."""

    list_display = ["purchase_id", "partner", "plan", "at"]
    list_filter = ["partner"]
    list_select_related = ["partner", "plan__model__series", "plan__printer"]
    search_fields = ["purchase_id", "plan__user__email", "body__serial_number"]
    by_date = "at"


@admin.register(Partner)
class PartnerAdmin(EditAdmin):
    search_fields = ["name"]


class KeyForm(ModelForm):
    """A new key opens something."""

    def clean_expires_at(self) -> datetime | None:
        expires: datetime | None = self.cleaned_data["expires_at"]
        if expires is not None and expires <= timezone.now():
            raise ValidationError("This moment has passed: the key would open nothing.")
        return expires


@admin.register(ApiKey)
class ApiKeyAdmin(FactAdmin):
    """A key is shown when it is made, and never again."""

    form = KeyForm
    list_display = ["prefix", "partner", "scope", "created_at", "last_used_at", "expires_at", "revoked_at"]
    list_filter = [
        *("scope", ("revoked_at", admin.EmptyFieldListFilter), ("last_used_at", admin.EmptyFieldListFilter)),
        "partner",
    ]
    list_select_related = ["partner"]
    search_fields = ["prefix", "partner__name"]
    fields = ["partner", "scope", "expires_at", "prefix", "created_at", "last_used_at", "revoked_at"]
    readonly_fields = ["prefix", "created_at", "last_used_at", "revoked_at"]
    actions = ["replace", "revoke"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return ModelAdmin.has_add_permission(self, request)

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("enrollment.change_apikey")

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        """Its plain text goes with the row to `response_add`, and nowhere else."""
        plain = keys.issue(obj.partner, obj.scope, obj.expires_at)
        made = ApiKey.objects.get(key_hash=digest(plain))
        obj.pk, obj.prefix = made.pk, made.prefix
        vars(obj)["plain"] = plain

    def response_add(self, request: HttpRequest, obj: ApiKey, post_url_continue: str | None = None) -> HttpResponse:
        return shown_once(self, request, [(str(obj), vars(obj).pop("plain"))], HAND_OVER)

    @admin.action(description="Replace: a new key, and the old one ends in 7 days", permissions=["revoke"])
    def replace(self, request: HttpRequest, rows: QuerySet[ApiKey]) -> HttpResponse | None:
        now = timezone.now()
        pairs = [(f"in place of {key}", keys.replace(key, now)) for key in rows.select_related("partner")]
        if made := [(label, plain) for label, plain in pairs if plain is not None]:
            return shown_once(self, request, made, f"{HAND_OVER} {WATCH_OLD}")
        self.message_user(request, "None of these opens anything any more, so none was replaced.", messages.WARNING)
        return None

    @admin.action(description="Revoke: it opens nothing any more", permissions=["revoke"])
    def revoke(self, request: HttpRequest, rows: QuerySet[ApiKey]) -> None:
        now = timezone.now()
        self.message_user(request, f"{sum(keys.revoke(key, now) for key in rows)} revoked.")
