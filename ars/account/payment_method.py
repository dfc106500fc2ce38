"""Payment Method, Edit, Save (promise P14): a saved card or another one, and what it is charged for."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from ars.account import card_form
from ars.account.acting import own_form, say
from ars.account.card_form import PaymentMethodForm, card_page
from ars.account.charged_to import charged_to
from ars.account.plan_actions import data, of_living_plan
from ars.account.printer_rows import PrinterRow
from ars.account.set_up import next_page
from billing import cards
from billing.models import Card
from printers.facts import Refused


@card_page
@own_form
@of_living_plan
def payment_method(request: HttpRequest, row: PrinterRow) -> HttpResponse:
    """Which card pays for this printer. Sent a second time it says the same again."""
    plan = row.plan
    saved = list(Card.objects.filter(user=plan.user, removed_at=None).order_by("-created_at", "-pk"))
    form = PaymentMethodForm(data(request), saved=saved, current=row.card, today=row.clock.today)
    if request.method == "POST" and form.is_valid():
        everywhere = form.cleaned_data["everywhere"]
        try:
            card = form.keep(plan.user)
            cards.use_card(plan, card, row.now, everywhere=everywhere)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            say(request, *charged_to(plan, card, everywhere=everywhere))
            return redirect(next_page(plan))
    context = {"row": row, "form": form, "field": card_form.field(reverse("card_setup")), "tab": "replenishment"}
    return render(request, "account/payment_method.html", context)
