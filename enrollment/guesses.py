"""Codes people type: looked up, with the wrong ones limited by account and by address (RFC 8628, section 5.1)."""

from datetime import datetime

from django.utils.translation import gettext

from enrollment import pairing
from enrollment.limits import Limit
from enrollment.models import PairingRequest, User
from printers.facts import Refused

WAIT_SECONDS = 600
BY_ACCOUNT = Limit("pairing-code-account", 10, WAIT_SECONDS)
BY_ADDRESS = Limit("pairing-code-address", 20, WAIT_SECONDS)


class TooManyTries(Exception):
    """So many wrong codes that not even a right one is looked at for WAIT_SECONDS."""


def look_up(typed: str, user: User, address: str | None, now: datetime) -> PairingRequest:
    """The request that waits for an answer under this code. Refused, saying why, or TooManyTries."""
    tried_by = ((BY_ACCOUNT, user.pk), (BY_ADDRESS, address))
    if any(limit.is_reached(who) for limit, who in tried_by):
        raise TooManyTries
    found = pairing.find(typed)
    if found is None:
        for limit, who in tried_by:
            limit.count(who)
        raise Refused(gettext(pairing.UNKNOWN), "code_unknown")
    pairing.check_open(found, now)
    return found
