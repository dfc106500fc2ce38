"""The way into a customer's own pages, and out: a reason, what it means, and a button; then half an hour, read-only."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from ars.backoffice.acts import Effect
from ars.backoffice.pages import show, staff_page
from ars.looking import KEY
from enrollment import looks
from enrollment.acting import staff_of
from enrollment.models import Look, User
from printers.facts import Refused


class LookForm(forms.Form):
    """Why."""

    why = forms.CharField(max_length=160, label="Why", help_text="For colleagues: 'cannot find the tracking number'.")

    asks = False  # nothing is chosen


@staff_page(looks.RIGHT)
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest, user_id: int) -> HttpResponse:
    """GET says what it means; POST begins it, and leads to the customer's first page."""
    user, staff, now = get_object_or_404(User, pk=user_id), staff_of(request), timezone.now()
    form = LookForm(request.POST if request.method == "POST" else None)
    name = user.full_name or user.email
    try:
        looks.require_customer(user)
        if form.is_valid():
            request.session[KEY] = looks.begin(user, staff, form.cleaned_data["why"], now).pk
            return HttpResponseRedirect(reverse("account"))
    except Refused as refused:
        return show(request, "backoffice/act.html", f"See {name}’s pages", customer=user, refusal=str(refused))
    minutes = round(looks.LASTS.total_seconds() / 60)
    will = [
        f"You see the pages of {name} as they do, for {minutes} minutes; a bar on top says so.",
        "Nothing can be changed there: each button is refused, links that act are taken out, cards cannot be typed.",
        "Who looked, when, until when and why stands in the customer’s story and under Changes.",
    ]
    effect = Effect(will, f"See the pages of {name}")
    return show(request, "backoffice/act.html", f"See {name}’s pages", customer=user, form=form, effect=effect)


@staff_page()
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """It is over; back to the customer's page here. Pressed twice, it is the same."""
    look_id = request.session.pop(KEY, None)
    if look_id is None:
        return HttpResponseRedirect(reverse("admin:index"))
    looks.end(look_id, staff_of(request).pk, timezone.now())
    messages.success(request, "You have left the customer’s pages.")
    user_id = Look.objects.values_list("user_id", flat=True).get(pk=look_id)
    return HttpResponseRedirect(reverse("backoffice:customer", args=[user_id]))
