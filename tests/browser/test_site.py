"""The public site in a browser: without scripts, by finger, on paper; and every component in every state."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.fixtures import Settings

from enrollment.models import User
from tests.browser.conftest import Open
from tests.browser.test_pages import NARROW, PHONE, WINDOWS, violations, width_of
from tests.browser.tour import PUBLIC

pytestmark = pytest.mark.xdist_group("browser")  # one Chromium at a time

SITE = [path for path in PUBLIC.values() if path == "/" or path.startswith(("/printers/", "/pri", "/help/", "/terms/"))]


def heading(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(words)


def test_a_stranger_finds_a_printer_and_its_price_without_scripts(open_page: Open, ana: User) -> None:
    page = open_page(scripts=False)
    page.get_by_role("navigation", name="Site").get_by_role("link", name="Printers").click()
    page.get_by_label("Model, or a part of its name").fill("tr 4520")
    page.get_by_role("button", name="Find it").click()
    page.get_by_role("link", name="TR4520").click()
    heading(page, "PIXMA TR4520")
    expect(page.get_by_role("row", name="Tri-color")).to_contain_text("$20.99")
    page.get_by_role("navigation", name="Site").get_by_role("link", name="Prices").click()
    page.get_by_label("Your printer").fill("PIXMA TR4520")
    page.get_by_role("button", name="Show prices").click()
    first = page.get_by_role("table").first
    expect(first).to_have_accessible_name("PG-243 and CL-244 ink, 2 cartridges")


def test_a_narrow_table_is_still_a_table_to_those_who_hear_it(open_page: Open, ana: User) -> None:
    page = open_page("/printers/tr8620/", width=PHONE)
    row = page.get_by_role("row", name="Pigment Black")
    expect(row.get_by_role("cell")).to_have_count(2)
    assert row.get_by_role("cell").first.evaluate("cell => getComputedStyle(cell).display") == "grid"
    expect(page.get_by_role("columnheader")).to_have_text(["Cartridge", "Standard", "XL"])


def test_on_paper_the_chart_is_prices_alone(open_page: Open, ana: User) -> None:
    page = open_page("/prices/")
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Show prices")).to_be_hidden()
    expect(page.get_by_role("link", name="Sign in")).to_be_hidden()
    expect(page.get_by_text("Demo prices. Not an offer.")).to_be_visible()
    expect(page.get_by_role("table")).to_have_count(20)
    assert page.locator(".family").first.evaluate("family => getComputedStyle(family).breakInside") == "avoid"


@pytest.mark.parametrize("path", SITE)
def test_everything_to_click_is_large_enough(open_page: Open, ana: User, path: str) -> None:
    page = open_page(path, width=PHONE)
    small = page.eval_on_selector_all(
        "a:not(.skip):not(p a, li:not([class], ul[role] > li) a), button, input",
        "found => found.filter(e => e.getBoundingClientRect().height < 24).map(e => e.outerHTML)",
    )
    assert small == []


def test_every_page_has_one_heading_and_a_title_of_its_own(open_page: Open, ana: User) -> None:
    page = open_page()
    titles: list[str] = []
    for path in SITE:
        page.goto(path)
        assert page.locator("h1").count() == 1, path
        titles.append(page.title())
    assert sorted(set(titles)) == sorted(titles)


@pytest.mark.parametrize(("width", "dark"), WINDOWS)
def test_axe_finds_nothing_in_the_style_guide(
    open_page: Open, transactional_db: None, settings: Settings, width: int, dark: bool
) -> None:
    settings.DEBUG = True
    page = open_page("/styleguide/", width=width, dark=dark)
    heading(page, "Style guide")
    assert violations(page) == []


def test_the_style_guide_fits_the_narrowest_phone(open_page: Open, transactional_db: None, settings: Settings) -> None:
    settings.DEBUG = True
    page = open_page("/styleguide/", width=NARROW)
    assert width_of(page) == NARROW
