"""Links of mails, followed by somebody who is not signed in: with scripts and without, by day and by night."""

from collections.abc import Callable

import pytest
import time_machine
from playwright.sync_api import Page, expect

from enrollment.models import Plan, User
from notifications import mail_links
from orders.models import Order, Replenishment
from tests.browser import scene
from tests.browser.conftest import Open
from tests.browser.test_pages import violations
from tests.browser.tour import path_of

Follow = Callable[[str, int], Page]


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def follow(open_page: Open, request: pytest.FixtureRequest) -> Follow:
    """Follow the link of a mail."""
    return lambda purpose, pk: open_page(path_of(purpose, pk), scripts=request.param)


@pytest.fixture
def waiting(ana: User) -> Order:
    """Light gray for the studio is out of stock."""
    return Order.objects.get(status="backordered")


@pytest.fixture
def asked(ana: User) -> Replenishment:
    """The plan asks before it orders, and a photo ink is low."""
    Plan.objects.filter(nickname="Studio").update(when_low=Plan.WhenLow.ASK)
    need = Replenishment.objects.get(decision="not_genuine")
    Replenishment.objects.filter(pk=need.pk).update(decision="asking")
    need.refresh_from_db()
    return need


def test_keep_waiting(follow: Follow, waiting: Order) -> None:
    page = follow(mail_links.WAITING, waiting.pk)
    expect(page.get_by_role("heading", level=1)).to_have_text("Waiting for stock")
    page.get_by_role("button", name="Keep waiting").click()
    expect(page.get_by_text("You asked us on Wed 26 Nov to keep it.")).to_be_visible()
    expect(page.get_by_role("button", name="Keep waiting")).to_have_count(0)
    expect(page.get_by_role("link", name="Sign in", exact=True)).to_be_visible()


def test_cancel_from_the_mail_of_the_order(follow: Follow, waiting: Order) -> None:
    page = follow(mail_links.CANCEL, waiting.pk)
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Cancel order {waiting.display_number}?")
    page.get_by_role("button", name="Cancel this order").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cancelled")
    page.go_back()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cancelled")
    waiting.refresh_from_db()
    assert (waiting.status, waiting.events.filter(status="cancelled").count()) == ("cancelled", 1)


def test_shall_we_order_yes(follow: Follow, asked: Replenishment) -> None:
    page = follow(mail_links.ASKED, asked.pk)
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text(f"Shall we order {asked.slot.name} for Studio?")
    page.get_by_role("button", name="Yes, order it").click()
    expect(page.get_by_text("You said yes. We order it now, and write when it is done.")).to_be_visible()
    asked.refresh_from_db()
    assert asked.wanted_at is not None


def test_shall_we_order_not_this_one(follow: Follow, asked: Replenishment) -> None:
    page = follow(mail_links.ASKED, asked.pk)
    page.get_by_role("button", name="Not this one").click()
    expect(page.get_by_role("button")).to_have_count(0)
    asked.refresh_from_db()
    assert (asked.decision, asked.wanted_at) == ("skipped", None)


def test_an_old_link_mails_a_new_one(follow: Follow, waiting: Order) -> None:
    with time_machine.travel(scene.ago(days=31), tick=False):
        path = path_of(mail_links.WAITING, waiting.pk)
    page = follow(mail_links.ORDER, waiting.pk)
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_have_text("This link has run out")
    page.get_by_role("button", name="Mail me a new link").click()
    expect(page.get_by_text("We sent a new one to a...@example.com today.")).to_be_visible()


@pytest.mark.parametrize(("width", "dark"), [(360, False), (1280, True)])
def test_axe_finds_nothing_on_a_question(open_page: Open, asked: Replenishment, width: int, dark: bool) -> None:
    page = open_page(path_of(mail_links.ASKED, asked.pk), width=width, dark=dark)
    expect(page.get_by_role("button", name="Yes, order it")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Not this one").click()
    assert violations(page) == []
