"""My data: take it along as a file, or delete the account, which asks who it is, says what follows, and acts once."""

import time
from datetime import datetime, timedelta
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from django import forms
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from ars.account import export, order_rows
from ars.account.forms import EMAIL, EMAIL_ERRORS
from ars.account.order_rows import OrderRow
from ars.account.views import own_page
from billing import closing
from enrollment import links
from enrollment.links import LinkError
from enrollment.models import Closure, User
from orders import lifecycle, wishes
from printers.facts import Refused

PURPOSE = "delete-account"
FRESH = timedelta(minutes=15)


class DeleteForm(forms.Form):
    """The address, typed: nobody deletes an account by one press too many."""

    email = forms.CharField(
        label=EMAIL,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}),
        error_messages=EMAIL_ERRORS,
        help_text=_("Type the address of this account, so that it is not deleted by mistake."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_email(self) -> str:
        typed = str(self.cleaned_data["email"]).strip().lower()
        if typed != self.user.email.lower():
            raise forms.ValidationError(_("This is not the address of this account."))
        return typed


@own_page
def my_data(request: HttpRequest, user: User, now: datetime) -> HttpResponse:
    """What can be done with one's data."""
    return render(request, "account/my_data.html", {"tab": "sign-in"})


@own_page
def download(request: HttpRequest, user: User, now: datetime) -> StreamingHttpResponse:
    """All of it, as a file."""
    response = StreamingHttpResponse(export.pieces(user, now), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="my-data-{now:%Y-%m-%d}.json"'
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest) -> HttpResponse:
    """What is deleted, kept and still to come; then one button. A second press shows what the first did."""
    user = request.user
    if not isinstance(user, User):
        return redirect("my_data_deleted") if _was_deleted(request) else redirect_to_login(request.path)
    if not user.is_staff and not is_fresh(request, user):
        return _prove_first(request, user)
    form = DeleteForm(request.POST if request.method == "POST" else None, user=user)
    if request.method == "POST" and not user.is_staff and form.is_valid():
        try:
            closing.delete_account(user, timezone.now())
        except Refused as refused:
            form.add_error(None, gettext(str(refused)))
        else:
            logout(request)
            return redirect("my_data_deleted")
    return render(request, "account/my_data_delete.html", _shown(user, form))


@never_cache
@require_safe
def deleted(request: HttpRequest) -> HttpResponse:
    """It is done. Says nothing of anybody."""
    return render(request, "account/my_data_deleted.html")


def is_fresh(request: HttpRequest, user: User) -> bool:
    """Whether whoever sits there proved lately that it is them: by password, number of an app, or mailed code."""
    records = get_authentication_records(request, user)
    return any(time.time() - record["at"] < FRESH.total_seconds() for record in records)


def _prove_first(request: HttpRequest, user: User) -> HttpResponse:
    """By the password once more; who has none signs in anew, with a mailed code."""
    here = reverse("my_data_delete")
    if get_reauthentication_flows(user):
        return redirect_to_login(here, reverse("account_reauthenticate"))
    code = redirect_to_login(here, reverse("account_request_login_code"))["Location"]
    return render(request, "account/my_data_prove.html", {"next": code, "tab": "sign-in"})


def _shown(user: User, form: DeleteForm) -> dict[str, object]:
    now = timezone.now()
    under_way = [OrderRow(order, now) for order in order_rows.of(user).filter(status__in=wishes.UNDER_WAY)]
    return {
        "form": form,
        "ends": [row for row in under_way if row.order.status in lifecycle.NOT_PACKED],
        "comes": [row for row in under_way if row.order.status not in lifecycle.NOT_PACKED],
        "signed": links.sign(PURPOSE, user.pk),
        "tab": "sign-in",
    }


def _was_deleted(request: HttpRequest) -> bool:
    """Whether this form was sent before, by whoever held it, and did its work."""
    try:
        return Closure.objects.filter(user=links.read(PURPOSE, request.POST.get("account", ""))).exists()
    except LinkError:
        return False
