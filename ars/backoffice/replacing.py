"""A lost, wrong or defective cartridge, told by phone: what a new one costs us is shown, then it is sent, free."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from ars.backoffice.pages import show, staff_page
from enrollment import callers
from enrollment.acting import staff_of
from enrollment.models import User
from orders import aftercare, replacements
from orders.aftercare import Pieces
from orders.models import Complaint, Order
from orders.money import display_amount
from printers.facts import Refused


class ReplaceForm(forms.Form):
    """What is wrong, and how many pieces of each line. `seen` gives a second click away."""

    kind = forms.ChoiceField(choices=Complaint.Kind.choices, widget=forms.RadioSelect, label="What is wrong?")
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, left: Iterable[Pieces], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.left = list(left)
        for each in self.left:
            self.fields[f"line_{each.line.pk}"] = forms.IntegerField(
                min_value=0,
                max_value=each.left,
                initial=each.left,
                label=f"{each.line.sku.name} ({each.line.sku.code}), of {each.left}",
            )

    @property
    def counts(self) -> list[forms.BoundField]:
        """A field for each line of which something is left."""
        return [self[f"line_{each.line.pk}"] for each in self.left]

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if not self.errors and not self.meant:
            self.add_error(None, "Say how many: at least one.")
        return typed

    @property
    def meant(self) -> list[tuple[Pieces, int]]:
        """The pieces meant of each line."""
        counted = [(each, self.cleaned_data.get(f"line_{each.line.pk}") or 0) for each in self.left]
        return [(each, count) for each, count in counted if count]


@dataclass(frozen=True)
class Effect:
    """What will happen."""

    pieces: list[str]
    worth: str
    limit: str
    waits: bool


@staff_page("orders.change_order")
@require_http_methods(["GET", "HEAD", "POST"])
def replace(request: HttpRequest, order_id: int) -> HttpResponse:
    """GET asks what is wrong; a POST shows what will happen, and only that page's button does it, once."""
    order = get_object_or_404(Order.objects.select_related("user", "plan"), pk=order_id)
    staff, now = staff_of(request), timezone.now()
    known = aftercare.pieces(order)
    left = [each for each in known.values() if each.left] if order.status in aftercare.LEFT_US else []
    form = ReplaceForm(request.POST or None, left=left, initial={"seen": aftercare.claimed(known)})
    effect = None
    if request.method == "POST" and form.is_valid():
        if request.POST.get("act") == "send":
            return _send(request, order, form, staff, now)
        effect = effect_of(order, form, staff, now)
    context = {
        "order": order,
        "form": form,
        "effect": effect,
        "left": left,
        "refusal": callers.refusal(staff, order.user, now),
    }
    return show(request, "backoffice/replace.html", f"Replace what order {order} brought", **context)


def effect_of(order: Order, form: ReplaceForm, staff: User, now: datetime) -> Effect:
    """What sending these would mean."""
    cents = replacements.value(form.meant, now)
    free = replacements.needs_nobody(order.user_id, cents, now) or _may_decide(staff)
    return Effect(
        [f"{count} × {each.line.sku.name}" for each, count in form.meant],
        display_amount(cents, order.currency),
        display_amount(settings.REPLACEMENT_LIMIT_CENTS, order.currency),
        waits=not free,
    )


def _may_decide(staff: User) -> bool:
    """Whether somebody's word is enough, whatever it costs."""
    return staff.has_perm("orders.change_complaint")


def _send(request: HttpRequest, order: Order, form: ReplaceForm, staff: User, now: datetime) -> HttpResponse:
    wanted = {each.line.pk: count for each, count in form.meant}
    kind, seen, by = form.cleaned_data["kind"], form.cleaned_data["seen"], staff.get_username()
    try:
        with transaction.atomic():
            callers.let_act(staff, order.user, now)
            complaint = replacements.complain(order, kind, wanted, now, seen=seen, by=by)
            if complaint.sent_at is None and _may_decide(staff):
                replacements.send(complaint, now, by)
    except Refused as refused:
        messages.error(request, str(refused))
        return HttpResponseRedirect(request.path)
    complaint.refresh_from_db()
    if complaint.sent_at is None:
        messages.warning(request, "Above the limit: a Support lead decides. It waits in “Replacements to decide”.")
    else:
        sent = ", ".join(str(each) for each in order.replacements.filter(placed_at=now))
        messages.success(request, f"Sent free of charge: order {sent}.")
    return HttpResponseRedirect(reverse("admin:orders_order_change", args=[order.pk]))
