"""Finishing a plan, whichever way it came: the list of its steps, the agreement, and how its printer is connected."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext

from ars.account import printer_rows, set_up
from ars.account.acting import own_form, say
from ars.account.offer import Offer
from ars.account.plan_actions import of_living_plan
from ars.account.printer_rows import PrinterRow
from ars.account.views import own_page
from ars.site import agent
from enrollment import lifecycle, terms
from enrollment.models import Plan, User
from enrollment.network import address_of


@own_form
@of_living_plan
def steps(request: HttpRequest, row: PrinterRow) -> HttpResponse:
    """What is done and what comes next. POST begins a plan that lacks nothing, once its printer is free."""
    if row.plan.status != Plan.Status.PENDING:
        return redirect("plan", row.plan.pk)
    if request.method == "POST":
        lifecycle.activate(row.plan, row.now, "customer")
        return redirect("plan", row.plan.pk)
    context = {"row": row, "set_up": row.set_up, "taken": gettext(lifecycle.TAKEN), "tab": "replenishment"}
    return render(request, "account/set_up.html", context)


@own_form
@of_living_plan
def consent(request: HttpRequest, row: PrinterRow) -> HttpResponse:
    """What is agreed to, with today's prices beside the button (promise P7). Sent twice, it is agreed to once."""
    if row.plan.status != Plan.Status.PENDING or "consent" not in row.set_up.missing:
        return redirect(row.set_up.next_page)
    offer = Offer.of(row.plan.model_id, row.now)
    if request.method == "POST" and request.POST.get("shown") == offer.fingerprint:
        lifecycle.agree(row.plan, offer.prices_cents, address_of(request), row.now)
        return _agreed(request, row)
    context = {
        "row": row,
        "offer": offer,
        "changed": request.method == "POST",
        "version": terms.VERSION,
        "tab": "replenishment",
    }
    return render(request, "account/consent.html", context)


@own_page
def how_to_activate(request: HttpRequest, user: User, now: datetime, plan_id: int) -> HttpResponse:
    """How this printer is connected: by the program, or as the instructions for its series say (promise P2)."""
    row = PrinterRow(get_object_or_404(printer_rows.of(user), pk=plan_id), now)
    if row.plan.status == Plan.Status.CANCELLED or "printer" not in row.set_up.missing:
        return redirect("plan", plan_id)
    context = {"row": row, "model": row.plan.model, "tab": "replenishment", **agent.steps()}
    return render(request, "account/how_to_activate.html", context)


def _agreed(request: HttpRequest, row: PrinterRow) -> HttpResponse:
    """On to what comes next; where nothing does, the plan runs."""
    next_page = set_up.next_page(row.plan)
    row.plan.refresh_from_db(fields=["status"])
    if row.plan.status == Plan.Status.ACTIVE:
        text = gettext("Done. From now on we order ink for %(printer)s when it is low.")
        say(request, text % {"printer": row.plan.display_name})
    return redirect(next_page)
