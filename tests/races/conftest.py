"""Every race is run at NOW."""

from collections.abc import Iterator

import pytest
import time_machine

from tests.factories.printers import NOW
from tests.notifications.listener import listener

__all__ = ["listener"]


@pytest.fixture(autouse=True)
def at_now() -> Iterator[None]:
    """Facts made at NOW are due, and nobody's clock runs."""
    with time_machine.travel(NOW, tick=False):
        yield
