"""The three kinds of silence and the lost connection, in the words of a printer's row."""

from datetime import timedelta

import pytest
from django.test import Client

from enrollment.models import Plan
from printers import tokens
from printers.models import Printer
from tests.ars.account.conftest import report, text_of
from tests.factories import NOW

LISTS = ("/account/", "/account/replenishment/")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    ("state", "pill", "meaning"),
    [
        ({"heartbeat_at": NOW - HOUR, "unreachable_reason": "asleep"}, "Printer off or asleep", "Switched off is fine"),
        ({"heartbeat_at": NOW - 3 * DAY}, "Helper not running", "We hear neither the printer nor the helper"),
        ({"seen_at": None, "created_at": NOW - 2 * DAY}, "Never heard since pairing", "has never told us its ink"),
        ({"seen_at": None, "created_at": NOW}, "Waiting for the first reading", "Connected."),
    ],
)
def test_silence_is_told_apart(
    client: Client, plan: Plan, path: str, state: dict[str, object], pill: str, meaning: str
) -> None:
    report(plan, level=64, at=NOW - 9 * DAY)
    Printer.objects.update(**state)
    page = text_of(client, path)
    assert f"{pill} View Plan for Front desk" in page
    assert meaning in page


@pytest.mark.parametrize("path", LISTS)
def test_a_printer_that_left_is_not_connected_until_it_is_paired_again(client: Client, plan: Plan, path: str) -> None:
    assert plan.printer is not None
    tokens.issue(plan.printer)
    tokens.revoke_all(plan.printer, "test", NOW)
    assert "Not connected View Plan for Front desk" in text_of(client, path)
    tokens.issue(plan.printer)
    assert "All well View Plan for Front desk" in text_of(client, path)
