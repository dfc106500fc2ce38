"""What only a browser can tell: reach, contrast and names by axe, the policy, keyboard, narrow windows, no scripts."""

import gzip

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import APIResponse, Page, expect

from ars.standin.process import Handle
from enrollment.models import User
from tests.browser.conftest import Open, sign_in
from tests.browser.tour import PUBLIC, own_pages

NARROW, PHONE, WIDE = 320, 360, 1280
SMALL_PAGE_BYTES = 50_000
PARTS = 4  # axe needs a second a page, and there are many
WINDOWS = [(width, dark) for width in (PHONE, WIDE) for dark in (False, True)]


def violations(page: Page) -> list[str]:
    """What axe has to say about the page once its styles are there, each with the element it means."""
    page.wait_for_load_state()
    found = Axe().run(page).response["violations"]
    return [f"{page.url} {each['id']}: {node['html']}" for each in found for node in each["nodes"]]


def width_of(page: Page) -> int:
    """How wide the page is, once its styles are there, in pixels: more than its window, and it scrolls sideways."""
    page.wait_for_load_state()
    width: int = page.evaluate("document.documentElement.scrollWidth")
    return width


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize(("width", "dark"), WINDOWS)
def test_axe_finds_nothing_on_any_page(open_page: Open, ana: User, width: int, dark: bool, part: int) -> None:
    page = open_page(width=width, dark=dark)
    found = []
    for path in [*PUBLIC.values()][part::PARTS]:
        page.goto(path)
        found += violations(page)
    sign_in(page, ana)
    for path in [*own_pages(ana).values()][part::PARTS]:
        page.goto(path)
        found += violations(page)
    assert found == []


def test_axe_finds_nothing_on_a_form_sent_back(open_page: Open, ana: User) -> None:
    page = open_page("/accounts/login/")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("Type your e-mail address.")
    assert violations(page) == []


def test_no_page_asks_another_host_or_breaks_the_policy(open_page: Open, ana: User, standin: Handle) -> None:
    page = open_page()
    asked, complaints = set[str](), list[str]()
    page.on("request", lambda request: asked.add(request.url.split("/")[2]))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    sign_in(page, ana)
    home = page.url.split("/")[2]
    pages = own_pages(ana)
    del pages["by-mail-old"]  # 410, which is told on the console
    for path in pages.values():
        page.goto(path)
    assert asked == {home, standin.url.split("/")[2]}  # where cards are typed, the card service
    assert complaints == []


def test_no_page_scrolls_sideways_on_the_narrowest_phone(open_page: Open, ana: User) -> None:
    page = open_page(width=NARROW)
    sign_in(page, ana)
    wide = []
    for path in (*PUBLIC.values(), *own_pages(ana).values()):
        page.goto(path)
        if width_of(page) > NARROW:
            wide.append(path)
    assert wide == []


def test_every_page_has_one_heading_and_a_title_of_its_own(open_page: Open, ana: User) -> None:
    page = open_page()
    sign_in(page, ana)
    titles = {}
    for path in own_pages(ana).values():
        page.goto(path)
        assert page.locator("h1").count() == 1, path
        titles[page.title()] = path
    assert len(titles) == len(own_pages(ana))
    assert all(title.endswith(" - ARS") for title in titles)


def test_signing_in_out_and_finding_an_order_works_without_scripts(open_page: Open, ana: User) -> None:
    page = open_page(scripts=False)
    page.get_by_role("link", name="Sign in", exact=True).click()
    sign_in(page, ana)
    expect(page.get_by_role("heading", level=1)).to_have_text("Your ink")
    page.get_by_role("region", name="Recent orders").get_by_role("link", name="Cyan").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Arrives Tue 2 - Mon 8 Dec")
    expect(page.get_by_role("link", name="Track parcel")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in", exact=True)).to_be_visible()
    page.goto("/account/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_a_plan_is_found_by_the_words_of_the_promise(open_page: Open, ana: User) -> None:
    page = open_page()
    sign_in(page, ana)
    page.get_by_role("link", name="Auto Replenishment Service").click()
    row = page.get_by_role("region", name="Active printers").get_by_role("listitem").filter(has_text="Front desk")
    row.get_by_role("link", name="View Plan").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Front desk")
    for words in ("Shipping Address", "Payment Method"):
        expect(page.get_by_role("term").filter(has_text=words)).to_be_visible()


def test_the_keyboard_reaches_the_content_first_and_then_everything(open_page: Open, ana: User) -> None:
    page = open_page()
    sign_in(page, ana)
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to the content")
    expect(page.locator(":focus")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Use another card")
    assert page.locator(":focus").evaluate("element => getComputedStyle(element).outlineWidth") == "3px"
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Card problem")


def test_everything_to_click_is_large_enough(open_page: Open, ana: User) -> None:
    page = open_page(width=PHONE)
    sign_in(page, ana)
    small = page.eval_on_selector_all(
        "a:not(.skip):not(p a), button",
        "found => found.filter(e => e.getBoundingClientRect().height < 24).map(e => e.textContent.trim())",
    )
    assert small == []


def test_the_overview_is_small_even_the_first_time(open_page: Open, ana: User) -> None:
    page = open_page()
    sign_in(page, ana)
    page.wait_for_url("**/account/", wait_until="networkidle")
    needed: list[str] = page.evaluate("performance.getEntriesByType('resource').map(entry => entry.name)")
    assert any(address.endswith("pico.min.css") for address in needed)
    assert sum(transferred(page.request.get(address)) for address in (page.url, *needed)) < SMALL_PAGE_BYTES


def transferred(response: APIResponse) -> int:
    """Static files travel compressed, as `collectstatic` leaves them; pages as they are."""
    body = response.body()
    return len(gzip.compress(body)) if "/static/" in response.url else len(body)


def test_axe_would_find_a_fault(open_page: Open) -> None:
    page = open_page()
    page.evaluate("document.querySelector('h1').outerHTML = '<img src=\"/x.png\"><p id=faint>faint</p>'")
    page.evaluate("document.getElementById('faint').style.color = '#bbbbbb'")
    found = " ".join(violations(page))
    assert "image-alt" in found
    assert "color-contrast" in found
