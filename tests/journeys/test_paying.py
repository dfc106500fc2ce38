"""A card is refused, and the order is paid with another from the mail's link: in Chromium, without signing in."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.outside import PATIENCE, Json, World, text_of
from tests.waiting import eventually

pytestmark = pytest.mark.timeout(240)

PAID = re.compile(r"^Paid: \$[\d.]+, Mastercard 4444$")
MOST_MS = 20_000  # the answer comes on the same page within 20 seconds


def link_about(world: World, number: str) -> str:
    """The link of the newest mail about an order that has one."""
    found = [re.search(r"http\S+/pay/\S+", text_of(mail)) for mail in world.mails_about(number)]
    return next((link[0] for link in reversed(found) if link), "")


def type_card(page: Page, number: str) -> None:
    typed = {"number": number, "exp_month": "12", "exp_year": "34", "cvc": "123", "postal_code": "97201"}
    for name, text in typed.items():
        page.locator("[data-card-place]").get_by_placeholder(name).fill(text)


def test_a_refused_card_is_replaced_from_the_mails_link_and_the_order_ships(
    world: World, spare_device: Json, browser: Browser
) -> None:
    number = world.release(spare_device, "M")
    world.decline_next("insufficient_funds")
    world.warehouse.dispatch(number)
    assert world.warehouse.becomes(number, "payment_failed", PATIENCE)
    assert eventually(lambda: link_about(world, number) != "", PATIENCE)
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(link_about(world, number))
        expect(page.get_by_role("heading", level=1)).to_have_text("Your card did not go through")
        expect(page.get_by_text("The bank said there was not enough available.")).to_be_visible()
        type_card(page, "5555555555554444")
        page.get_by_role("button", name=re.compile(r"^Pay \$[\d.]+ with this card$")).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(PAID, timeout=MOST_MS)
    assert world.warehouse.order(number)["status"] == "shipped"
    assert world.paid_cents(number) == [world.warehouse.order(number)["total_cents"]]
    assert [charge.paid for charge in world.charges_of(number)].count(False) == 1
