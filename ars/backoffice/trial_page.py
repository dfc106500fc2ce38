"""The pages of test printers: make one, and play the printer, the warehouse and the carrier to it."""

from datetime import datetime

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from ars.backoffice import trials
from ars.backoffice.pages import show, staff_page
from enrollment.acting import staff_of
from enrollment.models import Plan
from orders.models import Order, Replenishment
from printers import supplies
from printers.facts import Refused
from printers.models import PrinterModel

RIGHT = "enrollment.change_plan"
SHOWN = 30
LOOK_EVERY = 2  # seconds, while workers are at it


class ModelForm(forms.Form):
    """Which printer it pretends to be."""

    model = forms.ModelChoiceField(PrinterModel.objects.filter(eligible=True).order_by("name"), empty_label="Choose")


@staff_page(RIGHT)
@require_http_methods(["GET", "HEAD", "POST"])
def trials_page(request: HttpRequest) -> HttpResponse:
    """The test printers there are, the newest first; a POST makes one."""
    form = ModelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        plan, token = trials.make(form.cleaned_data["model"], staff_of(request), timezone.now())
        return _shown(request, plan, token=token)
    known = Plan.objects.filter(printer__is_test=True).select_related("printer", "model__series", "user")
    made = known.order_by("-pk")[:SHOWN]
    return show(request, "backoffice/trials.html", "Test printers", form=form, plans=made)


@staff_page(RIGHT)
@require_http_methods(["GET", "HEAD", "POST"])
def trial_page(request: HttpRequest, plan_id: int) -> HttpResponse:
    """One test printer; a POST plays one step. 404 for a customer's."""
    known = Plan.objects.filter(printer__is_test=True).select_related("printer", "model__series")
    plan = get_object_or_404(known, pk=plan_id)
    if request.method != "POST":
        return _shown(request, plan)
    try:
        _play(request, plan, timezone.now())
    except Refused as refused:
        messages.error(request, str(refused))
    return HttpResponseRedirect(reverse("backoffice:trial", args=[plan.pk]))


def _play(request: HttpRequest, plan: Plan, now: datetime) -> None:
    act, what = request.POST.get("act"), request.POST.get("what", "")
    if act in ("low", "full"):
        slot = plan.model.slots.filter(code=what).first()
        if slot is None:
            raise Refused("This printer has no such supply.", "no_slot")
        trials.report(plan, slot.code, trials.LOW if act == "low" else trials.FULL, now)
    elif act in ("pack", "deliver"):
        order = Order.objects.filter(plan=plan, pk=what if what.isdecimal() else 0).select_related("plan").first()
        if order is None:
            raise Refused("It has no such order.", "no_order")
        (trials.pack if act == "pack" else trials.deliver)(order, now)
    else:
        raise Refused("Choose what happens next.", "unknown_act")


def _shown(request: HttpRequest, plan: Plan, *, token: str = "") -> HttpResponse:
    """What the printer knows, its needs and its orders; `token` only when it was just made."""
    assert plan.printer is not None  # asked for
    plan.printer.refresh_from_db()
    slots = [(slot, supplies.state(plan.printer, slot.code)) for slot in plan.model.slots.order_by("position")]
    orders = list(Order.objects.filter(plan=plan).order_by("-pk").prefetch_related("lines__sku", "events")[:SHOWN])
    needs = Replenishment.objects.filter(plan=plan, closed_at=None).select_related("slot")
    context = {"plan": plan, "slots": slots, "orders": orders, "needs": needs, "token": token}
    undecided = any(state is not None and state.replenishment == "deciding" for _, state in slots)
    again = LOOK_EVERY if not token and (undecided or trials.is_under_way(orders)) else ""
    return show(request, "backoffice/trial.html", f"Test printer {plan.printer.serial_number}", again=again, **context)
