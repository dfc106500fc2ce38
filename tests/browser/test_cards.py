"""Typing a card in Chromium: it goes to the card service, and the number never to us."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Request, expect

from ars.standin.process import Handle
from billing import charging
from billing.models import Card, Charge, PlanCard
from enrollment import links
from enrollment.models import Plan, User
from orders.models import Order
from tests.browser.conftest import Open, sign_in
from tests.browser.test_pages import violations
from tests.standin.shop import Shop, arrived

VISA, MASTERCARD, REFUSED, ASKING = "4242424242424242", "5555555555554444", "4000000000000002", "4000002500003155"
SETUPS = "POST /v1/setup_intents"


@pytest.fixture
def studio(open_page: Open, ana: User) -> Page:
    """Payment Method of the studio, reached as the promise says (P14)."""
    page = open_page()
    sign_in(page, ana)
    page.goto(f"/account/replenishment/{Plan.objects.get(nickname='Studio').pk}/")
    page.get_by_role("definition").filter(has_text="charged when ink ships").get_by_role("link", name="Edit").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Payment Method")
    return page


@pytest.fixture
def failed(ana: User, standin: Handle) -> Order:
    """The order of the accounting printer, whose card was refused."""
    Charge.objects.filter(status="declined").update(outcome="insufficient_funds", advice="try_again_later")
    return Order.objects.get(plan__nickname="Accounting")


@pytest.fixture
def payment(open_page: Open, failed: Order) -> Page:
    """Its mail's link, opened by nobody in particular."""
    return open_page(f"/pay/{links.sign(links.PAY, failed.pk)}/", width=390)


def type_card(page: Page, number: str) -> None:
    typed = {"number": number, "exp_month": "12", "exp_year": "34", "cvc": "123", "postal_code": "97201"}
    for name, text in typed.items():
        page.locator("[data-card-place]").get_by_placeholder(name).fill(text)


def problem(page: Page, words: str) -> None:
    expect(page.locator("[data-card-entry] [role=alert]")).to_contain_text(words)


def ask_the_bank() -> None:
    """What the worker does."""
    for charge in Charge.objects.asked_about():
        charging.advance(charge.pk, timezone.now())


def test_another_card_is_typed_saved_and_pays(studio: Page, standin: Handle) -> None:
    sent: list[Request] = []
    studio.on("request", lambda request: sent.append(request) if request.post_data else None)
    expect(studio.locator("[data-card-place]")).to_be_hidden()
    studio.get_by_label("Another card").check()
    type_card(studio, MASTERCARD)
    studio.get_by_role("button", name="Save").click()
    expect(studio.get_by_role("status").first).to_have_text("Saved. Mastercard 4444 pays for Studio from now on.")
    told = [request for request in sent if MASTERCARD in (request.post_data or "")]
    assert {request.url.split("/v1/")[0] for request in told} == {standin.url}
    assert PlanCard.objects.get(plan__nickname="Studio").card.last4 == "4444"


def test_the_cards_owner_is_a_customer_at_the_card_service(studio: Page, standin: Handle, ana: User) -> None:
    studio.get_by_label("Another card").check()
    type_card(studio, VISA)
    studio.get_by_label("Use this card for all my printers").check()
    studio.get_by_role("button", name="Save").click()
    expect(studio.get_by_role("status").first).to_have_text("Saved. Visa 4242 pays for all your printers from now on.")
    new = Card.objects.latest("pk")
    assert Shop(standin.url).sdk.payment_methods.retrieve(new.stripe_id).customer == ana.stripe_customer.stripe_id
    assert PlanCard.objects.filter(card=new).count() == ana.plans.exclude(status="cancelled").count()


def test_a_refused_card_is_told_beside_the_field_and_another_is_taken(studio: Page) -> None:
    studio.get_by_label("Another card").check()
    type_card(studio, REFUSED)
    studio.get_by_role("button", name="Save").click()
    problem(studio, "Your card was declined.")
    assert violations(studio) == []
    type_card(studio, VISA)
    studio.get_by_role("button", name="Save").click()
    expect(studio.get_by_role("heading", level=1)).to_have_text("Studio")


