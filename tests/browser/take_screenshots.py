"""Takes the pictures of docs/screenshots, phone and desktop, by day and by night: `make screenshots`. Not a test.

Run as `pytest tests/browser/take_screenshots.py`: the pages are served on Ana's day, so pictures change only with them.
"""

from pathlib import Path

import pytest
from playwright.sync_api import expect
from pytest_django import Settings

from ars.backoffice import counting
from enrollment.models import User
from orders.models import Order
from tests.browser.conftest import Open, sign_in
from tests.browser.scene import NOW, PASSWORD
from tests.browser.tour import PUBLIC, own_pages

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
WINDOWS = {"phone": 390, "desktop": 1280}
PAGES = (
    *("landing", "printers", "printer", "prices-yours", "help"),
    *("sign-in", "account", "replenishment", "plan-studio"),
    *("orders", "order-shipped", "order-payment_failed"),
)


AT_NIGHT = ("account",)


@pytest.mark.parametrize("dark", [False, True], ids=["day", "night"])
@pytest.mark.parametrize("window", WINDOWS)
def test_take_screenshots(open_page: Open, ana: User, window: str, dark: bool) -> None:
    page = open_page(width=WINDOWS[window], dark=dark)
    FOLDER.mkdir(parents=True, exist_ok=True)
    addresses = PUBLIC | own_pages(ana)
    for name in AT_NIGHT if dark else PAGES:
        if name not in PUBLIC and page.get_by_role("link", name="Sign in", exact=True).count():
            sign_in(page, ana)
        page.goto(addresses[name])
        page.screenshot(path=FOLDER / f"{name}-{window}-{'night' if dark else 'day'}.png", full_page=True)


@pytest.mark.parametrize("dark", [False, True], ids=["day", "night"])
@pytest.mark.parametrize("window", WINDOWS)
def test_take_screenshots_of_the_back_office(
    open_page: Open, ana: User, settings: Settings, window: str, dark: bool
) -> None:
    settings.STAFF_MFA_REQUIRED = False
    boss = User.objects.create_superuser("dana@ars.example", PASSWORD, full_name="Dana Fox")
    counting.count(NOW)
    page = open_page(width=WINDOWS[window], dark=dark)
    sign_in(page, boss)
    waits = Order.objects.get(status=Order.Status.BACKORDERED)
    pages = {
        "office": "/admin/",
        "office-customer": f"/admin/customers/{ana.pk}/",
        "office-cancel": f"/admin/cancel/?order={waits.pk}",
        "office-backorders": f"/admin/backorders/{waits.lines.get().sku_id}/",
        "office-pause": f"/admin/customers/{ana.pk}/plans/{waits.plan_id}/pause/",
        "office-pack": "/admin/pack/",
        "office-reports": "/admin/reports/",
    }
    for name in ("office-customer",) if dark else pages:
        page.goto(pages[name])
        path, long = FOLDER / f"{name}-{window}-{'night' if dark else 'day'}.png", name in ("office", "office-customer")
        page.screenshot(path=path, full_page=not long)
    if not dark:
        page.goto(f"/admin/customers/{ana.pk}/look/")
        page.get_by_label("Why").fill("Cannot find the tracking number.")
        page.get_by_role("button", name="See the pages of Ana Ruiz").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Your ink")
        page.screenshot(path=FOLDER / f"office-look-{window}-day.png")
