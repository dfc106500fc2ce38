"""The page on which staff give money back: what is wanted, then what will happen, and a POST of that acts once."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from billing.models import Charge, RefundRequest
from billing.refunds import limits, pieces, requests
from billing.refunds.pieces import Pieces
from billing.refunds.requests import Wanted
from enrollment import callers
from enrollment.acting import staff_of
from enrollment.models import User
from orders.money import display_amount
from printers.backoffice import ModelAdmin
from printers.facts import Refused

WHOLE, AMOUNT, LINES = "whole", "amount", "lines"
DONE_BEFORE = "This page was sent before; nothing is given back twice."


class RefundForm(forms.Form):
    """How much of a charge, or which pieces, and why. Its key is made with the page: sent twice, it is done once."""

    scope = forms.ChoiceField(widget=forms.RadioSelect, label="What goes back")
    amount = forms.DecimalField(min_value=0, decimal_places=2, max_digits=8, required=False, label="Amount")
    why = forms.ChoiceField(choices=[("", "Choose"), *RefundRequest.Why.choices], label="Reason")
    note = forms.CharField(
        max_length=160, label="Note", help_text="For colleagues and the accountant; the customer does not read it."
    )
    key = forms.UUIDField(widget=forms.HiddenInput)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, charge: Charge, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.charge, self.known = charge, pieces.of(charge)
        left = display_amount(charge.amount_cents - charge.refunded_cents, charge.currency)
        scopes = [(WHOLE, f"All that is left: {left}"), (AMOUNT, "An amount")]
        if any(each.left for each in self.known.values()):
            scopes.append((LINES, "Cartridges, with their share of discount and tax"))
        scope = self.fields["scope"]
        assert isinstance(scope, forms.ChoiceField)
        scope.choices = scopes
        for line_id, each in self.known.items():
            self.fields[f"line_{line_id}"] = _pieces_field(each, charge.currency)

    @property
    def line_fields(self) -> list[forms.BoundField]:
        """A count for each line of which something is left."""
        return [self[f"line_{line_id}"] for line_id, each in self.known.items() if each.left]

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if "scope" not in typed:
            return typed
        typed["pieces"] = self._pieces(typed)
        typed["cents"] = self._cents(typed)
        if not self.errors:
            try:
                requests.check(self.charge, typed["cents"])
            except Refused as refused:
                self.add_error("amount" if typed["scope"] == AMOUNT else None, str(refused))
        return typed

    @property
    def wanted(self) -> Wanted:
        """What a valid form asks for."""
        typed = self.cleaned_data
        why = RefundRequest.Why(typed["why"])
        return Wanted(typed["cents"], why, typed["note"], typed["key"], typed["pieces"])

    def _pieces(self, typed: dict[str, Any]) -> dict[int, int]:
        if typed["scope"] == WHOLE:
            return pieces.all_left(self.charge)
        if typed["scope"] == AMOUNT:
            return {}
        counts = {line_id: typed.get(f"line_{line_id}") or 0 for line_id in self.known}
        return {line_id: count for line_id, count in counts.items() if count}

    def _cents(self, typed: dict[str, Any]) -> int:
        if typed["scope"] == WHOLE:
            return self.charge.amount_cents - self.charge.refunded_cents
        if typed["scope"] == AMOUNT:
            return int((typed.get("amount") or 0) * 100)
        return sum(self.known[line_id].cents(count) for line_id, count in typed["pieces"].items())


def _pieces_field(each: Pieces, currency: str) -> forms.IntegerField:
    """How many of a line, of those that were not paid back yet."""
    first = display_amount(each.cents(1), currency) if each.left else ""
    label = f"{each.line.sku.name} ({each.line.sku.code})"
    return forms.IntegerField(
        min_value=0, max_value=each.left, required=False, label=label, help_text=f"of {each.left}, {first} each"
    )


@dataclass(frozen=True)
class Outcome:
    """What will happen, as the page says it before it does."""

    cents: int
    charge: Charge
    alone: bool

    @property
    def amount(self) -> str:
        """$26.76."""
        return display_amount(self.cents, self.charge.currency)

    @property
    def stays(self) -> str:
        """What of the charge stays ours after it."""
        return display_amount(self.charge.amount_cents - self.charge.refunded_cents - self.cents, self.charge.currency)


def facts(charge: Charge, staff: User) -> dict[str, Any]:
    """What a page says of a charge before anything of it is given back."""
    refunds = charge.refunds.select_related("charge", "request").order_by("created_at", "pk")
    limit = limits.limit_of(staff)
    return {
        "charge": charge,
        "taken": display_amount(charge.amount_cents, charge.currency),
        "back": display_amount(charge.refunded_cents, charge.currency),
        "left": display_amount(charge.amount_cents - charge.refunded_cents, charge.currency),
        "refunds": [(each, display_amount(each.amount_cents, charge.currency)) for each in refunds],
        "waiting": [
            (each, display_amount(each.amount_cents, charge.currency))
            for each in charge.requests.waiting().select_related("asked_by").order_by("asked_at")
        ],
        "limit": None if limit is None else display_amount(limit, charge.currency),
        "alone": display_amount(limits.given_alone(charge), charge.currency),
    }


def page(admin: ModelAdmin, request: HttpRequest, charge: Charge) -> HttpResponse:
    """GET asks what is wanted; POST shows what will happen, and only that page's button does it."""
    key = _key(request)
    known = RefundRequest.objects.filter(key=key).first() if key else None
    if known is not None:
        return _done(admin, request, known, new=False)
    given = request.POST if request.method == "POST" else None
    form = RefundForm(charge, given, initial={"key": uuid4(), "scope": WHOLE})
    outcome = None
    if form.is_valid():
        cents, seen = form.wanted.amount_cents, form.cleaned_data["seen"]
        if "give" in request.POST and seen == cents:
            return _give(admin, request, form)
        if "change" not in request.POST:
            outcome = Outcome(cents, charge, limits.covers(staff_of(request), charge, cents))
        if "give" in request.POST:
            admin.message_user(request, "Something was given back meanwhile: look once more.", messages.WARNING)
    return _shown(admin, request, form, outcome)


