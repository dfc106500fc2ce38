"""What support does for a caller, by clicking: a card tried again, plans paused and ended, a look at their pages."""

import pytest
from playwright.sync_api import Page, expect

from billing.models import Charge, StripeCustomer
from enrollment.models import Look, Plan, User
from orders.models import Order
from tests.browser.conftest import Open, sign_in
from tests.browser.test_backoffice_work import dana
from tests.browser.test_pages import WINDOWS, violations, width_of

__all__ = ["dana"]


@pytest.fixture
def unpaid(ana: User) -> Order:
    """Her bank said that there was not enough."""
    order = Order.objects.get(status=Order.Status.PAYMENT_FAILED)
    StripeCustomer.objects.get_or_create(user=ana, defaults={"stripe_id": "cus_ana"})
    Charge.objects.filter(order=order).update(outcome="insufficient_funds", advice="")
    return order


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_card_is_tried_again_once(open_page: Open, ana: User, dana: User, unpaid: Order, scripts: bool) -> None:
    page = open_page(scripts=scripts)
    sign_in(page, dana)
    page.goto(f"/admin/customers/{ana.pk}/")
    page.get_by_role("link", name=f"Try the payment of order {unpaid.display_number} again").click()
    expect(page.get_by_text("is asked for $96.99 once more: attempt 2.")).to_be_visible()
    expect(page.get_by_text("The mail goes to ana.ruiz@example.com:")).to_be_visible()
    page.get_by_label("Why").fill("She put money on it.")
    page.get_by_role("button", name="Ask Visa 4242 for $96.99").click()
    expect(page.get_by_text("The bank is asked for order")).to_be_visible()
    assert unpaid.charges.count() == 2
    page.goto(f"/admin/retry/{unpaid.pk}/")
    expect(page.get_by_text(f"No payment of order {unpaid.display_number} waits")).to_be_visible()


def test_a_plan_is_paused_and_another_ended(open_page: Open, ana: User, dana: User) -> None:
    page = open_page()
    sign_in(page, dana)
    page.goto(f"/admin/customers/{ana.pk}/")
    page.get_by_role("link", name="Pause Travel").click()
    page.get_by_label("Pause until").fill("2025-12-24")
    page.get_by_label("Why").fill("On holiday.")
    page.get_by_role("button", name="Show what will happen").click()
    page.get_by_role("button", name="Pause until Wed 24 Dec, and mail them").click()
    expect(page.get_by_text("Travel is paused.")).to_be_visible()
    page.get_by_role("link", name="End the plan for Studio").click()
    page.get_by_label("What they say").select_option("price")
    page.get_by_label("Why").fill("Too dear.")
    page.get_by_role("button", name="Show what will happen").click()
    expect(page.get_by_text("is cancelled; nothing was charged for it.")).to_be_visible()
    page.get_by_role("button", name="End the plan, and mail them").click()
    expect(page.get_by_text("The plan for Studio has ended.")).to_be_visible()
    assert Plan.objects.get(nickname="Studio").status == "cancelled"
    assert Plan.objects.get(nickname="Travel").paused_at is not None


def look(page: Page, ana: User) -> None:
    page.goto(f"/admin/customers/{ana.pk}/")
    page.get_by_role("link", name="See their pages as they do").click()
    page.get_by_label("Why").fill("Cannot find the number.")
    page.get_by_role("button", name="See the pages of Ana Ruiz").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your ink")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_she_looks_at_anas_pages_changes_nothing_and_leaves(
    open_page: Open, ana: User, dana: User, scripts: bool
) -> None:
    page = open_page(scripts=scripts)
    sign_in(page, dana)
    look(page, ana)
    bar = page.get_by_role("complementary", name="Whose account is shown")
    expect(bar).to_contain_text("Ana Ruiz’s account, read-only.")
    page.get_by_role("link", name="Orders", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Orders")
    expect(bar).to_be_visible()
    plan = Plan.objects.get(nickname="Travel")
    page.goto(f"/account/replenishment/{plan.pk}/pause/")
    page.get_by_role("main").get_by_role("button", name="Pause").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Not while you look")
    plan.refresh_from_db()
    assert plan.paused_at is None
    bar.get_by_role("button", name="Leave").click()
    expect(page.get_by_text("You have left the customer’s pages.")).to_be_visible()
    expect(page.get_by_text("dana@ink.example looked at their pages, read-only")).to_be_visible()
    expect(bar).to_have_count(0)
    assert Look.objects.get().ended_at is not None


@pytest.mark.parametrize(("width", "dark"), WINDOWS)
def test_axe_finds_nothing_and_nothing_is_too_wide(
    open_page: Open, ana: User, dana: User, unpaid: Order, width: int, dark: bool
) -> None:
    page = open_page(width=width, dark=dark)
    sign_in(page, dana)
    plan = Plan.objects.get(nickname="Travel")
    found = []
    below = f"/admin/customers/{ana.pk}/plans/{plan.pk}/"
    for path in (f"/admin/retry/{unpaid.pk}/", f"{below}pause/", f"{below}end/", f"/admin/customers/{ana.pk}/look/"):
        page.goto(path)
        found += violations(page)
        assert (path, width_of(page)) == (path, width)
    look(page, ana)
    for path in ("/account/", f"/account/replenishment/{plan.pk}/", "/accounts/", f"/admin/customers/{ana.pk}/"):
        page.goto(path)
        found += violations(page)
        assert (path, width_of(page)) == (path, width)
    assert found == []
