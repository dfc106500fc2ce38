"""Connecting a printer in a browser: from the code to the first reading, with scripts and without."""

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, expect

from enrollment import pairing
from enrollment.models import Plan, User
from enrollment.pairing import Asker
from tests.ars.account.conftest import report
from tests.browser import scene
from tests.browser.conftest import Open, sign_in
from tests.browser.test_pages import violations, width_of
from tests.enrollment.askers import poll
from tests.factories import PlanFactory

pytestmark = pytest.mark.xdist_group("browser")  # one Chromium at a time
PHONE, WIDE = 360, 1280
WINDOWS = [(width, dark) for width in (PHONE, WIDE) for dark in (False, True)]


@pytest.fixture(autouse=True)
def _no_tries_yet() -> None:
    cache.clear()


def ask(called: str = "Canon TS702", *, serial: str = "ACDE04471", asked_from: str = "127.0.0.1") -> tuple[str, str]:
    """The code to type, and the device's own."""
    request, device_code = pairing.begin(Asker(called, serial, None, asked_from), scene.NOW)
    return request.display_code, device_code


def first_reading(page: Page, device_code: str) -> None:
    """The device fetches its token, and reports a minute later."""
    plan = Plan.objects.select_related("printer").get(pk=int(page.url.rstrip("/").rpartition("/")[2]))
    poll(device_code, scene.NOW)
    for slot in plan.model.slots.all():
        report(plan, level=9 if slot.code == "C" else 64, at=scene.NOW.replace(minute=45), code=slot.code)


def say_yes(page: Page, code: str) -> None:
    page.get_by_label("Code on the screen").fill(code.lower())
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Is this your printer?")
    page.get_by_role("button", name="Yes, connect it").click()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_printer_is_connected_and_its_first_reading_seen(open_page: Open, ana: User, scripts: bool) -> None:
    page = open_page(scripts=scripts)
    sign_in(page, ana)
    page.goto("/activate/")
    code, device_code = ask()
    say_yes(page, code)
    expect(page.get_by_role("heading", level=1)).to_have_text("Waiting for the first reading")
    first_reading(page, device_code)
    expect(page.get_by_role("heading", level=1)).to_have_text("Connected")  # it looks by itself
    expect(page.get_by_text("Cyan is low now. We order it today, as soon as the set-up is finished.")).to_be_visible()
    expect(page.get_by_role("link", name="Next: shipping address")).to_be_visible()


def test_the_address_with_the_code_outlives_signing_in(open_page: Open, ana: User) -> None:
    code, _ = ask()
    page = open_page(f"/activate/?user_code={code}")
    page.get_by_label("E-mail address").fill(ana.email)
    page.get_by_label("Password").fill(scene.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Is this your printer?")
    page.get_by_role("button", name="No, not mine").click()
    expect(page.get_by_role("status")).to_contain_text("Nothing was connected.")


@pytest.mark.parametrize(("width", "dark"), WINDOWS)
def test_axe_finds_nothing_on_the_way(open_page: Open, ana: User, width: int, dark: bool) -> None:
    PlanFactory.create(user=ana, model=Plan.objects.get(nickname="Warehouse").model, nickname="Loft", pending=True)
    page = open_page(width=width, dark=dark)
    sign_in(page, ana)
    far, device_code = ask(asked_from="203.0.113.70")
    series, _ = ask("Canon TR8600 series", serial="")
    unknown, _ = ask("Canon TS8430 series")
    found = []
    for code in ("", far, series, unknown, "BBBB-BBBB"):
        page.goto(f"/activate/?user_code={code}")
        found += violations(page)
        assert width_of(page) <= width
    page.goto(f"/activate/?user_code={far}")
    page.get_by_role("button", name="Yes, connect it").click()
    expect(page.get_by_role("alert").first).to_contain_text("This field is required.")
    found += violations(page)
    page.get_by_label("Loft").check()
    page.get_by_role("button", name="Yes, connect it").click()
    found += violations(page)
    first_reading(page, device_code)
    page.reload()
    found += violations(page)
    assert found == []


def test_the_keyboard_is_enough(open_page: Open, ana: User) -> None:
    page = open_page()
    sign_in(page, ana)
    page.goto("/activate/")
    page.get_by_label("Code on the screen").focus()
    page.keyboard.type(ask()[0])
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Yes, connect it").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Waiting for the first reading")
