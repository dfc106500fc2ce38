"""Backorders ended together by clicking: the queue, the boxes, what it does, done; with scripts and without."""

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from playwright.sync_api import Page, expect
from pytest_django import Settings

from enrollment.models import User
from orders.models import Order, OrderLine
from printers.models import Sku
from tests.browser.conftest import Open, sign_in
from tests.browser.scene import NOW, PASSWORD
from tests.browser.test_pages import PHONE, WIDE, violations, width_of
from tests.factories import MessageFactory, OrderFactory, OrderLineFactory, PlanFactory, UserFactory


@pytest.fixture
def dana(ana: User, settings: Settings) -> User:
    """Of support, without a second factor."""
    settings.STAFF_MFA_REQUIRED = False
    person: User = UserFactory.create(email="dana@ink.example", is_staff=True, password=make_password(PASSWORD))
    person.groups.add(Group.objects.get(name="Support"))
    return person


@pytest.fixture
def wanted(ana: User) -> Sku:
    """A cartridge that Ana waits for, and two others."""
    line = OrderLine.objects.get(order__user=ana, order__status=Order.Status.BACKORDERED)
    assert line.slot is not None
    for name in ("Ben Ode", "Cem Aksoy"):
        plan = PlanFactory.create(user=UserFactory.create(full_name=name), model=line.slot.model)
        order = OrderFactory.create(plan=plan, status=Order.Status.BACKORDERED, placed_at=NOW)
        OrderLineFactory.create(order=order, sku=line.sku, slot=line.slot)
    for order in Order.objects.filter(status=Order.Status.BACKORDERED):
        MessageFactory.create(user=order.user, order=order)  # they were told of it
    return line.sku


def open_list(page: Page, dana: User, wanted: Sku) -> None:
    sign_in(page, dana)
    page.goto("/admin/queues/backorders/")
    page.get_by_role("link", name=wanted.code).click()
    expect(page.get_by_role("heading", name=f"Waiting for {wanted.name}")).to_be_visible()


def cancel(page: Page, count: int) -> None:
    page.get_by_role("button", name="Show what cancelling these does").click()
    expect(page.get_by_text(f"{count} orders end")).to_be_visible()
    page.get_by_label("Why, as the customer reads it").fill("It is not made any more.")
    page.get_by_role("button", name="Show what will happen").click()
    expect(page.get_by_label("Why, as the customer reads it")).to_have_value("It is not made any more.")
    page.get_by_text("To ana.ruiz@example.com").click()
    expect(page.get_by_text("It is not made any more.").first).to_be_visible()
    page.get_by_role("button", name=f"Cancel {count} orders and mail their owners").click()
    expect(page.get_by_text(f"{count} orders are cancelled.")).to_be_visible()


def test_all_by_one_box(open_page: Open, dana: User, wanted: Sku) -> None:
    page = open_page()
    open_list(page, dana, wanted)
    page.get_by_label("All").check()
    for box in page.get_by_role("checkbox").all():
        expect(box).to_be_checked()
    cancel(page, 3)
    assert not Order.objects.filter(status=Order.Status.BACKORDERED).exists()


def test_some_without_scripts(open_page: Open, dana: User, wanted: Sku) -> None:
    page = open_page(scripts=False)
    open_list(page, dana, wanted)
    expect(page.get_by_label("All")).to_be_hidden()
    left, *chosen = Order.objects.filter(status=Order.Status.BACKORDERED).order_by("-placed_at", "-pk")
    for order in chosen:
        page.get_by_label(order.display_number).check()
    cancel(page, 2)
    assert Order.objects.get(status=Order.Status.BACKORDERED) == left


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [PHONE, WIDE])
def test_axe_finds_nothing(open_page: Open, dana: User, wanted: Sku, width: int, dark: bool) -> None:
    page = open_page(width=width, dark=dark)
    open_list(page, dana, wanted)
    found = violations(page)
    assert width_of(page) == width
    page.get_by_label("All").check()
    page.get_by_role("button", name="Show what cancelling these does").click()
    expect(page.get_by_text("3 orders end")).to_be_visible()
    assert [*found, *violations(page)] == []
    assert width_of(page) == width
