"""The hot path: `POST /api/v1/telemetry`. A plain view, one statement, durable before 202."""

import logging
from datetime import datetime
from typing import Any

import msgspec
from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connection, connections
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from printers import catalogue, facts, supplies, tokens, tracing, words
from printers.door import for_devices, unauthorized
from printers.errors import errors_response
from printers.models import Slot
from printers.reports import InvalidReport, Report, parse

log = logging.getLogger(__name__)

NEXT_REPORT_SECONDS = 4 * 3600
INGEST = "SELECT printers_ingest(%s, %s, %s, %s, %s, %s, %s)"


@for_devices("POST")
def report(request: HttpRequest, token_hash: bytes) -> HttpResponse:
    """Take a printer's report. 202 means durably stored; what is low is decided soon."""
    try:
        taken = parse(request.body)
    except InvalidReport as invalid:
        if not tokens.is_live(token_hash):
            return unauthorized()
        return errors_response(400, invalid.errors)
    return answer(taken, token_hash, timezone.now())


def answer(taken: Report, token_hash: bytes, now: datetime) -> HttpResponse:
    """Store the report and say what is known of each supply."""
    outcome = ingest(taken, token_hash, now)
    if outcome is None:
        return unauthorized()
    if outcome["signalled"]:
        log.info("report taken: what is low changed")
        facts.nudge("low_signal")
    for slot in Slot.objects.filter(pk__in=outcome["named"]) if outcome["named"] else ():
        catalogue.confirm_mapping(slot)  # the printer named the cartridge we have for it
    states = outcome["supplies"]
    low = [(each["name"], each["replenishment"]) for each in states if each["status"] == "low"]
    body = {
        "message_id": taken.message_id,
        "supplies": [
            {"slot": each["slot"], "status": each["status"], "replenishment": each["replenishment"]} for each in states
        ],
        "display_message": words.display_message(low),
        "next_report_seconds": NEXT_REPORT_SECONDS,
    }
    return HttpResponse(msgspec.json.encode(body), content_type="application/json", status=202)


def ingest(taken: Report, token_hash: bytes, now: datetime) -> dict[str, Any] | None:
    """One round trip: authenticate, compare, write. None for an unknown or revoked token.

    Django asks a connection whether it lives before its first use in a request: a second round trip. A report may be
    said twice, so we find out by saying it, and say it again where a connection that was kept has died.
    """
    kept = connection.connection is not None
    connection.health_check_done = True  # type: ignore[attr-defined]  # Django's wrapper of any database has it
    try:
        return _ingest(taken, token_hash, now)
    except (OperationalError, InterfaceError):
        if not kept or connection.is_usable():
            raise
        connection.close()
        return _ingest(taken, token_hash, now)


def _ingest(taken: Report, token_hash: bytes, now: datetime) -> dict[str, Any] | None:
    items, usual = msgspec.json.encode(taken.items).decode(), supplies.usual(taken, now)
    told = None if usual is None else msgspec.json.encode(usual).decode()
    found = _call([token_hash, taken.observed_at, now, items, taken.says_low, tracing.current(), told])
    if usual is None or found != "{}":
        return None if found is None else msgspec.json.decode(found)
    fine = [{"slot": code, "status": "ok", "replenishment": "none"} for code in usual]
    return {"signalled": False, "named": [], "supplies": fine}


def _call(values: list[Any]) -> str | None:
    """By the driver's own cursor: Django's takes as long again as the driver. Errors are Django's all the same."""
    database = connections[DEFAULT_DB_ALIAS]
    database.ensure_connection()
    with database.wrap_database_errors, database.connection.cursor() as cursor:
        cursor.execute(INGEST, values)
        found: str | None = cursor.fetchone()[0]
    return found
