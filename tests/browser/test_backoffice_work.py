"""What support does beside a call, by clicking: a refund two people agree to, a replacement, a test printer."""

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from playwright.sync_api import Page, expect
from pytest_django import Settings

from billing import tasks as billing
from billing.models import Charge, Refund
from enrollment import callers
from enrollment.models import Plan, User
from orders import tasks as orders
from orders.models import Order
from printers.models import Slot
from tests.browser.conftest import Open, sign_in
from tests.browser.scene import NOW, PASSWORD
from tests.browser.test_pages import PHONE, WIDE, violations, width_of
from tests.factories import UserFactory


def made(email: str, role: str) -> User:
    person: User = UserFactory.create(email=email, is_staff=True, password=make_password(PASSWORD))
    person.groups.add(Group.objects.get(name=role))
    return person


@pytest.fixture
def dana(ana: User, settings: Settings) -> User:
    """Of support, who knows that Ana is on the phone; without a second factor."""
    settings.STAFF_MFA_REQUIRED = False
    dana = made("dana@ink.example", "Support")
    callers.knows_facts(ana, dana, NOW, right=True)
    return dana


def delivered(ana: User) -> Order:
    return Order.objects.filter(user=ana, status=Order.Status.DELIVERED).latest("placed_at")


def test_a_refund_above_the_limit_is_given_by_two(open_page: Open, ana: User, dana: User, settings: Settings) -> None:
    settings.REFUND_LIMIT_CENTS = 100
    order = delivered(ana)
    charge = Charge.objects.took_money().get(order=order)
    lead = made("lee@ink.example", "Support lead")
    page = open_page()
    sign_in(page, dana)
    page.goto(f"/admin/orders/order/{order.pk}/change/")
    page.get_by_role("link", name="Give money back").click()
    page.get_by_label("Amount (USD)").fill("5.00")
    page.get_by_label("An amount").check()
    page.get_by_label("Reason").select_option("damaged")
    page.get_by_label("Note").fill("It leaked.")
    page.get_by_role("button").last.click()
    page.get_by_role("button", name="Ask a second person for $5.00").click()
    expect(page.get_by_text("it waits for a second person")).to_be_visible()
    assert Refund.objects.filter(charge=charge).count() == 0
    second = open_page()
    sign_in(second, lead)
    second.goto("/admin/queues/refunds/")
    second.get_by_role("button", name="Work the next one").click()
    second.get_by_role("link", name="Decide").click()
    second.get_by_label("Note").fill("Seen the picture.")
    second.get_by_role("button", name="Give $5.00 back").click()
    expect(second.get_by_text("goes back to")).to_be_visible()
    assert Refund.objects.get(charge=charge).amount_cents == 500


def test_a_replacement_is_sent(open_page: Open, ana: User, dana: User) -> None:
    order = delivered(ana)
    page = open_page(scripts=False)
    sign_in(page, dana)
    page.goto(f"/admin/orders/order/{order.pk}/change/")
    page.get_by_role("link", name="Replace").click()
    page.get_by_label("It is damaged").check()
    page.get_by_role("button", name="Show what will happen").click()
    page.get_by_role("button", name="Send it free of charge").click()
    expect(page.get_by_text("Sent free of charge: order")).to_be_visible()
    assert order.replacements.get().total_cents == 0


def work() -> None:
    """What workers do meanwhile."""
    for sweep in (orders.sweep_signals, orders.sweep_plans, billing.sweep_dispatches, billing.sweep_charges):
        sweep()


def test_a_test_printer_goes_the_whole_way(open_page: Open, ana: User, dana: User) -> None:
    Slot.objects.update(mapping_confirmed=True)
    page = open_page()
    sign_in(page, dana)
    page.goto("/admin/test-printers/")
    page.get_by_label("Model").select_option(label=str(Plan.objects.get(nickname="Front desk").model))
    page.get_by_role("button", name="Make a test printer").click()
    expect(page.get_by_text("Its token, shown this once")).to_be_visible()
    page.get_by_role("button", name="low").first.click()
    expect(page.get_by_text("5 %, deciding")).to_be_visible()
    work()
    page.get_by_role("button", name="Pack it").click()
    expect(page.get_by_text("packed,")).to_be_visible()
    work()
    page.get_by_role("button", name="Deliver it").click()
    expect(page.get_by_text("delivered,")).to_be_visible()
    assert Charge.objects.get(order__is_test=True).status == "waived"


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [PHONE, WIDE])
def test_axe_finds_nothing_and_nothing_is_too_wide(
    open_page: Open, ana: User, dana: User, width: int, dark: bool
) -> None:
    page: Page = open_page(width=width, dark=dark)
    sign_in(page, dana)
    waits = Order.objects.get(status=Order.Status.BACKORDERED)
    found = []
    for path in (f"/admin/cancel/?order={waits.pk}", f"/admin/replace/{delivered(ana).pk}/", "/admin/test-printers/"):
        page.goto(path)
        found += violations(page)
        assert (path, width_of(page)) == (path, width)
    page.get_by_label("Model").select_option(index=1)
    page.get_by_role("button", name="Make a test printer").click()
    assert [*found, *violations(page)] == []
