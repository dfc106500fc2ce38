"""Changing and ending a plan by the words on its buttons (promises P14, P15), with scripts and without."""

import re

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from enrollment.models import Address, Plan, PlanSlot, User
from orders.models import Order
from tests.browser.conftest import Open, sign_in
from tests.browser.scene import PASSWORD
from tests.browser.test_pages import violations

SIGNED_OUT = "You were signed out meanwhile, so nothing was changed. Sign in, and do it once more."


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def plan_page(open_page: Open, ana: User, request: pytest.FixtureRequest) -> Page:
    """View Plan of the studio, reached as the promise says."""
    page = open_page(scripts=request.param)
    sign_in(page, ana)
    page.get_by_role("link", name="Auto Replenishment Service").click()
    row = page.get_by_role("region", name="Active printers").get_by_role("listitem").filter(has_text="Studio")
    row.get_by_role("link", name="View Plan").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Studio")
    return page


def says(page: Page, *words: str) -> None:
    """Waits for the page that says this, and nothing else: the one clicked on may still be there, or not yet whole."""
    expect(page.get_by_role("status")).to_have_text([*words])


def test_shipping_address_edit_save(plan_page: Page) -> None:
    page = plan_page
    page.get_by_role("definition").filter(has_text="Elm Street").get_by_role("link", name="Edit").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Shipping Address")
    page.get_by_label("Street address").fill("7 Oak Avenue")
    page.get_by_label("City").fill("Austin")
    page.get_by_label("ZIP code").fill("78701")
    page.get_by_role("button", name="Save").click()
    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("78701 is a ZIP code of Texas, not of Oregon.")
    expect(page).to_have_title(re.compile("^Error: "))
    summary.get_by_role("link").click()
    expect(page.get_by_label("ZIP code")).to_be_focused()
    page.get_by_label("State").select_option("Texas")
    page.get_by_role("button", name="Save").click()
    order = Order.objects.get(plan__nickname="Studio")
    says(
        page,
        "Saved. From the next order on, ink goes to 7 Oak Avenue, Austin.",
        f"Order {order.display_number} goes to the new address.",
    )
    order.refresh_from_db()
    assert order.ship_to["city"] == "Austin"


def test_view_plan_cancel_plan_reason_cancel_plan(plan_page: Page) -> None:
    page = plan_page
    page.get_by_role("link", name="Cancel Plan").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cancel the plan for Studio?")
    expect(page.get_by_label("I would rather not say")).to_be_checked()
    expect(page.get_by_label("Cancel it too")).to_be_checked()
    page.get_by_label("Still send it").check()
    page.get_by_label("I buy ink elsewhere").check()
    page.get_by_role("button", name="Cancel Plan").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cancelled")
    expect(page.get_by_text("We wrote to a...@example.com.")).to_be_visible()
    order = Order.objects.get(plan__nickname="Studio")
    still = page.get_by_role("region", name="What still comes")
    expect(still.get_by_role("listitem")).to_contain_text([order.display_number])
    assert order.status == "backordered"
    assert Plan.objects.get(nickname="Studio").events.get().note == "elsewhere"


def test_keep_my_plan_changes_nothing(plan_page: Page) -> None:
    page = plan_page
    page.get_by_role("link", name="Cancel Plan").click()
    page.get_by_role("link", name="Keep my plan").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Studio")
    assert Plan.objects.get(nickname="Studio").status == "active"


def test_pause_and_resume(plan_page: Page) -> None:
    page = plan_page
    page.get_by_role("link", name="Pause", exact=True).click()
    page.get_by_label("Pause until").fill("2026-01-05")
    page.get_by_role("button", name="Pause").click()
    says(page, "Paused until Mon 5 Jan 2026. We watch, but order nothing.")
    page.get_by_role("button", name="Resume").click()
    says(page, "It goes on. What is low is ordered now.")


def test_skip_and_undo(plan_page: Page) -> None:
    page = plan_page
    page.get_by_role("button", name="Skip next for Yellow").click()
    expect(page.get_by_text("The next one is skipped, once.")).to_be_visible()
    page.get_by_role("button", name="Undo skip for Yellow").click()
    says(page, "The next Yellow is ordered as always.")


def test_a_backorder_is_kept_and_then_cancelled(plan_page: Page) -> None:
    page = plan_page
    page.get_by_role("link", name="See order").click()
    page.get_by_role("button", name="Keep waiting").click()
    expect(page.get_by_text("You asked us on Wed 26 Nov to keep it.")).to_be_visible()
    page.get_by_role("link", name="Cancel it").click()
    page.get_by_role("button", name="Cancel this order").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cancelled")
    page.get_by_role("button", name="Order it now").click()
    says(page, "We order it now. You see it under Orders in a moment.")


def test_a_session_that_ended_meanwhile_changes_nothing_and_leads_back(plan_page: Page, ana: User) -> None:
    page = plan_page
    page.get_by_role("definition").filter(has_text="Elm Street").get_by_role("link", name="Edit").click()
    page.get_by_label("Street address").fill("7 Oak Avenue")
    Session.objects.all().delete()
    page.get_by_role("button", name="Save").click()
    says(page, SIGNED_OUT)
    sign_in_here(page, ana)
    expect(page.get_by_role("heading", level=1)).to_have_text("Shipping Address")
    expect(page.get_by_label("Street address")).to_have_value("12 Elm Street")
    says(page)
    assert not Address.objects.filter(line1="7 Oak Avenue").exists()


def test_a_button_pressed_after_the_session_ended_does_nothing(plan_page: Page, ana: User) -> None:
    page = plan_page
    Session.objects.all().delete()
    page.get_by_role("button", name="Skip next for Yellow").click()
    says(page, SIGNED_OUT)
    sign_in_here(page, ana)
    expect(page.get_by_role("heading", level=1)).to_have_text("Yellow")
    assert not PlanSlot.objects.filter(skip_next=True).exists()


def sign_in_here(page: Page, user: User) -> None:
    """On the page one was sent to."""
    page.get_by_label("E-mail address").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_cancelling_a_plan_needs_no_mouse(open_page: Open, ana: User) -> None:
    page = open_page()
    sign_in(page, ana)
    page.goto(f"/account/replenishment/{Plan.objects.get(nickname='Studio').pk}/")
    press_on(page, "Cancel Plan")
    page.get_by_label("I would rather not say").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("I sold, gave away or returned the printer")).to_be_checked()
    press_on(page, "Cancel Plan")
    expect(page.get_by_role("heading", level=1)).to_have_text("Cancelled")


def press_on(page: Page, text: str) -> None:
    """Tab until the focus is on it, and press Enter."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == text:
            break
    else:
        pytest.fail(f"the keyboard does not reach {text}")
    page.keyboard.press("Enter")


@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_nothing_on_a_form_with_mistakes_or_an_ended_plan(open_page: Open, ana: User, dark: bool) -> None:
    page = open_page(width=360, dark=dark)
    sign_in(page, ana)
    home = f"/account/replenishment/{Plan.objects.get(nickname='Studio').pk}/"
    for address in ("shipping-address/", "pause/"):
        page.goto(home + address)
        page.locator("main input:visible").first.fill("")
        if address == "pause/":
            page.get_by_label("Pause until").fill("2020-01-01")
        page.get_by_role("button", name="Save" if address != "pause/" else "Pause").click()
        expect(page.get_by_role("alert")).to_be_visible()
        assert violations(page) == []
    page.goto(f"{home}cancel/")
    page.get_by_role("button", name="Cancel Plan").click()
    assert violations(page) == []
