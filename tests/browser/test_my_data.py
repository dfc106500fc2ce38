"""Taking one's data along and deleting the account, with scripts and without; ink over time, opened by keyboard."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from enrollment.models import Plan, User
from orders.models import Order
from tests.browser.conftest import Open, sign_in
from tests.browser.test_pages import violations

pytestmark = pytest.mark.xdist_group("browser")  # one Chromium at a time


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def my_data(open_page: Open, ana: User, request: pytest.FixtureRequest) -> Page:
    page = open_page(scripts=request.param)
    sign_in(page, ana)
    page.get_by_role("link", name="Sign-in").click()
    page.get_by_role("link", name="Export or delete my data").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your data")
    return page


def test_export_and_delete_an_account(my_data: Page, ana: User) -> None:
    page, email = my_data, ana.email
    with page.expect_download() as download:
        page.get_by_role("link", name="Export my data").click()
    assert download.value.suggested_filename == "my-data-2025-11-26.json"
    kept = json.loads(Path(download.value.path()).read_text())
    assert (kept["account"]["email"], len(kept["orders"])) == (email, Order.objects.count())
    page.get_by_role("link", name="Delete my account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Delete your account?")
    page.get_by_label("E-mail address").fill("ana@example.org")
    page.get_by_role("button", name="Delete my account").click()
    expect(page.get_by_role("alert")).to_contain_text("This is not the address of this account.")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_role("button", name="Delete my account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account is deleted")
    expect(page.get_by_role("link", name="Sign in", exact=True)).to_be_visible()
    page.goto("/account/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    assert not ana.plans.exclude(status="cancelled").exists()
    assert {order.status for order in Order.objects.all()} == {"cancelled", "shipped", "delivered", "returned"}


def test_keep_my_account_changes_nothing(my_data: Page, ana: User) -> None:
    page = my_data
    page.get_by_role("link", name="Delete my account").click()
    page.get_by_role("link", name="Keep my account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your data")
    ana.refresh_from_db()
    assert ana.is_active


@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_nothing_on_the_way_out_or_on_ink_over_time(open_page: Open, ana: User, dark: bool) -> None:
    page = open_page(width=360, dark=dark)
    sign_in(page, ana)
    page.goto("/account/data/delete/")
    page.get_by_role("button", name="Delete my account").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert violations(page) == []
    page.goto(f"/account/replenishment/{Plan.objects.get(nickname='Front desk').pk}/")
    page.get_by_text("Show chart and table").press("Enter")
    page.get_by_text("Cyan as a table").press("Enter")
    expect(page.get_by_role("table", name="Cyan")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == 360
