"""Enrolling in a browser: a printer one owns, one bought with the box ticked; resumed, sent twice, without a mouse."""

import pytest
from playwright.sync_api import Page, expect

from billing import cards
from enrollment import pairing
from enrollment.models import Consent, Plan, User
from enrollment.pairing import Asker
from enrollment.purchases import record
from notifications.models import Message
from notifications.tasks import sweep_plan_events
from tests.ars.account.conftest import card_of, report
from tests.browser import scene
from tests.browser.conftest import Open, sign_in
from tests.browser.test_cards import VISA, type_card
from tests.browser.test_changes import press_on, says
from tests.browser.test_pages import WINDOWS, violations, width_of
from tests.enrollment.askers import poll
from tests.factories import PartnerFactory
from tests.post import latest_code, latest_link

pytestmark = pytest.mark.xdist_group("browser")  # one Chromium at a time
SERIAL = "ACDE04471"


def heading(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(words)


def name_card(page: Page, *, scripts: bool) -> None:
    """Typed where it can be: the card service's field needs scripts. Without them, as if on another device."""
    heading(page, "Payment Method")
    if scripts:
        type_card(page, VISA)
        page.get_by_role("button", name="Save").click()
        return
    expect(page.get_by_text("Typing a card needs JavaScript")).to_be_visible()
    plan = Plan.objects.get(pk=int(page.url.split("/")[-3]))
    cards.use_card(plan, card_of(plan.user), scene.NOW)
    page.goto("/account/")
    page.get_by_role("link", name="Continue").click()


def make_account(page: Page, email: str = "ben.oak@example.com") -> None:
    """From the page that asks for one, until its code is typed."""
    page.get_by_role("link", name="Create an account").click()
    page.get_by_label("Full name").fill("Ben Oak")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_role("button", name="Make my account").click()
    page.get_by_label("Code").fill(latest_code())
    page.get_by_role("button", name="Go on").click()


def say_where(page: Page) -> None:
    """The shipping address, the way most people type."""
    heading(page, "Shipping Address")
    page.get_by_label("Street address").fill("12 elm street")
    page.get_by_label("City").fill("PORTLAND or")
    page.get_by_label("State").select_option("Oregon")
    page.get_by_label("ZIP code").fill("972011234")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("As it is usually written: 12 Elm Street, Portland, OR 97201-1234")).to_be_checked()
    page.get_by_role("button", name="Save").click()


def connect(page: Page, model: str = "Canon TS702", serial: str = SERIAL) -> Plan:
    """The code of the helper, typed; then the first reading."""
    request, device_code = pairing.begin(Asker(model, serial, None, "127.0.0.1"), scene.NOW)
    page.get_by_role("link", name="the activation page").click()
    page.get_by_label("Code on the screen").fill(request.display_code)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Yes, connect it").click()
    heading(page, "Waiting for the first reading")
    poll(device_code, scene.NOW)
    plan = Plan.objects.select_related("printer").get(pairings=request)
    report(plan, level=9, at=scene.NOW + scene.HOUR)
    page.reload()
    heading(page, "Connected")
    return plan


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_an_owned_printer_from_the_landing_page_to_an_active_plan(open_page: Open, ana: User, scripts: bool) -> None:
    page = open_page(scripts=scripts)
    page.get_by_role("link", name="Start with your printer").click()
    page.get_by_role("link", name="PIXMA", exact=True).click()
    page.get_by_role("link", name="TS702", exact=True).click()
    make_account(page)
    heading(page, "Enroll your PIXMA TS702")
    page.get_by_label("Serial number").fill("acde 04471")
    page.get_by_role("button", name="Continue").click()
    say_where(page)
    name_card(page, scripts=scripts)
    heading(page, "What you agree to for TS702 (4471)")
    expect(page.get_by_role("row", name="Cyan")).to_contain_text("$20.99")
    page.get_by_role("button", name="Agree and start").click()
    heading(page, "Connect TS702 (4471)")
    sweep_plan_events()
    plan = connect(page)
    plan.refresh_from_db()
    assert (plan.status, plan.consents.count()) == ("active", 1)
    page.get_by_role("link", name="View Plan").click()
    heading(page, "TS702 (4471)")
    sweep_plan_events()
    mails = Message.objects.filter(user=plan.user, plan_event__isnull=False).order_by("pk")
    assert [mail.kind for mail in mails] == ["activation", "activated"]


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_purchase_from_its_mail_to_an_active_plan(open_page: Open, ana: User, scripts: bool) -> None:
    address = {
        "full_name": "Eva Lind",
        "line1": "7 Oak Avenue",
        "city": "Austin",
        "state": "TX",
        "postal_code": "78701",
    }
    body = {"email": "eva@example.com", "full_name": "Eva Lind", "model": "MF644Cdw", "shipping_address": address}
    record(PartnerFactory.create(), "P-1", body, scene.NOW)
    sweep_plan_events()
    page = open_page(latest_link(), scripts=scripts)
    page.get_by_role("button", name="Open my plan").click()
    heading(page, "Set up MF644Cdw")
    expect(page.get_by_role("listitem").filter(has_text="7 Oak Avenue, Austin")).to_contain_text("done")
    page.get_by_role("link", name="Next: payment method").click()
    name_card(page, scripts=scripts)
    page.get_by_role("button", name="Agree and start").click()
    heading(page, "Connect MF644Cdw")
    expect(page.get_by_role("heading", name="2. Ask for a code")).to_be_visible()
    plan = connect(page, "Canon MF644Cdw")
    plan.refresh_from_db()
    assert plan.status == "active"


