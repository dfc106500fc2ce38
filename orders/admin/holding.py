"""Back office: a person stops an order before it is packed, with a reason, and lets it go on."""

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone

from enrollment.acting import staff_of
from orders import calls, lifecycle
from orders.lifecycle.holding import LONGEST_REASON
from orders.models import Order
from printers.backoffice import ModelAdmin
from printers.facts import Refused


class ReasonForm(forms.Form):
    """Why; staff read it, customers do not."""

    reason = forms.CharField(
        max_length=LONGEST_REASON,
        help_text="For staff: the customer reads that a person checks the order before it is packed.",
        error_messages={"required": "Say why it is not to be packed."},
    )


class HoldingActions(ModelAdmin):
    """Two actions on a list of orders; each order that may not be stopped says why."""

    actions = ["stop_packing", "let_pack"]

    def has_hold_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("orders.change_order")

    @admin.action(description="Hold: do not pack yet", permissions=["hold"])
    def stop_packing(self, request: HttpRequest, orders: QuerySet[Order]) -> TemplateResponse | None:
        form = ReasonForm(request.POST if "reason" in request.POST else None)
        if not form.is_valid():
            context = {
                **admin.site.each_context(request),
                "title": "Hold: do not pack yet",
                "opts": self.model._meta,
                "orders": orders.order_by("placed_at").select_related("user"),
                "form": form,
            }
            return TemplateResponse(request, "admin/hold.html", context)
        stopped = 0
        now, staff = timezone.now(), staff_of(request)
        for order in orders.select_related("user").order_by("pk"):
            if refusal := calls.refusal(staff, order, now):
                self.message_user(request, refusal, messages.ERROR)
                continue
            try:
                stopped += lifecycle.stop_packing(order, form.cleaned_data["reason"], now, staff.get_username())
            except Refused as refused:
                self.message_user(request, str(refused), messages.ERROR)
        self.message_user(request, f"{stopped} held. Nobody packs them until they are let go.")
        return None

    @admin.action(description="Let go: it may be packed", permissions=["hold"])
    def let_pack(self, request: HttpRequest, orders: QuerySet[Order]) -> None:
        now, by = timezone.now(), request.user.get_username()
        gone = sum(lifecycle.let_pack(order, now, by) for order in orders.order_by("pk"))
        self.message_user(request, f"{gone} let go." if gone else "None of them was held.")
