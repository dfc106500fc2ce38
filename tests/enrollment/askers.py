"""Devices that ask to be connected, for tests."""

from datetime import datetime
from typing import Any

from enrollment import pairing
from enrollment.models import PairingRequest, Plan, User
from enrollment.pairing import Asker, NoToken
from printers.models import PrinterModel
from tests.factories.printers import NOW

SERIAL = "ACDE04471"


def ask(now: datetime = NOW, **said: Any) -> tuple[PairingRequest, str]:
    """A request, as of a TR8620 on another continent, and its device code."""
    return pairing.begin(Asker(**{"make_and_model": "Canon TR8620", "serial_number": SERIAL} | said), now)


def approve(request: PairingRequest, user: User, model: PrinterModel, chosen: Plan | None = None) -> Plan:
    return pairing.approve(request, user, model, chosen, NOW)


def poll(device_code: str, now: datetime = NOW) -> str:
    """The error a poll is answered with, or the token."""
    try:
        return pairing.redeem(device_code, now)
    except NoToken as refused:
        return refused.error
