"""Ending every sign-in of a caller whose phone or computer is in other hands."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from ars.backoffice.acts import Act, Effect, Typed, answer
from ars.backoffice.call_forms import WhyForm
from ars.backoffice.pages import staff_page
from enrollment import sessions
from enrollment.models import User
from printers.facts import Refused

WILL = (
    "Whoever is signed in to this account, on whatever device, is signed out at once.",
    "To sign in again takes the password or a code by mail: if the mailbox is in other hands too, close that first.",
    "Plans, orders and printers go on.",
)


@staff_page("enrollment.change_plan")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_out(request: HttpRequest, user_id: int) -> HttpResponse:
    """Shown, then done, with a note."""
    user = get_object_or_404(User, pk=user_id)

    def effect(typed: Typed, now: datetime) -> Effect:
        _require_customer(user)
        return Effect(WILL, "Sign them out everywhere", no_mail="No mail goes out: they asked for it.")

    def do(typed: Typed, now: datetime, staff: User) -> str:
        _require_customer(user)
        sessions.end_all(user)
        return f"{user.full_name or user.email} is signed out everywhere."

    return answer(request, Act("Sign out everywhere", user, WhyForm, effect, do, "Signed out everywhere"))


def _require_customer(user: User) -> None:
    if user.is_staff:
        raise Refused("This account is of staff: its owner ends its sign-ins, under Sign-in.", "staff_account")
