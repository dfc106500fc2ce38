"""What a device says besides its reports: that it lives though the printer does not answer, and that it leaves."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from printers import tokens
from printers.door import for_devices, unauthorized
from printers.errors import Problem, errors_response
from printers.models import Printer
from printers.reports import InvalidReport, Reader, boolean, json_object

DEREGISTERED = "deregistered by the device"
Unreachable = Printer.Unreachable


@for_devices("DELETE")
def deregister(request: HttpRequest, token_hash: bytes) -> HttpResponse:
    """The device gives its token back: 204. The plan stays, without a connected printer."""
    token = tokens.find(token_hash)
    if token is None or not tokens.revoke(token, DEREGISTERED, timezone.now()):
        return unauthorized()
    return HttpResponse(status=204)


@for_devices("POST")
def heartbeat(request: HttpRequest, token_hash: bytes) -> HttpResponse:
    """Take a sign of life of the helper, and what it knows of the printer: 204."""
    try:
        reason = unreachable_reason(request.body)
    except InvalidReport as invalid:
        return errors_response(400, invalid.errors) if tokens.is_live(token_hash) else unauthorized()
    return HttpResponse(status=204) if note(token_hash, reason, timezone.now()) else unauthorized()


def unreachable_reason(body: bytes) -> str:
    """Why the printer does not answer, empty when it does; InvalidReport naming every wrong field.

    Who says no more than that it does not answer has said `no_answer`.
    """
    errors: list[Problem] = []
    reader = Reader(json_object(body), "", errors)
    reachable = reader.take("printer_reachable", boolean, required=True)
    reason = reader.take("reason", _reason)
    if errors:
        raise InvalidReport(errors)
    return "" if reachable else reason or Unreachable.NO_ANSWER


def note(token_hash: bytes, reason: str, now: datetime) -> bool:
    """Keep the sign of life; False for an unknown or revoked token."""
    heard = Printer.objects.filter(tokens__token_hash=token_hash, tokens__revoked_at=None)
    return heard.update(heartbeat_at=now, unreachable_reason=reason) == 1


def _reason(value: Any) -> str:
    if not isinstance(value, str) or value not in Unreachable.values:
        raise ValueError(f"Must be one of {', '.join(Unreachable.values)}.")
    return value
