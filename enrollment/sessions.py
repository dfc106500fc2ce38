"""Ending sessions: each carries a number of its account, and is over when that number has grown."""

from importlib import import_module

from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.db.models import F
from django.http import HttpRequest

from enrollment.models import User


def end_all(user: User) -> None:
    """Nobody is signed in to the account any more, wherever they are."""
    User.objects.filter(pk=user.pk).update(sessions_ended=F("sessions_ended") + 1)


def end_others(request: HttpRequest, user: User) -> None:
    """Likewise, but for whoever asks this."""
    end_all(user)
    user.refresh_from_db(fields=["sessions_ended"])
    update_session_auth_hash(request, user)


def forget() -> None:
    """Delete those that are over by time: nobody can come back to them."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
