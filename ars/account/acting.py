"""The doors of pages that change something: forms that come back filled, and buttons that act on POST alone."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from enrollment.models import User
from printers.facts import Refused

Act = Callable[..., HttpResponse]
PARENT = "../"


def own_form(view: Act) -> Act:
    """GET shows, POST acts; for the signed-in alone. A rule that says no is told on the page above."""

    @wraps(view)
    def page(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            return view(request, request.user, timezone.now(), *args, **kwargs)
        except Refused as refused:
            messages.error(request, str(refused))
            return redirect(PARENT)

    return never_cache(require_http_methods(["GET", "HEAD", "POST"])(_signed_in(page)))


def own_button(view: Act) -> Act:
    """POST acts; whoever comes otherwise, as after signing in, is sent to the page the button stands on."""

    @own_form
    def button(request: HttpRequest, user: User, now: datetime, **kwargs: object) -> HttpResponse:
        return view(request, user, now, **kwargs) if request.method == "POST" else redirect(PARENT)

    return wraps(view)(button)


def _signed_in(view: Act) -> Act:
    """Strangers sign in first. Who had begun and was signed out meanwhile is told that what they sent did nothing."""
    own = login_required(view)

    @wraps(view)
    def page(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if request.method == "POST" and not request.user.is_authenticated:
            text = gettext("You were signed out meanwhile, so nothing was changed. Sign in, and do it once more.")
            messages.error(request, text)
        return own(request, *args, **kwargs)

    return page


def say(request: HttpRequest, *sentences: str) -> None:
    """Tell what was done, on the page that comes next."""
    for sentence in filter(None, sentences):
        messages.success(request, sentence)
