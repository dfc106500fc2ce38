"""What a customer changes about a plan: each a form that is saved, or a button, and then the plan's page again."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import wraps
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext

from ars.account import printer_rows, set_up
from ars.account.acting import Act, own_button, own_form, say
from ars.account.address_form import AddressForm
from ars.account.forms_of_plan import NameForm, PauseForm, WhenLowForm
from ars.account.moved import moved
from ars.account.printer_rows import PrinterRow
from enrollment import lifecycle
from enrollment.models import Address, Plan, User
from orders import wishes
from printers.facts import Refused

Save = Callable[[dict[str, Any]], Iterable[str]]


def of_living_plan(view: Act) -> Act:
    """The view of a plan that has not ended, by its row; one that has ended shows its own page instead."""

    @wraps(view)
    def found(request: HttpRequest, user: User, now: datetime, plan_id: int, **kwargs: object) -> HttpResponse:
        row = PrinterRow(get_object_or_404(printer_rows.of(user), pk=plan_id), now)
        if row.plan.status != Plan.Status.CANCELLED:
            return view(request, row, **kwargs)
        if request.method == "POST":
            raise Refused(gettext("This plan has ended, so it cannot be changed."), "plan_ended")
        return redirect("plan", plan_id)

    return found


def edit(
    request: HttpRequest, row: PrinterRow, form: forms.Form, save: Save, *, is_step: bool = False, **shown: Any
) -> HttpResponse:
    """Show a form; once it is right, save it and tell what that did, on the plan's page or on that of its next step."""
    if request.method == "POST" and form.is_valid():
        try:
            said = save(form.cleaned_data)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            say(request, *said)
            return redirect(set_up.next_page(row.plan)) if is_step else redirect("plan", row.plan.pk)
    return show(request, row, form, **shown)


def show(request: HttpRequest, row: PrinterRow, form: forms.Form, **shown: Any) -> HttpResponse:
    """A form of a plan on its page."""
    context = {"row": row, "form": form, "tab": "replenishment", **shown}
    return render(request, "account/plan_form.html", context)


@own_form
@of_living_plan
def shipping_address(request: HttpRequest, row: PrinterRow) -> HttpResponse:
    """Shipping Address, Edit, Save (promise P14). Sent a second time it says the same again."""
    plan, known = row.plan, row.plan.shipping_address
    used = known or Address.objects.filter(user=plan.user_id).order_by("pk").last()

    def save(typed: dict[str, Any]) -> Iterable[str]:
        where = {"phone": known.phone if known else "", "country": "US", **typed}
        wishes.readdress(plan, where, row.now)
        return moved(plan, where, row.clock)

    form = AddressForm(data(request), initial=AddressForm.of(used) or {"full_name": plan.user.full_name})
    if form.is_valid() and form.must_ask:
        form.ask()
        return show(request, row, form, heading=gettext("Shipping Address"))
    came_back = known is not None and known.doubt == Address.Doubt.CAME_BACK
    return edit(request, row, form, save, is_step=True, heading=gettext("Shipping Address"), came_back=came_back)


@own_form
@of_living_plan
def name(request: HttpRequest, row: PrinterRow) -> HttpResponse:
    """What the printer is called."""

    def save(typed: dict[str, Any]) -> Iterable[str]:
        lifecycle.rename(row.plan, typed["nickname"])
        yield gettext("Saved. It is called %(name)s now.") % {"name": row.plan.display_name}

    form = NameForm(data(request), initial={"nickname": row.plan.nickname})
    return edit(request, row, form, save, heading=gettext("Rename this printer"))


@own_form
@of_living_plan
def when_low(request: HttpRequest, row: PrinterRow) -> HttpResponse:
    """Send it, a day first, or ask."""

    def save(typed: dict[str, Any]) -> Iterable[str]:
        lifecycle.choose_when_low(row.plan, typed["when_low"], row.now)
        yield gettext("Saved. It holds from the next order on.")

    form = WhenLowForm(data(request), initial={"when_low": row.plan.when_low})
    return edit(request, row, form, save, heading=gettext("When ink is low"))


@own_form
@of_living_plan
def pause(request: HttpRequest, row: PrinterRow) -> HttpResponse:
    """Order nothing until a day, or until resumed."""

    def save(typed: dict[str, Any]) -> Iterable[str]:
        until = typed["until"]
        lifecycle.pause(row.plan, until, row.now)
        text = gettext("Paused until %(day)s. We watch, but order nothing.") if until else gettext("Paused.")
        yield text % {"day": row.clock.day(until)} if until else text

    form = PauseForm(data(request), today=row.now.date(), initial={"until": row.plan.paused_until})
    return edit(request, row, form, save, heading=gettext("Pause this plan"), button=gettext("Pause"))


@own_button
@of_living_plan
def resume(request: HttpRequest, row: PrinterRow) -> HttpResponse:
    """End a pause."""
    lifecycle.resume(row.plan, row.now)
    say(request, gettext("It goes on. What is low is ordered now."))
    return redirect("plan", row.plan.pk)


def data(request: HttpRequest) -> Any:
    """What was sent; None when nothing was, however empty."""
    return request.POST if request.method == "POST" else None