def _key(request: HttpRequest) -> UUID | None:
    """The key of the page that was sent, if there is one."""
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError:
        return None


def _shown(admin: ModelAdmin, request: HttpRequest, form: RefundForm, outcome: Outcome | None) -> HttpResponse:
    charge = form.charge
    staff = staff_of(request)
    context = {
        **admin.admin_site.each_context(request),
        **facts(charge, staff),
        "title": f"Give money back for order {charge.order}",
        "opts": admin.opts,
        "form": form,
        "outcome": outcome,
        "refusal": refusal(charge, 1) or callers.refusal(staff, charge.order.user, timezone.now()),
    }
    return TemplateResponse(request, "admin/refund.html", context)


def refusal(charge: Charge, cents: int) -> str:
    """Why so much of it cannot be given back; empty when it can."""
    try:
        requests.check(charge, cents)
    except Refused as refused:
        return str(refused)
    return ""


def _give(admin: ModelAdmin, request: HttpRequest, form: RefundForm) -> HttpResponse:
    now, staff = timezone.now(), staff_of(request)
    try:
        with transaction.atomic():
            callers.let_act(staff, form.charge.order.user, now)
            made, new = requests.ask(form.charge, form.wanted, staff, now)
            if new:
                log(admin, request, made, said(made))
    except Refused as refused:
        admin.message_user(request, str(refused), messages.ERROR)
        return HttpResponseRedirect(request.path)
    return _done(admin, request, made, new=new)


def said(made: RefundRequest) -> str:
    """What became of a request, as its page and the history say it."""
    charge = made.charge
    amount = display_amount(made.amount_cents, charge.currency)
    if made.refund is not None:
        return f"{amount} goes back to {charge.card or 'the card it came from'}."
    if made.decided_at is not None:
        return f"{amount} is not given back: declined."
    return f"{amount} is above your limit: it waits for a second person."


def log(admin: ModelAdmin, request: HttpRequest, made: RefundRequest, what: str) -> None:
    """In the histories of the request, of its charge and of its order."""
    for about in (made, made.charge, made.charge.order):
        admin.log_change(request, about, what)


def _done(admin: ModelAdmin, request: HttpRequest, made: RefundRequest, *, new: bool) -> HttpResponse:
    admin.message_user(request, said(made) if new else DONE_BEFORE, messages.SUCCESS if new else messages.WARNING)
    return HttpResponseRedirect(reverse("admin:billing_refundrequest_change", args=[made.pk]))
