"""A morning at the pack station: ten orders packed by scanning, a return, and a receipt that lets three orders go."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from playwright.sync_api import Page, expect
from pytest_django import Settings

from enrollment.models import User
from orders import lifecycle, packing
from orders.models import Dispatch, Order
from tests.browser import scene
from tests.browser.conftest import Open, sign_in
from tests.browser.test_pages import PHONE, WINDOWS, violations, width_of
from tests.factories import NOW, PlanFactory, UserFactory
from tests.orders.parcels import announce
from tests.orders.world import World, make_world

TRACKING = "1Z999AA10123456784"
ORDERS, WRONG, CANCELLED, DECLINED = 10, 2, 4, 6  # of ten: the third, the fifth and the seventh go wrong


@pytest.fixture
def world(transactional_db: None, settings: Settings) -> Iterator[World]:
    """Prices and twenty blacks; no cyan."""
    settings.STAFF_MFA_REQUIRED = False
    with time_machine.travel(NOW, tick=True):
        made = make_world()
        made.stock("PGBK", 20)
        yield made


@pytest.fixture
def eve(world: World) -> User:
    """A clerk of the warehouse."""
    clerk = UserFactory.create(email="eve@example.com", password=make_password(scene.PASSWORD), is_staff=True)
    clerk.groups.add(Group.objects.get(name="Warehouse"))
    return clerk


def ordered(world: World, count: int, code: str = "PGBK") -> list[Order]:
    """Orders of other printers, the oldest first."""
    made = []
    for _ in range(count):
        other = World(PlanFactory.create(model=world.plan.model, nickname="Front desk"), world.partner)
        other.low(code)
        made += other.decide()
    return made


def scan(page: Page, text: str) -> None:
    """As a scanner does: types wherever the focus is, and ends with Enter."""
    page.wait_for_load_state()  # a page that came by itself has its script by then
    field = page.locator("[data-scan]")
    expect(field).to_be_focused()
    page.keyboard.type(text)
    enter(page)


def enter(page: Page) -> None:
    """Sends the form, until the next page is there: else what is typed next would go into the old one."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


def word(page: Page, text: str) -> None:
    expect(page.locator(".word")).to_have_text(text)


def pack(page: Page, order: Order) -> None:
    """From its number to its charge."""
    scan(page, order.display_number)
    scan(page, order.lines.get().sku.code)
    expect(page.get_by_text("✓ In the parcel")).to_be_visible()
    if page.get_by_label("Carrier").input_value() == "":
        page.keyboard.type("UPS")
        page.get_by_label("Tracking number").focus()
    page.keyboard.type(TRACKING)
    enter(page)


def cancelled_while_packed(page: Page, order: Order) -> None:
    """Its customer changes their mind while it is scanned."""
    scan(page, order.number)
    scan(page, order.lines.get().sku.code)
    lifecycle.cancel(Order.objects.get(pk=order.pk), NOW + timedelta(hours=1), "customer", "", by_customer=True)
    page.keyboard.type(TRACKING)
    enter(page)
    word(page, "STOP")
    expect(page.get_by_text("Cancelled by the customer at 5:00 am. Put the goods back.")).to_be_visible()


def counts(page: Page, title: str, number: int) -> None:
    """How many a list has."""
    expect(page.get_by_role("heading", name=title).locator(".pack-count")).to_have_text(str(number))


def test_ten_orders_are_packed_by_scanning(open_page: Open, world: World, eve: User) -> None:
    orders = ordered(world, ORDERS)
    page = open_page()
    sign_in(page, eve)
    page.goto("/admin/pack/")
    counts(page, "To pack", ORDERS)
    for place, order in enumerate(orders):
        if place == CANCELLED:
            cancelled_while_packed(page, order)
            continue
        if place == WRONG:
            scan(page, order.number)
            scan(page, world.sku("C").code)
            word(page, "Not in this order")
            expect(page.get_by_text("0 of 1")).to_be_visible()
        pack(page, order)
        word(page, "Charging…")
        if place == DECLINED:
            assert lifecycle.hold(order.pk, NOW, "Stripe", "Declined.")
            word(page, "HOLD")
            scan(page, "A3")
            expect(page.get_by_text(f"{order.display_number} lies on A3.")).to_be_visible()
            continue
        assert lifecycle.ship(order.pk, NOW, "Stripe", "Charged.")
        word(page, "HAND OVER")
        scan(page, order.number)
        expect(page.get_by_text(f"{order.display_number} is handed over.")).to_be_visible()
    page.goto("/admin/pack/")
    for title, number in (("To pack", 0), ("Hand over now", 0), ("Hold", 1), ("Put back", 0)):
        counts(page, title, number)
    assert Dispatch.objects.filter(handed_over_at__isnull=False).count() == ORDERS - 2
    lifecycle.cancel(Order.objects.get(pk=orders[DECLINED].pk), NOW, "billing", "", by_customer=False, until="paid")
    scan(page, orders[DECLINED].number)
    word(page, "STOP")
    scan(page, orders[DECLINED].number)
    expect(page.get_by_text(f"{orders[DECLINED].display_number} is put back.")).to_be_visible()


