"""The list of printers that can join, and looking for one."""

import pytest
from django.test import Client
from django.urls import reverse

from printers.models import PrinterModel
from tests.ars.account.conftest import text_of
from tests.factories import PrinterModelFactory, SeriesFactory


@pytest.fixture(autouse=True)
def _some(db: None) -> None:
    lasers = SeriesFactory.create(slug="imageclass", enrollment_path="instructions", position=2)
    for name in ("TR8620", "TR8622"):
        PrinterModelFactory.create(name=name)
    PrinterModelFactory.create(name="MF264dw", series=lasers)
    PrinterModelFactory.create(name="TR4500", eligible=False)


def links(client: Client, path: str) -> list[str]:
    """The models a page leads to."""
    html = client.get(path).content.decode()
    return [part.partition('/"')[0] for part in html.split('href="/printers/')[1:] if part[0] not in '"#']


def test_every_eligible_model_stands_under_its_series(stranger: Client) -> None:
    assert links(stranger, "/printers/") == ["tr8620", "tr8622", "mf264dw"]
    assert "PIXMA You enroll it with Start Enrollment" in text_of(stranger, "/printers/")
    assert "imageCLASS You enroll it with View Instructions" in text_of(stranger, "/printers/")


def test_a_search_shows_what_it_found(stranger: Client) -> None:
    assert links(stranger, "/printers/?q=mf26") == ["mf264dw"]
    assert "1 printer for “mf26”." in text_of(stranger, "/printers/?q=mf26")
    assert "2 printers for “tr86”. See all 3" in text_of(stranger, "/printers/?q=tr86")


def test_what_is_not_there_has_neighbours(stranger: Client) -> None:
    assert "No printer called “TR8521” can join. Did you mean PIXMA TR8620" in text_of(stranger, "/printers/?q=TR8521")


def test_what_is_nothing_at_all_leads_to_all(stranger: Client) -> None:
    text = text_of(stranger, "/printers/?q=toaster")
    assert "No printer called “toaster” can join. See all 3" in text
    assert "Did you mean" not in text


def test_a_closed_model_is_told_of_when_it_is_meant(stranger: Client) -> None:
    assert "tr4500" not in links(stranger, "/printers/")
    assert links(stranger, "/printers/?q=TR4500") == ["tr4500"]
    assert "PIXMA TR4500 takes no new plans any more. Plans that run go on." in text_of(stranger, "/printers/?q=TR4500")


def test_an_address_that_is_no_model_is_taken_for_a_search(stranger: Client) -> None:
    response = stranger.get(reverse("printer", args=["tr8623"]))
    assert response.status_code == 404
    assert "Did you mean" in response.content.decode()


def test_what_is_typed_is_shown_as_text(stranger: Client) -> None:
    html = stranger.get("/printers/", {"q": '"><script>\x00'}).content.decode()
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_without_a_catalogue_the_page_says_so(stranger: Client) -> None:
    PrinterModel.objects.all().delete()
    assert "No printer can join yet." in text_of(stranger, "/printers/")
