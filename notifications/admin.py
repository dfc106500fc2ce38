"""Back office: every mail exactly as it went out, and where partners listen, with what they were told."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.text import get_text_list

from notifications import again
from notifications.forms import EndpointForm, FailedForm
from notifications.models import Delivery, Endpoint, Message
from notifications.webhooks import deliveries, endpoints
from printers.backoffice import EditAdmin, FactAdmin, shown_once
from printers.facts import Refused

HAND_OVER = "The partner checks with it that a message is ours. Hand it over by a way that keeps it secret."


@admin.register(Message)
class MessageAdmin(FactAdmin):
    list_display = ["created_at", "kind", "to", "subject", "sent_at", "attempts", "last_error"]
    list_filter = ["kind", ("sent_at", admin.EmptyFieldListFilter), ("due_at", admin.EmptyFieldListFilter)]
    search_fields = ["to", "subject", "order__number", "user__email"]
    by_date = "created_at"

    def get_urls(self) -> list[URLPattern]:
        once_more = self.admin_site.admin_view(self.once_more)
        return [path("<path:object_id>/again/", once_more, name="notifications_message_again"), *super().get_urls()]

    def once_more(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Send it again as it was: a page that shows it and where it goes, and a POST that does it once."""
        if not request.user.has_perm("notifications.add_message"):
            raise PermissionDenied
        message = self.get_object(request, object_id)
        if message is None:
            return HttpResponseRedirect(reverse("admin:index"))
        try:
            to = again.goes_to(message)
            if request.method == "POST":
                copy = again.send(message, _key(request), timezone.now())
                self.log_change(request, message, f"Sent again to {copy.to}.")
                self.message_user(request, f"It goes to {copy.to} once more.", messages.SUCCESS)
                return HttpResponseRedirect(reverse("admin:notifications_message_change", args=[copy.pk]))
        except Refused as refused:
            self.message_user(request, str(refused), messages.ERROR)
            return HttpResponseRedirect(reverse("admin:notifications_message_change", args=[message.pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": "Send it again",
            "opts": self.opts,
            "mail": message,
            "to": to,
            "key": uuid4(),
        }
        return TemplateResponse(request, "admin/again.html", context)


def _key(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError as error:
        raise Refused("Open the page once more: it was not sent whole.", "no_key") from error


@admin.register(Endpoint)
class EndpointAdmin(EditAdmin):
    """A secret is shown when it is made, and never again."""

    form = EndpointForm
    list_display = ["url", "partner", "events", "failing_since", "paused_at", "paused_cause"]
    list_filter = [("paused_at", admin.EmptyFieldListFilter), ("failing_since", admin.EmptyFieldListFilter), "partner"]
    list_select_related = ["partner"]
    search_fields = ["url", "partner__name"]
    fields = ["partner", "url", "types", "created_at", "failing_since", "paused_at", "paused_cause", "old_secret_until"]
    actions = ["ping", "pause", "resume", "rotate"]

    def get_readonly_fields(self, request: HttpRequest, obj: Endpoint | None = None) -> list[str]:
        written_elsewhere = ["created_at", "failing_since", "paused_at", "paused_cause", "old_secret_until"]
        return ["partner", *written_elsewhere] if obj else written_elsewhere

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        paused = Endpoint.objects.exclude(paused_at=None).select_related("partner")
        if request.method == "GET" and (named := [f"{each} ({each.paused_cause})" for each in paused]):
            self.message_user(request, f"Paused, so that nothing is sent: {'; '.join(named)}", messages.WARNING)
        return super().changelist_view(request, extra_context)

    def save_model(self, request: HttpRequest, obj: Endpoint, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
        else:
            endpoints.add(obj, timezone.now())

    def response_add(self, request: HttpRequest, obj: Endpoint, post_url_continue: str | None = None) -> HttpResponse:
        return shown_once(self, request, [(obj.url, obj.secret)], HAND_OVER)

    @admin.display
    def events(self, endpoint: Endpoint) -> str:
        return get_text_list(endpoint.types, "and") or "none"

    @admin.action(description="Send a trial message", permissions=["change"])
    def ping(self, request: HttpRequest, rows: QuerySet[Endpoint]) -> None:
        sent = [deliveries.ping(endpoint, timezone.now()).webhook_id for endpoint in rows]
        self.message_user(request, f"On its way; see Deliveries for the answer: {', '.join(sent)}")

    @admin.action(description="Pause: keep what happens, and send nothing", permissions=["change"])
    def pause(self, request: HttpRequest, rows: QuerySet[Endpoint]) -> None:
        cause, now = f"By {request.user.get_username()}.", timezone.now()
        self.message_user(request, f"{sum(endpoints.pause(endpoint, cause, now) for endpoint in rows)} paused.")

    @admin.action(description="Resume: send what was kept, the oldest first", permissions=["change"])
    def resume(self, request: HttpRequest, rows: QuerySet[Endpoint]) -> None:
        now = timezone.now()
        self.message_user(request, f"{sum(endpoints.resume(endpoint, now) for endpoint in rows)} resumed.")

    @admin.action(description="Change the secret; the old one is good for 24 hours more", permissions=["change"])
    def rotate(self, request: HttpRequest, rows: QuerySet[Endpoint]) -> HttpResponse:
        now = timezone.now()
        return shown_once(self, request, [(each.url, endpoints.rotate(each, now)) for each in rows], HAND_OVER)


class State(admin.SimpleListFilter):
    """What became of a message."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(state, state) for state in Delivery.STATES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> QuerySet[Delivery]:
        state = self.value()
        return queryset.filter(Delivery.STATES[state]) if state in Delivery.STATES else queryset


@admin.register(Delivery)
class DeliveryAdmin(FactAdmin):
    """One is sent again by its action, a day by its filters, and whatever failed since a time by a page of its own."""

    list_display = ["created_at", "type", "endpoint", "state", "attempts", "last_status", "last_error", "due_at"]
    list_filter = [State, "type", "endpoint__partner", "endpoint__url"]
    list_select_related = ["endpoint__partner"]
    search_fields = ["webhook_id", "order_event__order__number", "endpoint__url"]
    by_date = "created_at"
    actions = ["send_again"]

    def get_urls(self) -> list[URLPattern]:
        failed = self.admin_site.admin_view(self.failed)
        return [path("failed/", failed, name="notifications_delivery_failed"), *super().get_urls()]

    def failed(self, request: HttpRequest) -> HttpResponse:
        """Send all again that failed since a time: how many is shown first, and a POST of that page sends them."""
        if not self.has_send_permission(request):
            raise PermissionDenied
        form = FailedForm(request.GET if request.method == "GET" and request.GET else request.POST or None)
        if form.is_valid() and request.method == "POST":
            self.message_user(request, f"{deliveries.replay(form.found(), timezone.now())} sent again.")
            return HttpResponseRedirect(reverse("admin:notifications_delivery_changelist"))
        context = {
            **self.admin_site.each_context(request),
            "title": "Send again what failed",
            "opts": self.opts,
            "form": form,
            "found": deliveries.counted(form.found()) if form.is_valid() else None,
        }
        return TemplateResponse(request, "admin/failed_deliveries.html", context)

    def has_send_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("notifications.change_delivery")

    @admin.action(description="Send again, under the same id", permissions=["send"])
    def send_again(self, request: HttpRequest, rows: QuerySet[Delivery]) -> None:
        self.message_user(request, f"{deliveries.replay(rows, timezone.now())} sent again.")
