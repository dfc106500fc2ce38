"""An address in doubt: what is known of it, and a button for who found out that it is right after all."""

from datetime import datetime
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from ars.backoffice.pages import show, staff_page
from enrollment import doubts, notes, spelling
from enrollment.acting import staff_of
from enrollment.models import Address, User
from enrollment.notes import Written
from orders import wishes
from orders.models import Order
from printers.facts import Refused


class RightForm(forms.Form):
    """How one knows, for colleagues. Its key is made with the page, and says which doubt it showed."""

    how = forms.CharField(
        max_length=160,
        label="How do you know that it is right?",
        help_text="For colleagues: 'she read it to me'. The customer does not read it.",
    )
    key = forms.UUIDField(widget=forms.HiddenInput)
    seen = forms.CharField(widget=forms.HiddenInput)


@staff_page("enrollment.change_plan")
@require_http_methods(["GET", "HEAD", "POST"])
def doubt(request: HttpRequest, user_id: int, address_id: int) -> HttpResponse:
    """What is known, and a POST that ends the doubt; another address is given on its plan's own page."""
    related = Address.objects.select_related("user")
    address, staff, now = get_object_or_404(related, pk=address_id, user=user_id), staff_of(request), timezone.now()
    form = RightForm(
        request.POST if request.method == "POST" else None, initial={"key": uuid4(), "seen": _seen(address)}
    )
    if form.is_valid():
        return _confirm(request, address, form, staff, now)
    usual = spelling.one_line({**address.as_ship_to(), **spelling.tidied(address.as_ship_to())})
    return show(
        request,
        "backoffice/doubt.html",
        "Address in doubt" if address.doubt else "Address",
        address=address,
        typed=spelling.one_line(address.as_ship_to()),
        usual=usual,
        plans=address.plans.filter(status__in=doubts.IN_USE).select_related("model", "printer"),
        orders=_on_the_way(address),
        form=form,
    )


def _seen(address: Address) -> str:
    return f"{address.doubt} {address.doubted_at}"


def _on_the_way(address: Address) -> list[Order]:
    """The orders under way to this place."""
    under_way = Order.objects.filter(user=address.user_id, status__in=wishes.UNDER_WAY, ship_to=address.as_ship_to())
    return list(under_way.order_by("placed_at", "pk"))


def _confirm(request: HttpRequest, address: Address, form: RightForm, staff: User, now: datetime) -> HttpResponse:
    typed = form.cleaned_data
    text = f"Address {address.line1}, {address.city} is right: {typed['how']}"
    try:
        with transaction.atomic():
            if notes.add(address.user, Written(text, typed["key"]), staff, now):
                if typed["seen"] != _seen(address):
                    raise Refused("What is known of this address changed meanwhile: look once more.", "not_in_doubt")
                doubts.confirm(address)
        messages.success(request, f"{address.line1}, {address.city} is in doubt no more.")
    except Refused as refused:
        messages.error(request, str(refused))
        return HttpResponseRedirect(request.path)
    return HttpResponseRedirect(reverse("backoffice:queue", args=["doubtful-addresses"]))
