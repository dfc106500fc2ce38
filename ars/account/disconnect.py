"""Taking a printer's token away: it can report no more until it is connected again. The plan stays."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ars.account import printer_rows
from enrollment import owned_printers
from enrollment.models import User
from printers.facts import Refused

CAUSE = "disconnected by its owner"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def disconnect(request: HttpRequest, plan_id: int) -> HttpResponse:
    """What it means, and one button; a second press changes nothing."""
    assert isinstance(request.user, User)
    plan = get_object_or_404(printer_rows.of(request.user), pk=plan_id, printer__isnull=False)
    if request.method != "POST":
        return render(request, "account/disconnect.html", {"plan": plan, "tab": "replenishment"})
    try:
        if owned_printers.disconnect(plan, CAUSE, timezone.now()):
            messages.success(request, gettext("%(printer)s is disconnected.") % {"printer": plan})
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("plan", plan.pk)