@pytest.mark.parametrize("fault", ["503", "reset"])
def test_a_card_service_that_is_away_loses_nothing(studio: Page, standin: Handle, fault: str) -> None:
    studio.get_by_label("Another card").check()
    type_card(studio, VISA)
    standin.fault(SETUPS, fault, times=9)
    studio.get_by_role("button", name="Save").click()
    problem(studio, "We cannot reach the card service right now. Your card was not charged.")
    standin.clear_faults()
    studio.get_by_role("button", name="Save").click()
    expect(studio.get_by_role("heading", level=1)).to_have_text("Studio")


def test_a_confirmed_card_outlives_an_answer_that_is_lost(studio: Page, standin: Handle) -> None:
    standin.fault("GET /v1/setup_intents/*", "503", times=2)
    studio.get_by_label("Another card").check()
    type_card(studio, MASTERCARD)
    studio.get_by_role("button", name="Save").click()
    expect(studio.get_by_role("alert").first).to_contain_text("We cannot reach the card service right now.")
    studio.get_by_role("button", name="Save").click()
    expect(studio.get_by_role("heading", level=1)).to_have_text("Studio")
    assert arrived(standin, "/confirm") == 1


@pytest.mark.parametrize(("answer", "ends"), [("Complete authentication", "saved"), ("Fail authentication", "not")])
def test_the_banks_question_is_asked_on_the_page(studio: Page, answer: str, ends: str) -> None:
    studio.get_by_label("Another card").check()
    type_card(studio, ASKING)
    studio.get_by_role("button", name="Save").click()
    studio.get_by_role("button", name=answer).click()
    if ends == "saved":
        expect(studio.get_by_role("heading", level=1)).to_have_text("Studio")
    else:
        problem(studio, "Your bank asked a question that was not answered")


def test_without_its_script_saved_cards_can_still_be_chosen(open_page: Open, ana: User) -> None:
    page = open_page(scripts=False)
    sign_in(page, ana)
    page.goto(f"/account/replenishment/{Plan.objects.get(nickname='Studio').pk}/payment-method/")
    expect(page.get_by_text("Typing a card needs JavaScript")).to_be_visible()
    page.get_by_label("Visa 4242, expires 08/2028").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").first).to_have_text("Saved. Visa 4242 pays for Studio from now on.")


def test_a_new_card_pays_from_the_mails_link_on_the_same_page(payment: Page, failed: Order) -> None:
    expect(payment.get_by_role("heading", level=1)).to_have_text("Your card did not go through")
    type_card(payment, MASTERCARD)
    payment.get_by_role("button", name=re.compile(r"^Pay \$[\d.]+ with this card$")).click()
    expect(payment.get_by_role("heading", level=1)).to_have_text("Asking your bank")
    assert violations(payment) == []
    ask_the_bank()
    expect(payment.get_by_role("heading", level=1)).to_contain_text("Paid: $")
    expect(payment.get_by_text("Your parcel leaves today or on the next working day.")).to_be_visible()
    failed.refresh_from_db()
    assert (failed.status, failed.charges.count()) == ("shipped", 2)


def test_a_card_refused_again_is_told_on_the_same_page_which_takes_another(payment: Page) -> None:
    type_card(payment, "4000000000000341")
    payment.get_by_role("button", name=re.compile("^Pay")).click()
    expect(payment.get_by_role("heading", level=1)).to_have_text("Asking your bank")
    ask_the_bank()
    expect(payment.get_by_text("This card was refused too. Nothing was charged.")).to_be_visible()
    type_card(payment, VISA)
    payment.get_by_role("button", name=re.compile("^Pay")).click()
    expect(payment.get_by_role("heading", level=1)).to_have_text("Asking your bank")
    ask_the_bank()
    expect(payment.get_by_role("heading", level=1)).to_contain_text("Paid: $")


def test_the_same_answer_comes_on_the_orders_own_page(open_page: Open, ana: User, failed: Order) -> None:
    page = open_page()
    sign_in(page, ana)
    page.get_by_role("link", name="Use another card").click()
    expect(page.get_by_role("heading", level=2).first).to_have_text("Your card did not go through")
    type_card(page, VISA)
    page.get_by_role("button", name=re.compile("^Pay")).click()
    expect(page.get_by_role("heading", level=2).first).to_have_text("Asking your bank")
    ask_the_bank()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Arrives")
