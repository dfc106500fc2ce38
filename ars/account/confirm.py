"""Confirming a payment with one's bank: the secret for the browser that asks it, and the word that it is back.

What the bank said is never taken from the browser. The form it sends tells us to ask the card service now.
"""

from dataclasses import asdict

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from ars.account import card_form
from ars.account.acting import own_button, own_form
from ars.account.pay import Door, attempt_in, by_link, by_owner
from billing import confirming
from enrollment.limits import Limit
from printers.facts import Refused

ASKED = Limit("confirm", most=20, seconds=3600)


def secret(request: HttpRequest, door: Door) -> HttpResponse:
    """Asked by the page's script: what it needs to put the bank's question, or the sentence that says why not."""
    if ASKED.count(door.user.pk) > ASKED.most:
        return card_form.too_many()
    try:
        return JsonResponse(asdict(confirming.begin(door.payment.order.pk, door.now)))
    except Refused as refused:
        status = 409 if refused.code == "nothing_to_confirm" else 503
        return JsonResponse({"sentence": str(refused)}, status=status)


def confirm(request: HttpRequest, door: Door) -> HttpResponse:
    """The browser is back from the bank, or its owner will pay another way: the page then tells how it stands."""
    if request.method == "POST":
        confirming.answered(door.payment.order.pk, attempt_in(request), door.now)
    return redirect(door.back)


linked = by_link(confirm)
linked_secret = require_POST(by_link(secret))
own = own_button(by_owner(confirm))
own_secret = login_required(require_POST(own_form(by_owner(secret))))
