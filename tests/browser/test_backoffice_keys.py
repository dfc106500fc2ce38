"""A key made by clicking and shown once, and failed messages sent again from their page; reach, contrast, narrow."""

from datetime import timedelta

import pytest
from django.contrib.auth.hashers import make_password
from playwright.sync_api import expect
from pytest_django import Settings

from enrollment.models import User
from notifications.models import Delivery
from tests.browser import scene
from tests.browser.conftest import Open, sign_in
from tests.browser.test_pages import PHONE, WIDE, violations, width_of
from tests.factories import DeliveryFactory, PartnerFactory, UserFactory

YESTERDAY = scene.NOW - timedelta(days=1)
WINDOWS = [(PHONE, False), (WIDE, True)]


@pytest.fixture
def boss(ana: User, settings: Settings) -> User:
    settings.STAFF_MFA_REQUIRED = False
    hashed = make_password(scene.PASSWORD)
    return UserFactory.create(email="boss@example.com", is_staff=True, is_superuser=True, password=hashed)


@pytest.mark.parametrize(("width", "dark"), WINDOWS)
def test_a_key_is_made_and_shown_once(open_page: Open, boss: User, width: int, dark: bool) -> None:
    PartnerFactory.create(name="Depot")
    page = open_page(width=width, dark=dark)
    sign_in(page, boss)
    page.goto("/admin/enrollment/apikey/add/")
    page.get_by_label("Partner").first.select_option("Depot")
    page.get_by_label("Scope").select_option("Warehouse")
    page.get_by_role("button", name="Save", exact=True).click()
    shown = page.locator("code")
    expect(shown).to_contain_text("ars_warehouse_")
    plain = shown.inner_text()
    assert (violations(page), width_of(page)) == ([], width)
    page.get_by_role("link", name="I have copied it: back to the list").click()
    expect(page.get_by_role("row").filter(has_text=plain[14:22])).to_be_visible()
    assert plain not in page.content()


@pytest.mark.parametrize(("width", "dark"), WINDOWS)
def test_what_failed_is_sent_again(open_page: Open, boss: User, width: int, dark: bool) -> None:
    DeliveryFactory.create(created_at=YESTERDAY, due_at=None, given_up_at=YESTERDAY, attempts=13)
    page = open_page(width=width, dark=dark)
    sign_in(page, boss)
    page.goto("/admin/notifications/delivery/")
    page.get_by_role("link", name="Send again what failed").click()
    assert violations(page) == []
    page.locator("#id_since_0").fill("2025-11-24")
    page.locator("#id_since_1").fill("00:00")
    page.get_by_role("button", name="Show how many").click()
    expect(page.get_by_text("1 to https://hooks.example/ars")).to_be_visible()
    assert (violations(page), width_of(page)) == ([], width)
    page.get_by_role("button", name="Send them again").click()
    expect(page.get_by_text("1 sent again.")).to_be_visible()
    assert Delivery.objects.get().given_up_at is None
