"""A call, by clicking: an order number finds the customer, a mailed code verifies them, their address is changed."""

import re

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.core import mail
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django import Settings

from enrollment.models import Plan, User
from notifications import outbox
from orders.models import Order
from tests.browser.conftest import Open, sign_in
from tests.browser.scene import PASSWORD
from tests.browser.test_pages import WINDOWS, violations, width_of
from tests.factories import UserFactory


@pytest.fixture
def dana(ana: User, settings: Settings) -> User:
    """Of support, without a second factor."""
    settings.STAFF_MFA_REQUIRED = False
    made: User = UserFactory.create(
        email="dana@ink.example", full_name="Dana Fox", is_staff=True, password=make_password(PASSWORD)
    )
    made.groups.add(Group.objects.get(name="Support"))
    return made


def find(page: Page, text: str) -> None:
    page.goto("/admin/")
    page.get_by_role("searchbox", name="Find a customer").fill(text)
    page.keyboard.press("Enter")


def mailed_code() -> str:
    while outbox.send_next(timezone.now()):
        pass
    found = re.search(r"^\s*(\d{6})$", str(mail.outbox[-1].body), re.MULTILINE)
    assert found is not None
    return found[1]


def read_out(page: Page) -> None:
    page.get_by_role("button", name="Verify caller: send a code").click()
    page.get_by_label("The code the caller reads out").fill(mailed_code())
    page.get_by_role("button", name="Verify caller").click()
    expect(page.get_by_text(re.compile("by code .dana@ink.example., 30 min left"))).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_call_from_the_number_to_the_new_address(open_page: Open, ana: User, dana: User, scripts: bool) -> None:
    page = open_page(scripts=scripts)
    sign_in(page, dana)
    order = Order.objects.get(status="backordered")
    find(page, f"ARS {order.display_number}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ana Ruiz")
    change = page.get_by_role("link", name="Change the address for Studio")
    change.click()
    expect(page.get_by_text("Verify the caller first")).to_be_visible()
    page.get_by_role("link", name="Back to Ana Ruiz").click()
    read_out(page)
    change.click()
    page.get_by_label("Street address").fill("7 Oak Avenue")
    page.get_by_label("City").fill("Austin")
    page.get_by_label("State").select_option("TX")
    page.get_by_label("ZIP code").fill("78701")
    page.get_by_label("Why").fill("Has moved house.")
    page.get_by_role("button", name="Show what will happen").click()
    if page.get_by_label("As you typed it").count():
        page.get_by_label("As you typed it").check()
        page.get_by_role("button", name="Show what will happen").click()
    expect(page.get_by_text(f"Order {order.display_number} goes there too")).to_be_visible()
    page.get_by_role("button", name="Send ink to 7 Oak Avenue, Austin").click()
    expect(page.get_by_text(f"Order {order.display_number} goes to the new address.")).to_be_visible()
    order.refresh_from_db()
    assert order.ship_to["city"] == "Austin"
    expect(page.get_by_text("Has moved house.").first).to_be_visible()


def test_keys_lead_to_the_search_and_to_the_note(open_page: Open, ana: User, dana: User) -> None:
    page = open_page()
    sign_in(page, dana)
    page.goto(f"/admin/customers/{ana.pk}/")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Find a customer")).to_be_focused()
    page.keyboard.type("n/")
    expect(page.get_by_role("searchbox", name="Find a customer")).to_have_value("n/")
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("n")
    expect(page.get_by_label("Note", exact=True)).to_be_focused()
    page.keyboard.type("Has a dog.")
    page.get_by_role("button", name="Keep the note").click()
    expect(page.get_by_role("heading", name="Notes")).to_be_visible()


def pages_of(ana: User) -> list[str]:
    plan = Plan.objects.get(nickname="Studio")
    customer = f"/admin/customers/{ana.pk}/"
    finds = [f"/admin/find/?q={text}" for text in ("example", "r", "Studio%20x")]
    return [*finds, customer, f"{customer}?chip=money", f"{customer}plans/{plan.pk}/address/"]


@pytest.mark.parametrize(("width", "dark"), WINDOWS)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    open_page: Open, ana: User, dana: User, width: int, dark: bool
) -> None:
    UserFactory.create(full_name="Ana Other", email="example.person@example.com")
    UserFactory.create(full_name="Example Two")
    page, found, wide = open_page(width=width, dark=dark), list[str](), list[str]()
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    sign_in(page, dana)
    addresses = pages_of(ana)
    for address in addresses:
        page.goto(address)
        found += violations(page)
        wide += [address] if width_of(page) > width else []
    page.goto(f"/admin/customers/{ana.pk}/")
    read_out(page)
    found += violations(page)
    page.goto(addresses[-1])
    page.get_by_role("button", name="Show what will happen").click()
    found += violations(page)
    assert (found, wide) == ([], [])


def test_a_backorder_is_cancelled_by_phone_in_three_clicks(open_page: Open, ana: User, dana: User) -> None:
    """From the first page: find the number, cancel at its row, and the button that says what it does."""
    page = open_page()
    sign_in(page, dana)
    order = Order.objects.get(status="backordered")
    find(page, order.number)
    page.get_by_role("link", name=f"Cancel order {order.display_number}").click()
    expect(page.get_by_text("Nothing was charged, and nothing will be.")).to_be_visible()
    page.get_by_role("button", name="Cancel the order").click()
    expect(page.get_by_text("1 order is cancelled.")).to_be_visible()
    order.refresh_from_db()
    assert order.status == "cancelled"