def test_it_works_without_scripts(open_page: Open, world: World, eve: User) -> None:
    (order,) = ordered(world, 1)
    page = open_page(scripts=False)
    sign_in(page, eve)
    page.goto("/admin/pack/")
    pack(page, order)
    word(page, "Charging…")
    assert lifecycle.ship(order.pk, NOW, "Stripe", "Charged.")
    word(page, "HAND OVER")  # the page looks again by itself


def test_a_return_shows_the_refund_before_it_is_booked(open_page: Open, world: World, eve: User) -> None:
    (order,) = ordered(world, 1)
    lifecycle.dispatch(order, world.partner, "D-1", {"carrier": "UPS", "tracking_number": TRACKING}, NOW)
    assert lifecycle.ship(order.pk, NOW, "Stripe", "Charged.")
    order.refresh_from_db()
    announced = announce(order)
    page = open_page()
    sign_in(page, eve)
    page.goto("/admin/pack/")
    scan(page, announced.display_number)
    page.get_by_label("As new").check()
    page.get_by_role("button", name="Show what goes back").click()
    word(page, "$0.00 goes back")  # nobody was charged here
    page.get_by_role("button", name="Book it").click()
    expect(page.get_by_text(f"Booked: what came back of {order.display_number}.")).to_be_visible()
    assert Order.objects.get(pk=order.pk).status == "returned"


def test_a_receipt_lets_three_orders_go_the_oldest_first(open_page: Open, world: World, eve: User) -> None:
    waiting = ordered(world, 4, "C")
    page = open_page()
    sign_in(page, eve)
    page.goto(f"/admin/orders/stockentry/add/?sku={world.sku('C').pk}&kind=receive")
    page.get_by_label("Quantity").fill("3")
    page.get_by_label("Reason").fill("Pallet 7")
    page.get_by_role("button", name="Save", exact=True).click()
    goes = page.get_by_role("listitem").filter(has_text="waiting since")
    expect(goes).to_have_text([re.compile(rf"^\s*{order.display_number},") for order in waiting[:3]])
    assert violations(page) == []
    page.get_by_role("button", name="Book 3 pieces").click()
    expect(page.get_by_text("3 on hand, 3 promised.")).to_be_visible()
    page.goto("/admin/pack/")
    counts(page, "To pack", 3)


def scenes(world: World) -> list[str]:
    """An address of each page, in each of its states."""
    orders = ordered(world, 6)
    body = {"carrier": "UPS", "tracking_number": TRACKING}
    for order in orders[1:5]:
        lifecycle.dispatch(order, packing.station(), f"{order.number}-0", body, NOW + timedelta(minutes=1))
    assert lifecycle.ship(orders[2].pk, NOW, "Stripe", "")
    assert lifecycle.hold(orders[3].pk, NOW, "Stripe", "")
    assert lifecycle.hold(orders[4].pk, NOW, "Stripe", "")
    lifecycle.cancel(Order.objects.get(pk=orders[4].pk), NOW, "customer", "", by_customer=True)
    pages = [f"/admin/pack/{order.display_number}/" for order in orders[:5]]
    code = orders[0].lines.get().sku.code
    return [
        *("/admin/pack/", "/admin/pack/?scan=what", "/admin/pack/list/", "/admin/pack/slips/"),
        *pages,
        *(f"{pages[0]}?scan={code}", f"{pages[0]}?scan=wrong&revision=7", f"{pages[0]}short/?sku={code}"),
        *(f"{pages[0]}slip/", f"{pages[2]}return/"),
    ]


@pytest.mark.parametrize(("width", "dark"), WINDOWS)
def test_axe_finds_nothing_on_any_page(open_page: Open, world: World, eve: User, width: int, dark: bool) -> None:
    addresses = scenes(world)
    page = open_page(width=width, dark=dark)
    sign_in(page, eve)
    found = []
    for address in addresses:
        page.goto(address)
        found += violations(page)
        assert page.locator("h1").count() == 1
        if width == PHONE and width_of(page) > PHONE:
            found.append(f"{address} scrolls sideways")
    assert found == []
