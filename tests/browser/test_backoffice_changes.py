"""The audit in a browser: a change made by clicking is found there, by keyboard reach and contrast as everywhere."""

import pytest
from django.contrib.auth.hashers import make_password
from playwright.sync_api import Page, expect
from pytest_django import Settings

from enrollment.models import User
from printers.models import PrinterModel
from tests.browser import scene
from tests.browser.conftest import Open, sign_in
from tests.browser.test_pages import PHONE, WIDE, violations, width_of
from tests.factories import UserFactory


@pytest.fixture
def boss(ana: User, settings: Settings) -> User:
    settings.STAFF_MFA_REQUIRED = False
    hashed = make_password(scene.PASSWORD)
    return UserFactory.create(email="boss@example.com", is_staff=True, is_superuser=True, password=hashed)


def close_a_model(page: Page) -> None:
    """As staff do, on its page."""
    page.goto(f"/admin/printers/printermodel/{PrinterModel.objects.get(name='TS8320').pk}/change/")
    page.get_by_label("Eligible").uncheck()
    page.get_by_role("button", name="Save", exact=True).click()


@pytest.mark.parametrize(("width", "dark"), [(PHONE, False), (PHONE, True), (WIDE, False), (WIDE, True)])
def test_a_change_is_found_by_whoever_looks_for_it(open_page: Open, boss: User, width: int, dark: bool) -> None:
    page = open_page(width=width, dark=dark)
    sign_in(page, boss)
    close_a_model(page)
    page.goto(f"/admin/printers/printermodel/{PrinterModel.objects.get(name='TS8320').pk}/change/")
    page.get_by_role("link", name="Changes", exact=True).first.click()
    row = page.get_by_role("row").filter(has_text="boss@example.com")
    expect(row).to_contain_text("eligible: True → False")
    assert violations(page) == []
    row.get_by_role("link").first.click()
    expect(page.get_by_role("row", name="eligible")).to_contain_text("False")
    assert violations(page) == []
    if width == PHONE:
        assert width_of(page) == PHONE


def test_the_list_is_searched(open_page: Open, boss: User) -> None:
    page = open_page("/")
    sign_in(page, boss)
    close_a_model(page)
    page.goto("/admin/enrollment/change/")
    page.locator("#searchbar").fill("nobody at all")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("0 changes")).to_be_visible()
    page.locator("#searchbar").fill("boss@")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("row").filter(has_text="TS8320")).to_be_visible()
