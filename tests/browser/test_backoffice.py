"""The back office in a browser: the first page, a queue and the reports, by day and by night, wide and narrow."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings

from ars.backoffice import counting, figures
from enrollment.models import User
from orders import lifecycle
from orders.models import Order
from tests.browser import scene
from tests.browser.conftest import Open, sign_in
from tests.browser.test_pages import PHONE, WIDE, violations, width_of
from tests.factories import LowSignalFactory, OrderFactory

PAGES = ("/admin/", "/admin/queues/held/", "/admin/queues/stuck-lowsignals/?show=asleep", "/admin/reports/?span=24h")


@pytest.fixture
def boss(ana: User, settings: Settings) -> User:
    """A superuser, where something waits and something was counted."""
    settings.STAFF_MFA_REQUIRED = False
    held = OrderFactory.create(status=Order.Status.RELEASED)
    lifecycle.stop_packing(held, "Two at one address.", scene.NOW - timedelta(days=3), "dana@example.com")
    LowSignalFactory.create_batch(2, due_at=scene.NOW - timedelta(hours=1))
    figures.keep(("orders", figures.hour_of(scene.NOW) - n * figures.HOUR, n % 7) for n in range(24))
    counting.count(scene.NOW)
    return User.objects.create_superuser("boss@example.com", scene.PASSWORD)


def look(page: Page, path: str) -> list[str]:
    page.goto(path)
    return violations(page)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [PHONE, WIDE])
def test_axe_finds_nothing_on_our_own_pages(open_page: Open, boss: User, width: int, dark: bool) -> None:
    page = open_page("/", width=width, dark=dark)
    sign_in(page, boss)
    assert [found for path in PAGES for found in look(page, path)] == []


def test_no_own_page_is_wider_than_a_phone(open_page: Open, boss: User) -> None:
    page = open_page("/", width=PHONE)
    sign_in(page, boss)
    for path in PAGES:
        page.goto(path)
        assert (path, width_of(page)) == (path, PHONE)


def test_the_next_one_is_two_clicks_from_signing_in_without_scripts(open_page: Open, boss: User) -> None:
    page = open_page("/", scripts=False)
    sign_in(page, boss)
    page.goto("/admin/")
    page.get_by_role("link", name="Orders on hold").click()
    page.get_by_role("button", name="Work the next one").click()
    expect(page).to_have_url(
        f"{page.url.split('/admin/')[0]}/admin/orders/order/{Order.objects.latest('pk').pk}/change/"
    )
    page.goto("/admin/")
    expect(page.get_by_text("yours since")).to_be_visible()
    page.goto("/admin/queues/held/")
    page.locator("summary", has_text="Put off").click()
    page.get_by_label("Until").fill((scene.NOW + timedelta(days=4)).date().isoformat())
    page.get_by_label("Why it can wait").fill("She calls back.")
    page.get_by_role("button", name="Put off").click()
    expect(page.get_by_text("Nothing waits.")).to_be_visible()
