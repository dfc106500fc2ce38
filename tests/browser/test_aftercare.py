"""After a parcel: it never came, it goes back, it is in; with scripts and without."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from billing.gateway import RefundOutcome
from billing.refunds import lifecycle as refunds
from enrollment import links
from enrollment.models import User
from orders import returns
from orders.models import Order, Question
from tests.browser.conftest import Open, sign_in
from tests.browser.scene import NOW
from tests.browser.test_changes import says
from tests.browser.test_pages import violations
from tests.factories import PartnerFactory

DAY = timedelta(days=1)


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def page(open_page: Open, ana: User, request: pytest.FixtureRequest) -> Page:
    page = open_page(scripts=request.param)
    sign_in(page, ana)
    return page


@pytest.fixture
def late(ana: User) -> Order:
    """Ana's cyan, which should have come days ago."""
    order = Order.objects.get(status="shipped")
    Order.objects.filter(pk=order.pk).update(shipped_at=NOW - 16 * DAY)
    return order


@pytest.fixture
def asked(late: Order) -> Question:
    """Still low, and asked about it."""
    return Question.objects.create(kind="is_it_in", order=late, line=late.lines.get(), asked_at=NOW, times=1)


def test_it_never_came_and_a_new_one_is_sent(page: Page, late: Order) -> None:
    page.goto("/account/")
    page.get_by_role("button", name="No it has not come").click()
    expect(page.get_by_label("It has not come")).to_be_checked()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("We send a new one free of charge")
    page.get_by_role("button", name="Send a new one").click()
    says(page, "We send a new one, free of charge. You find it below.")
    new = Order.objects.get(replaces=late)
    page.get_by_role("link", name=f"Order {new.display_number}").click()
    expect(page.get_by_text("Free of charge.", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name=f"Order {late.display_number}")).to_be_visible()


def test_it_goes_back_and_the_money_too(page: Page, ana: User) -> None:
    order = Order.objects.filter(user=ana, status="delivered").latest("placed_at")
    Order.objects.filter(pk=order.pk).update(delivered_at=NOW - 3 * DAY)
    page.goto(f"/account/orders/{order}/")
    page.get_by_role("link", name="Something is wrong").click()
    page.get_by_label("I do not need it").check()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("returns to Visa 4242")
    page.get_by_role("button", name="Send it back").click()
    expect(page.get_by_role("heading", level=2)).to_contain_text([order.returns.get().display_number])
    expect(page.get_by_text("100 Depot Road")).to_be_visible()
    sent = [{"sku": order.lines.get().sku.code, "quantity": 1, "accepted": True}]
    receipt, _ = returns.receive(PartnerFactory.create(), order, "B-1", sent, timezone.now())
    refund = refunds.begin(receipt.pk, timezone.now())
    assert refund is not None
    refunds.settle(refund.pk, RefundOutcome("made", "re_2"), timezone.now())
    page.goto(f"/account/orders/{order}/")
    expect(page.get_by_text("went back to Visa 4242 on Wed 26 Nov.").first).to_be_visible()


def test_it_is_in(page: Page, asked: Question) -> None:
    page.goto("/account/")
    page.get_by_role("button", name="It is in").click()
    says(page, "Thank you. The next time it is low, we order another.")
    asked.refresh_from_db()
    assert asked.answer == "yes"


def test_not_yet_is_answered_from_the_mail_without_signing_in(open_page: Open, asked: Question) -> None:
    page = open_page(f"/is-it-in/{links.sign('is_it_in', asked.pk)}/", scripts=False)
    expect(page.get_by_role("heading", level=1)).to_have_text("Is the new Cyan in the printer?")
    page.get_by_role("button", name="Not yet").click()
    expect(page.get_by_text("You told us that it is not in yet.")).to_be_visible()


@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_nothing_on_questions_mistakes_and_links(
    open_page: Open, ana: User, asked: Question, dark: bool
) -> None:
    page = open_page(width=360, dark=dark)
    sign_in(page, ana)
    order = f"/account/orders/{asked.order}/"
    for address in ("/account/", order, f"{order}problem/?seen=0", f"/is-it-in/{links.sign('is_it_in', asked.pk)}/"):
        page.goto(address)
        assert violations(page) == [], address
