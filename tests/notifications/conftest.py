"""Fixtures of the notifications' tests: a customer whose printer is called Front desk, and mails that stay here."""

import pytest
from pytest_django.fixtures import Settings

from tests.notifications.listener import listener
from tests.orders.world import World, make_world

__all__ = ["listener"]


@pytest.fixture(autouse=True)
def brand(settings: Settings) -> None:
    """The names the tests read in mails, whatever the environment says."""
    settings.BRAND_NAME = "ARS"
    settings.SITE_URL = "https://ink.example"
    settings.SUPPORT_PHONE = "1-800-555-0100"
    settings.SUPPORT_HOURS = "Monday to Friday, 9 am to 6 pm Eastern"
    settings.SUPPORT_EMAIL = "help@ars.example"
    settings.DEFAULT_FROM_EMAIL = "Somebody <no-reply@ars.example>"
    settings.ORDER_GRACE_HOURS = 0


@pytest.fixture
def world(db: None) -> World:
    """Ten blacks in stock, no cyan; ink goes to Portland, Oregon."""
    made = make_world(nickname="Front desk", user__email="ana@example.com")
    made.stock("PGBK", 10)
    return made
