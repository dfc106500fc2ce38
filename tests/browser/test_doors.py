"""Signing up and in as people do it: with a code from the mail, without scripts, and with nothing for axe to find."""

import pytest
from playwright.sync_api import Page, expect

from enrollment import invitations, lifecycle
from enrollment.models import User
from printers.models import PrinterModel
from tests.browser import scene
from tests.browser.conftest import Open, sign_in
from tests.browser.test_pages import PHONE, WIDE, violations, width_of
from tests.factories import UserFactory
from tests.post import latest_code
from tests.staff import with_second_factor

pytestmark = pytest.mark.xdist_group("browser")  # one Chromium at a time
LOOKS = [(PHONE, False), (WIDE, True)]


def expect_heading(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(words)


@pytest.mark.parametrize(("width", "dark"), LOOKS)
def test_a_stranger_makes_an_account_with_the_code_of_a_mail(
    open_page: Open, ana: User, width: int, dark: bool
) -> None:
    page = open_page("/accounts/login/", width=width, dark=dark, scripts=True)
    page.get_by_role("link", name="Make an account").click()
    page.get_by_role("button", name="Make my account").click()
    expect(page.get_by_role("alert")).to_contain_text("Type your name.")
    assert violations(page) == []
    page.get_by_label("Full name").fill("Ben Oak")
    page.get_by_label("E-mail address").fill("ben.oak@example.com")
    page.get_by_role("button", name="Make my account").click()
    expect_heading(page, "Look at your mail")
    assert violations(page) == []
    page.get_by_label("Code").fill(latest_code())
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your ink")


def test_one_signs_in_with_a_code_without_scripts(open_page: Open, ana: User) -> None:
    page = open_page("/account/orders/", scripts=False)
    page.get_by_label("E-mail address").fill(ana.email)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Send a new code").click()
    page.get_by_label("Code").fill("000 000")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("This is not the code of our latest mail.")
    expect(page).to_have_title("Error: The code we mailed - ARS")
    page.get_by_label("Code").fill(latest_code())
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Orders")


@pytest.mark.parametrize(("width", "dark"), LOOKS)
def test_axe_finds_nothing_on_the_pages_of_a_second_factor(open_page: Open, ana: User, width: int, dark: bool) -> None:
    ana.is_staff = True
    ana.save(update_fields=["is_staff"])
    page = open_page(width=width, dark=dark)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    sign_in(page, ana)
    page.goto("/admin/")
    expect_heading(page, "Is it you?")
    page.get_by_label("Password").fill(scene.PASSWORD)
    page.get_by_role("button", name="Go on").click()
    expect_heading(page, "Set up your second factor")
    assert width_of(page) <= width
    found = violations(page)
    with_second_factor(ana)
    for path in ("/accounts/2fa/", "/accounts/2fa/totp/deactivate/", "/accounts/2fa/recovery-codes/generate/"):
        page.goto(path)
        found += violations(page)
    page.get_by_role("button", name="Make new codes").click()
    expect_heading(page, "Recovery codes")
    found += violations(page)
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, ana)
    expect_heading(page, "Your second factor")
    assert found + violations(page) == []
    assert complaints == []


@pytest.mark.parametrize(("width", "dark"), LOOKS)
def test_the_link_of_the_activation_mail_leads_to_the_plan(open_page: Open, ana: User, width: int, dark: bool) -> None:
    buyer = UserFactory.create(password="!")
    model = PrinterModel.objects.get(name="TS8320")
    plan = lifecycle.create_plan(buyer, model, now=scene.NOW, by="Shop")
    page = open_page(f"/welcome/{invitations.sign(plan)}/", width=width, dark=dark, scripts=dark)
    found = violations(page) if dark else []
    page.get_by_role("button", name="Open my plan").click()
    page.wait_for_url(f"**/account/replenishment/{plan.pk}/set-up/")
    page.goto("/welcome/forged/")
    expect_heading(page, "This link has run out")
    assert found == []