def follow(page: Page, text: str) -> None:
    """Press on it, and wait for where it leads."""
    with page.expect_navigation():
        press_on(page, text)


def test_enrolling_needs_no_mouse(open_page: Open, ana: User) -> None:
    page = open_page()
    for link in ("Start with your printer", "PIXMA", "TS702", "Sign in"):
        follow(page, link)
    page.get_by_label("E-mail address").focus()
    page.keyboard.type(ana.email)
    page.keyboard.press("Tab")
    page.keyboard.type(scene.PASSWORD)
    page.keyboard.press("Enter")
    heading(page, "Enroll your PIXMA TS702")
    page.get_by_label("Serial number").focus()
    page.keyboard.type(SERIAL)
    page.keyboard.press("Enter")
    heading(page, "Shipping Address")
    follow(page, "Save")  # the address of her other printers
    heading(page, "Payment Method")
    follow(page, "Save")  # the card of her other printers
    follow(page, "Agree and start")
    heading(page, "Connect TS702 (4471)")
    follow(page, "the activation page")
    heading(page, "Connect a printer")


def test_what_was_begun_on_a_desk_goes_on_on_a_phone(open_page: Open, ana: User) -> None:
    page = open_page("/enroll/printer/tr8620/")
    page.get_by_role("link", name="Sign in", exact=True).last.click()
    sign_in(page, ana)
    page.goto("/enroll/printer/tr8620/")
    page.get_by_role("button", name="Continue").click()
    heading(page, "Shipping Address")
    phone = open_page("/enroll/", width=360, scripts=False)
    sign_in(phone, ana)
    phone.goto("/enroll/")
    phone.get_by_role("listitem").filter(has_text="TR8620").get_by_role("link", name="Continue").click()
    heading(phone, "Set up TR8620")
    phone.get_by_role("link", name="Next: shipping address").click()
    expect(phone.get_by_label("Street address")).to_have_value("12 Elm Street")
    phone.get_by_role("button", name="Save").click()
    page.goto(f"/account/replenishment/{Plan.objects.get(model__name='TR8620').pk}/set-up/")
    expect(page.get_by_role("heading", name="1 of 4 done")).to_be_visible()


def test_two_tabs_make_one_plan_and_one_agreement(open_page: Open, ana: User) -> None:
    first = open_page()
    sign_in(first, ana)
    second = first.context.new_page()
    for tab in (first, second):
        tab.goto("/enroll/printer/tr8620/")
        tab.get_by_label("Serial number").fill(SERIAL)
    for tab in (first, second):
        tab.get_by_role("button", name="Continue").click()
        heading(tab, "Shipping Address")
    plan = Plan.objects.get(expected_serial=SERIAL)
    for tab in (first, second):
        tab.goto(f"/account/replenishment/{plan.pk}/consent/")
    for tab in (first, second):
        tab.get_by_role("button", name="Agree and start").click()
        heading(tab, "Shipping Address")
    first.go_back()
    assert Consent.objects.filter(plan=plan).count() == 1


@pytest.mark.parametrize(("width", "dark"), WINDOWS)
def test_axe_finds_nothing_where_something_is_asked_again(open_page: Open, ana: User, width: int, dark: bool) -> None:
    page = open_page(width=width, dark=dark)
    sign_in(page, ana)
    page.goto("/enroll/printer/ts702/")
    page.get_by_label("Serial number").fill("12")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_contain_text("A serial number is 5 to 20 letters and digits.")
    found = violations(page)
    plan = Plan.objects.get(nickname="Warehouse")
    page.goto(f"/account/replenishment/{plan.pk}/shipping-address/")
    page.get_by_label("City").fill("PORTLAND")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Which is right?")).to_be_visible()
    found += violations(page)
    page.get_by_text("Add apartment, suite or floor").click()
    expect(page.get_by_label("Apartment, suite or floor")).to_be_visible()
    assert width_of(page) <= width
    page.goto(f"/account/replenishment/{plan.pk}/consent/")
    page.eval_on_selector("input[name=shown]", "field => { field.value = 'old' }")
    page.get_by_role("button", name="Agree and start").click()
    expect(page.get_by_role("alert")).to_contain_text("nothing was agreed to")
    found += violations(page)
    page.goto(f"/account/replenishment/{plan.pk}/how-to-activate/")
    connect(page)
    found += violations(page)
    page.get_by_role("button", name="I have a spare").first.click()
    says(page, "Put your spare Pigment Black in. We order the next time it is low.")
    assert found + violations(page) == []
