"""Enrolling a printer somebody has (promises P1, P4): its series, its model, its serial number; then its set-up."""

import re
from typing import Any

from django import forms
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ars.account import set_up
from ars.account.activate import too_many_tries
from ars.site import printer_list
from ars.site.caching import public_page
from enrollment import owned_printers
from enrollment.models import Plan, User
from enrollment.pairing import normalise_serial
from printers.facts import Refused
from printers.models import PrinterModel, Series

SERIAL = re.compile(r"[A-Z0-9]{5,20}", re.ASCII)


class SerialForm(forms.Form):
    """The number on the label, for who finds it."""

    serial = forms.CharField(
        label=_("Serial number"),
        max_length=60,
        required=False,
        help_text=_("On the label on the back, beside “S/N”: letters and digits, such as ACDE04471."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "class": "code"}
        ),
    )

    def clean_serial(self) -> str:
        serial = normalise_serial(self.cleaned_data["serial"])
        if serial and not SERIAL.fullmatch(serial):
            text = _("A serial number is 5 to 20 letters and digits. Look again, or leave the field empty.")
            raise forms.ValidationError(text)
        return serial


@public_page
def series(request: HttpRequest) -> HttpResponse:
    """Which series it is of. `?model=` knows that already."""
    if known := PrinterModel.objects.filter(slug=request.GET.get("model", "").replace("\x00", "")).first():
        return redirect("enroll_printer", known.slug)
    return render(request, "enroll/series.html", {"list": printer_list.read(), "begun": _begun(request)})


@public_page
def models(request: HttpRequest, series: str) -> HttpResponse:
    """Which model of the series it is."""
    of_series = get_object_or_404(Series, slug=series)
    eligible = PrinterModel.objects.filter(series=of_series, eligible=True).order_by("name")
    return render(request, "enroll/models.html", {"series": of_series, "models": list(eligible)})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def printer(request: HttpRequest, slug: str) -> HttpResponse:
    """Its serial number, which makes the pending plan; a stranger is shown what comes, and two ways to an account."""
    model = get_object_or_404(PrinterModel.objects.select_related("series"), slug=slug)
    if not isinstance(request.user, User):
        return redirect_to_login(request.path) if request.method == "POST" else _ask(request, model)
    form = SerialForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _ask(request, model, form)
    try:
        plan, _new = owned_printers.begin(request.user, model, form.cleaned_data["serial"], timezone.now())
    except owned_printers.TooManyTries:
        return too_many_tries(request)
    except Refused as refused:
        form.add_error("serial" if model.eligible else None, gettext(str(refused)))
        return _ask(request, model, form)
    return redirect(set_up.next_page(plan))


def _ask(request: HttpRequest, model: PrinterModel, form: SerialForm | None = None) -> HttpResponse:
    context: dict[str, Any] = {"model": model, "form": form, "goes_on_at": request.path}
    if isinstance(request.user, User):
        context["plans"] = owned_printers.begun(request.user, model)
    return render(request, "enroll/printer.html", context)


def _begun(request: HttpRequest) -> list[Plan]:
    """What the visitor has begun and not finished."""
    if not isinstance(request.user, User):
        return []
    pending = Plan.objects.filter(user=request.user, status=Plan.Status.PENDING)
    return list(pending.select_related("model__series", "printer").order_by("pk"))
