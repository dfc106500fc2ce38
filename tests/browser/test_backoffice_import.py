"""A price list brought in by clicking: two bad rows named, then a good file shown and done; reach, contrast, narrow."""

from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from playwright.sync_api import Page, expect
from pytest_django import Settings

from enrollment.models import User
from orders.models import Price
from tests.browser import scene
from tests.browser.conftest import Open, sign_in
from tests.browser.test_pages import PHONE, WIDE, violations, width_of
from tests.factories import UserFactory

IMPORT = "/admin/catalogue/import/"
HEAD = "sku,price_cents,currency,valid_from,demo"
BAD = (
    f"{HEAD}\nCLI-65-BK,0,usd,2026-12-05 06:00,no\nCLI-65-GY,1199,usd,soon,no\nCLI-65-C,1199,usd,2026-12-05 06:00,no\n"
)
GOOD = f"{HEAD}\nCLI-65-BK,1099,usd,2026-12-05 06:00,no\nCLI-65-GY,1199,usd,2026-12-05 06:00,no\n"


@pytest.fixture
def boss(ana: User, settings: Settings) -> User:
    settings.STAFF_MFA_REQUIRED = False
    hashed = make_password(scene.PASSWORD)
    return UserFactory.create(email="boss@example.com", is_staff=True, is_superuser=True, password=hashed)


def send(page: Page, text: str) -> None:
    file: Any = {"name": "prices.csv", "mimeType": "text/csv", "buffer": text.encode()}
    page.get_by_label("What is in the file").select_option("Prices")
    page.get_by_label("CSV file").set_input_files(file)
    page.get_by_role("button", name="Show what it changes").click()


@pytest.mark.parametrize(("width", "dark"), [(PHONE, False), (PHONE, True), (WIDE, False), (WIDE, True)])
def test_a_price_list_is_looked_at_corrected_and_brought_in(
    open_page: Open, boss: User, width: int, dark: bool
) -> None:
    before = Price.objects.count()
    page = open_page(width=width, dark=dark)
    sign_in(page, boss)
    page.goto("/admin/orders/price/")
    page.get_by_role("link", name="As CSV").click()
    look(page, width)
    send(page, BAD)
    expect(page.get_by_text("2 rows cannot be used, so nothing is changed.")).to_be_visible()
    expect(page.get_by_text("prices.csv, row 2, column price_cents: must be a whole number")).to_be_visible()
    expect(page.get_by_text("prices.csv, row 3, column valid_from: 'soon' is no moment")).to_be_visible()
    look(page, width)
    assert Price.objects.count() == before
    page.get_by_role("link", name="Choose another file").click()
    send(page, GOOD)
    expect(page.get_by_text("2 added, 0 changed, 0 as before. Nothing is done yet.")).to_be_visible()
    look(page, width)
    assert Price.objects.count() == before
    page.get_by_role("button", name="Change it as shown").click()
    expect(page.get_by_text("Prices: 2 added, 0 changed.")).to_be_visible()
    assert Price.objects.count() == before + 2


def look(page: Page, width: int) -> None:
    """Axe, with scripts of its own, and the width of the page."""
    assert width_of(page) <= width
    assert violations(page) == []
