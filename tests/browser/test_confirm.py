"""Confirming a payment with one's bank in Chromium, on a phone, by the mail's link, without signing in."""

import re

import pytest
from playwright.sync_api import Page, expect

from ars.standin.process import Handle
from billing import cards
from billing.models import Charge, PlanCard, StripeCustomer
from enrollment import links
from enrollment.models import User
from orders.models import Order
from tests.browser.conftest import Open, sign_in
from tests.browser.test_cards import ask_the_bank
from tests.browser.test_pages import NARROW, PHONE, violations, width_of
from tests.standin.shop import Shop

ASKING = "pm_card_authenticationRequiredOnSetup"  # 4000 0025 0000 3155
CONFIRM, YES, NO = re.compile(r"^Confirm \$[\d.]+ with Visa 3155$"), "Complete authentication", "Fail authentication"


@pytest.fixture
def shop(standin: Handle) -> Shop:
    return Shop(standin.url)


@pytest.fixture
def asked(ana: User, shop: Shop) -> Order:
    """The order of the accounting printer, whose bank wants to hear it from Ana."""
    order = Order.objects.get(plan__nickname="Accounting")
    StripeCustomer.objects.create(user=ana, stripe_id=shop.customer)
    card = cards.save_card(ana, ASKING)
    Charge.objects.filter(order=order).update(
        status="needs_authentication", outcome="authentication_required", card=card
    )
    PlanCard.objects.filter(plan=order.plan).update(card=card)
    return order


@pytest.fixture
def payment(open_page: Open, asked: Order) -> Page:
    return open_page(f"/pay/{links.sign(links.PAY, asked.pk)}/", width=PHONE)


def heading(page: Page, said: str | re.Pattern[str]) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(said)


def answer(page: Page, said: str) -> None:
    page.get_by_role("button", name=CONFIRM).click()
    page.get_by_role("button", name=said).click()


def standing(order: Order) -> tuple[str, list[str]]:
    order.refresh_from_db()
    return order.status, list(order.charges.order_by("attempt").values_list("status", flat=True))


def test_a_yes_pays_and_the_order_ships(payment: Page, asked: Order, shop: Shop) -> None:
    heading(payment, "Confirm your payment")
    assert violations(payment) == []
    answer(payment, YES)
    heading(payment, "Asking your bank")
    assert violations(payment) == []
    ask_the_bank()
    heading(payment, re.compile(r"^Paid: \$[\d.]+, Visa 3155$"))
    assert standing(asked) == ("shipped", ["needs_authentication", "paid"])
    assert [paid.amount for paid in shop.paid()] == [asked.total_cents]


def test_a_no_charges_nothing_and_may_be_taken_back(payment: Page, asked: Order, shop: Shop) -> None:
    answer(payment, NO)
    heading(payment, "Asking your bank")
    ask_the_bank()
    expect(payment.get_by_text("Your bank's question was not answered, so nothing was charged.")).to_be_visible()
    assert violations(payment) == []
    assert shop.paid() == []
    answer(payment, YES)
    heading(payment, "Asking your bank")
    ask_the_bank()
    heading(payment, re.compile("^Paid: "))
    assert standing(asked) == ("shipped", ["needs_authentication", "needs_authentication", "paid"])
    assert len(shop.paid()) == 1


def test_a_window_left_open_is_gone_on_with_in_another(payment: Page, asked: Order, shop: Shop) -> None:
    payment.get_by_role("button", name=CONFIRM).click()
    expect(payment.get_by_role("button", name=YES)).to_be_visible()
    payment.reload()
    expect(payment.get_by_role("button", name="Pay another way")).to_be_visible()
    assert violations(payment) == []
    assert width_of(payment) <= PHONE
    answer(payment, YES)
    ask_the_bank()
    heading(payment, re.compile("^Paid: "))
    assert standing(asked) == ("shipped", ["needs_authentication", "paid"])
    assert len(shop.paid()) == 1


def test_another_way_brings_back_the_card_field(payment: Page, asked: Order, shop: Shop) -> None:
    payment.get_by_role("button", name=CONFIRM).click()
    expect(payment.get_by_role("button", name=YES)).to_be_visible()
    payment.reload()
    payment.get_by_role("button", name="Pay another way").click()
    heading(payment, "Asking your bank")
    ask_the_bank()
    expect(payment.get_by_role("button", name=re.compile(r"^Pay \$[\d.]+ with this card$"))).to_be_visible()
    assert standing(asked) == ("payment_failed", ["needs_authentication"] * 2)
    assert shop.paid() == []


def test_what_was_paid_in_another_window_is_shown_and_not_paid_twice(
    payment: Page, open_page: Open, asked: Order, shop: Shop
) -> None:
    other = open_page(payment.url, width=PHONE)
    answer(payment, YES)
    heading(payment, "Asking your bank")
    ask_the_bank()
    other.get_by_role("button", name=CONFIRM).click()
    heading(other, re.compile("^Paid: "))
    assert len(shop.paid()) == 1


def test_a_card_service_that_is_away_is_said_beside_the_button(payment: Page, standin: Handle, asked: Order) -> None:
    standin.fault("POST /v1/payment_intents", "503", times=9)
    payment.get_by_role("button", name=CONFIRM).click()
    shown = payment.locator("[data-confirm-payment] [role=alert]")
    expect(shown).to_contain_text("We cannot reach the card service right now.")
    assert violations(payment) == []
    standin.clear_faults()
    answer(payment, YES)
    heading(payment, "Asking your bank")


def test_without_scripts_it_says_what_it_needs(open_page: Open, asked: Order) -> None:
    page = open_page(f"/pay/{links.sign(links.PAY, asked.pk)}/", width=NARROW, scripts=False)
    expect(page.get_by_text("Confirming needs JavaScript, which does not run here.")).to_be_visible()
    expect(page.get_by_role("button", name=CONFIRM)).to_be_hidden()
    assert width_of(page) <= NARROW


def test_from_the_overview_to_the_orders_own_page(open_page: Open, ana: User, asked: Order) -> None:
    page = open_page()
    sign_in(page, ana)
    page.get_by_role("link", name="Confirm payment").click()
    expect(page.get_by_role("heading", level=2).first).to_have_text("Confirm your payment")
    assert violations(page) == []
    answer(page, YES)
    expect(page.get_by_role("heading", level=2).first).to_have_text("Asking your bank")
    ask_the_bank()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Arrives")
