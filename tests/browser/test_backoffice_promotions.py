"""A promotion entered by clicking: what it does is read before it begins."""

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from playwright.sync_api import Page, expect
from pytest_django import Settings

from enrollment.models import User
from orders.models import Promotion
from tests.browser.conftest import Open, sign_in
from tests.browser.scene import PASSWORD
from tests.browser.test_pages import PHONE, WIDE, violations, width_of
from tests.factories import UserFactory


@pytest.fixture
def cleo(ana: User, settings: Settings) -> User:
    """Of the catalogue, without a second factor."""
    settings.STAFF_MFA_REQUIRED = False
    person: User = UserFactory.create(email="cleo@ink.example", is_staff=True, password=make_password(PASSWORD))
    person.groups.add(Group.objects.get(name="Catalogue"))
    return person


def type_it(page: Page, cleo: User) -> None:
    sign_in(page, cleo)
    page.goto("/admin/orders/promotion/add/")
    page.locator("[name=name]").fill("Autumn weeks")
    page.locator("[name=percent]").fill("10")
    page.locator("[name=scope]").select_option("everything")
    for name, day in (("starts_at", "2025-11-01"), ("ends_at", "2026-01-01")):
        page.locator(f"[name={name}_0]").fill(day)
        page.locator(f"[name={name}_1]").fill("00:00:00")
    page.locator("[name=_save]").click()
    expect(page.get_by_role("heading", name="What Autumn weeks does")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_it_begins_once_it_was_read_what_it_does(open_page: Open, cleo: User, *, scripts: bool) -> None:
    page = open_page(scripts=scripts)
    type_it(page, cleo)
    expect(page.get_by_role("heading", name="Open orders: none changes")).to_be_visible()
    assert not Promotion.objects.exists()
    page.get_by_role("button", name="Type it again").click()
    expect(page.locator("[name=name]")).to_have_value("Autumn weeks")
    page.locator("[name=percent]").fill("20")
    page.locator("[name=_save]").click()
    expect(page.get_by_text("20 % off")).to_be_visible()
    page.get_by_role("button", name="Begin it so").click()
    expect(page.get_by_text("was added successfully")).to_be_visible()
    assert Promotion.objects.get().percent == 20


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [PHONE, WIDE])
def test_axe_finds_nothing(open_page: Open, cleo: User, width: int, dark: bool) -> None:
    page = open_page(width=width, dark=dark)
    type_it(page, cleo)
    assert violations(page) == []
    assert width_of(page) == width
