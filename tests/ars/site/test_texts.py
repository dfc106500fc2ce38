"""Help, terms and privacy; what crawlers read; the style guide."""

import hashlib
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.test import Client
from pytest_django.fixtures import Settings

from ars.site.specimens import SUPPLY_STATES
from enrollment import terms
from orders import words
from printers.models import PrinterModel
from tests.ars.account.conftest import text_of
from tests.factories import PrinterModelFactory

# Every question the public promises answer; the addresses are kept, others link to them.
ASKED = (
    *("own-printer", "benefits", "eligible", "enroll", "activate", "fee", "price", "online", "low", "on-its-way"),
    *("genuine", "out-of-stock", "manage", "cancel", "still-came", "sold"),
)
# The text of a version never changes: a changed text is a new version, and this is its fingerprint.
TEXTS = {
    "2026-11-23": "a9928f64faeec6fb52d92e0bc573821715f8faae806913ed57dd63877c25f94b",
    "2026-11-28": "330cda593bc964ff1ddf24cae3f72a8be826739403fc8219af916426fd639eba",
}


@pytest.mark.parametrize("question", ASKED)
def test_every_question_has_an_answer_and_a_link_to_it(stranger: Client, question: str) -> None:
    html = stranger.get("/help/").content.decode()
    assert f'<h3 id="{question}">' in html
    assert f'<a href="#{question}">' in html


def test_a_question_is_asked_in_the_same_words_above_and_below(stranger: Client) -> None:
    html = stranger.get("/help/").content.decode()
    linked = dict(re.findall(r'<a href="#([\w-]+)">(.+?)</a>', html))
    assert linked == dict(re.findall(r'<h3 id="([\w-]+)">(.+?)</h3>', html))


def test_managing_is_told_by_the_words_on_the_pages(stranger: Client) -> None:
    text = text_of(stranger, "/help/")
    for said in ("“Shipping Address” or “Payment Method”, choose “Edit”", "press “Save”"):  # promise P14
        assert said in text
    text = text[text.rindex("How do I cancel?") :]
    steps = ("“Auto Replenishment Service” tab", "choose “View Plan”", "Choose “Cancel Plan”", "confirm it by mail")
    assert [text.index(step) for step in steps] == sorted(text.index(step) for step in steps)  # promise P15


def test_a_changed_text_is_a_new_version() -> None:
    pages = Path(settings.BASE_DIR) / "templates" / "pages"
    texts = [" ".join((pages / name).read_text().split()) for name in ("terms_text.html", "privacy_text.html")]
    assert TEXTS[terms.VERSION] == hashlib.sha256("\n".join(texts).encode()).hexdigest()


@pytest.mark.parametrize("path", ["/terms/", "/privacy/"])
def test_a_text_names_its_version(stranger: Client, path: str) -> None:
    assert f"Version {terms.VERSION}" in text_of(stranger, path)


def test_the_privacy_text_leads_to_ones_own_data(stranger: Client) -> None:
    assert '<a href="/account/data/">See and delete what we keep</a>' in stranger.get("/privacy/").content.decode()


@pytest.mark.parametrize("path", ["/", "/printers/", "/prices/", "/help/", "/terms/", "/privacy/", "/printers/tr1/"])
def test_pages_allow_nothing_from_outside(stranger: Client, model: PrinterModel, path: str) -> None:
    html = stranger.get(path).content.decode()
    assert re.findall(r"<script|<style| style=|src=\"http|onclick", html) == []


def test_crawlers_are_led_to_the_map(stranger: Client) -> None:
    response = stranger.get("/robots.txt")
    assert response["Content-Type"].startswith("text/plain")
    assert "Disallow: /account/\n" in response.content.decode()
    assert f"Sitemap: {settings.SITE_URL}/sitemap.xml" in response.content.decode()


def test_the_map_leads_to_pages_that_are_there(stranger: Client, model: PrinterModel) -> None:
    PrinterModelFactory.create(name="TR2", eligible=False)
    root = ElementTree.fromstring(stranger.get("/sitemap.xml").content)
    paths = [(place.text or "").removeprefix(settings.SITE_URL) for place in root.iter() if place.tag.endswith("loc")]
    assert paths[:6] == ["/", "/printers/", "/prices/", "/enroll/", "/download/", "/instructions/"]
    assert paths[6:] == ["/help/", "/terms/", "/privacy/", "/printers/tr1/"]
    assert [stranger.get(path).status_code for path in paths] == [200] * 10


def test_the_style_guide_is_for_those_who_build(stranger: Client, settings: Settings) -> None:
    assert stranger.get("/styleguide/").status_code == 404
    settings.DEBUG = True
    text = text_of(stranger, "/styleguide/")
    for state in (*words.STATES.values(), *SUPPLY_STATES):
        assert state.label in text
