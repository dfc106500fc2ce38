"""The way into the back office: the same sign-in as everybody's, then a second factor, and then its first page."""

import time
from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from ars.backoffice import dashboard
from enrollment.acting import staff_of
from printers.backoffice import NUMBER

FRESH = 12 * 60 * 60  # seconds: a working day, after which staff prove once more that it is them


class BackOffice(AdminSite):
    """Who has a second factor has passed it: no other door signs anybody in (allauth's stages see to that)."""

    def has_permission(self, request: HttpRequest) -> bool:
        """Staff with a second factor, which is looked up once a request."""
        if not super().has_permission(request) or is_stale(request):
            return False
        if not settings.STAFF_MFA_REQUIRED:
            return True
        known: dict[int, bool] = request.__dict__.setdefault("second_factor", {})
        user = staff_of(request)
        if user.pk not in known:
            known[user.pk] = is_mfa_enabled(user)
        return known[user.pk]

    def admin_view(self, view: Callable[..., HttpResponseBase], cacheable: bool = False) -> Any:
        """Django's lists fail where the number of a ticked row is none: that is refused before they look."""

        def numbered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not all(NUMBER.fullmatch(ticked) for ticked in request.POST.getlist(ACTION_CHECKBOX_NAME)):
                raise BadRequest("A row is named by its number.")
            return view(request, *args, **kwargs)

        return super().admin_view(update_wrapper(numbered, view), cacheable)

    @method_decorator(never_cache)
    def login(self, request: HttpRequest, extra_context: object = None) -> HttpResponse:
        """Not a door of its own: leads to what is missing, sign-in or second factor."""
        if self.has_permission(request):
            return redirect("admin:index")
        if not request.user.is_authenticated:
            return redirect_to_login(request.GET.get("next") or reverse("admin:index"))
        if not request.user.is_staff:
            raise PermissionDenied
        if is_stale(request):
            return redirect_to_login(request.GET.get("next") or reverse("admin:index"), "account_reauthenticate")
        return redirect("mfa_activate_totp")

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """What waits, whether all flows, and today; Django's lists below."""
        known = dashboard.context(staff_of(request), timezone.now())
        return super().index(request, {"title": "Back office", **known, **(extra_context or {})})


def is_stale(request: HttpRequest) -> bool:
    """Whether whoever is signed in last proved it longer than FRESH ago."""
    records = get_authentication_records(request, request.user)
    return bool(records) and time.time() - records[-1]["at"] > FRESH
