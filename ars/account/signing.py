"""Who signs in and out: what is noted of it, ending it everywhere, and what ends it everywhere by itself."""

from datetime import datetime
from typing import Any

import structlog
from allauth.account.signals import email_changed
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
)
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext

from ars.account.acting import PARENT, own_button, say
from enrollment import sessions
from enrollment.models import User

log = structlog.get_logger(__name__)


@own_button
def sign_out_elsewhere(request: HttpRequest, user: User, now: datetime) -> HttpResponse:
    """End every other session: of a lost phone, of a borrowed computer."""
    sessions.end_others(request, user)
    say(request, gettext("You are signed out everywhere but here."))
    return redirect(PARENT)


@receiver([authenticator_added, authenticator_removed, authenticator_reset, email_changed])
def opened_otherwise(request: HttpRequest, user: User, **_: Any) -> None:
    """Whoever came in by what opened the account before is out; a new password does so by itself."""
    if request.user == user:  # not where the first address is proven, by who is about to come in
        sessions.end_others(request, user)


@receiver(user_logged_in)
def signed_in(user: User, **_: Any) -> None:
    log.info("signed in", user=user.pk, staff=user.is_staff)


@receiver(user_logged_out)
def signed_out(user: User | None, **_: Any) -> None:
    if user:
        log.info("signed out", user=user.pk)


@receiver(user_login_failed)
def refused(**_: Any) -> None:
    """Without the address: it may be anybody's, or a password in the wrong field."""
    log.warning("a password was refused at sign-in")


@receiver(authentication_failed)
def second_factor_refused(user: User, **_: Any) -> None:
    log.warning("a second factor was refused", user=user.pk)
