"""Fixtures of the printers' tests."""

from collections.abc import Iterator

import pytest
import time_machine

from printers import door
from printers.rates import Rates
from tests.factories.printers import NOW
from tests.printers.device import Device, make_device


@pytest.fixture
def device(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Device]:
    """A printer with a black and a cyan slot, one hour after NOW."""
    monkeypatch.setattr(door, "rates", Rates())
    with time_machine.travel(NOW.replace(hour=NOW.hour + 1), tick=False):
        yield make_device()
