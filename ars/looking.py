"""Looking at an account as its customer sees it: which pages are shown, in a transaction that cannot write.

The session stays that of staff; only while such a page is made is the request its customer's. Whatever is not named
here is refused. See docs/decisions/0027-looking-as-a-customer.md.
"""

import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.signals import user_logged_out
from django.db import InternalError, connection, transaction
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.template.response import SimpleTemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from psycopg2.errors import ReadOnlySqlTransaction

from ars.site.urls import urlpatterns as public
from enrollment import looks
from enrollment.acting import BACK_OFFICE, staff_of
from enrollment.models import Look, User

KEY = "look"  # in the session of staff: the number of their look
# Pages that only show, and forms, which can be read here and not sent. Not those where a card is typed or data taken.
SHOWN = frozenset(
    {
        *("account", "replenishment", "plan", "orders", "order", "mails", "mail", "my_data"),
        *("cartridge", "cartridge_why", "order_receipt", "order_return", "order_problem", "order_cancel"),
        *("plan_set_up", "plan_how_to_activate", "plan_address", "plan_name", "plan_when_low", "plan_pause"),
        *("plan_cancel", "disconnect"),
    }
)
PUBLIC = frozenset(page.name for page in public)
# Who holds a signed address acts for the customer, also after the look.
SIGNED = r"(?:mail/\w+|pay|welcome|has-it-come|is-it-in)/[^/\s\"'<>]+/[^\s\"'<>]*"


class Looking:
    """Middleware: what staff see, and may not do, while they look at an account."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, named: Any
    ) -> HttpResponseBase | None:
        """Before the page is made: nothing, where nobody looks at an account or the page is the back office's."""
        look_id = request.session.get(KEY) if settings.SESSION_COOKIE_NAME in request.COOKIES else None
        if look_id is None:
            return None
        in_office = request.path_info.startswith(BACK_OFFICE)
        look = _current(request, look_id)
        if look is None:
            return _over(request, look_id, in_office)
        request.look = look  # type: ignore[attr-defined]  # templates show it
        name = request.resolver_match.view_name if request.resolver_match else ""
        if in_office or (request.method in ("GET", "HEAD") and name in PUBLIC):
            return None
        if request.method not in ("GET", "HEAD") or name not in SHOWN:
            return refuse(request)
        return _show(request, look, lambda: view(request, *args, **named))


@receiver(user_logged_out)
def leave_with(request: HttpRequest | None, user: User | None, **_: Any) -> None:
    """Who signs out has left, too."""
    if request is not None and user is not None and (look_id := request.session.get(KEY)):
        looks.end(look_id, user.pk, timezone.now())


def refuse(request: HttpRequest) -> HttpResponse:
    """The page that says no."""
    return render(request, "backoffice/look_refused.html", status=403)


def _current(request: HttpRequest, look_id: int) -> Look | None:
    """The look, while whoever signed in may look: with their second factor, and their right."""
    if not admin.site.has_permission(request) or not request.user.has_perm(looks.RIGHT):
        return None
    return looks.current(look_id, staff_of(request), timezone.now())


def _over(request: HttpRequest, look_id: int, in_office: bool) -> HttpResponse | None:
    """It has ended by itself, or by a right that was taken: whoever sent something is told, and nothing is done."""
    del request.session[KEY]
    looks.end(look_id, request.user.pk, timezone.now())
    if in_office:
        return None
    messages.warning(request, "Your look at the account is over, so nothing was shown or done.")
    user_id = Look.objects.filter(pk=look_id).values_list("user_id", flat=True).first()
    return HttpResponseRedirect(reverse("backoffice:customer", args=[user_id]) if user_id else reverse("admin:index"))


def _show(request: HttpRequest, look: Look, page: Callable[[], HttpResponse]) -> HttpResponse:
    """The page as its customer gets it, in a transaction that cannot write, without what acts for them."""
    staff, request.user = request.user, look.user
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION READ ONLY")
            response = page()
            if isinstance(response, SimpleTemplateResponse):
                response.render()
    except InternalError as error:
        if not isinstance(error.__cause__, ReadOnlySqlTransaction):
            raise
        return refuse(request)
    finally:
        request.user = staff
    if not response.streaming:
        response.content = without_keys(response.content.decode()).encode()
    add_never_cache_headers(response)
    return response


def without_keys(html: str) -> str:
    """A page without the addresses that act for whoever holds them."""
    site = re.escape(settings.SITE_URL)
    led_nowhere = re.sub(rf"(href|action)=\"(?:{site})?/{SIGNED}\"", r'\1="#main"', html)
    return re.sub(rf"(?:{site})?/{SIGNED}", "[link]", led_nowhere)
