"""Copies of public pages: kept for strangers for a while, never for anybody else's eyes."""

import pytest
from django.test import Client

from orders.models import Price
from printers.models import PrinterModel

PAGES = ["/", "/printers/", "/printers/tr1/", "/prices/", "/help/", "/terms/", "/privacy/", "/robots.txt"]


@pytest.mark.parametrize("path", PAGES)
def test_a_strangers_page_may_be_kept_for_five_minutes(stranger: Client, model: PrinterModel, path: str) -> None:
    response = stranger.get(path)
    assert response["Cache-Control"] == "public, max-age=300"
    assert {"Cookie", "Accept-Language"} <= {name.strip() for name in response["Vary"].split(",")}
    assert not response.cookies


@pytest.mark.parametrize("path", PAGES)
def test_a_copy_that_is_asked_after_is_not_sent_again(stranger: Client, model: PrinterModel, path: str) -> None:
    etag = stranger.get(path)["ETag"]
    again = stranger.get(path, headers={"if-none-match": etag})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag)
    assert again["Cache-Control"] == "public, max-age=300"
    assert "Cookie" in again["Vary"]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_one_who_is_signed_in_is_his_alone(client: Client, model: PrinterModel, path: str) -> None:
    response = client.get(path)
    assert response["Cache-Control"] == "private, no-cache"
    assert "Cookie" in response["Vary"]


@pytest.mark.parametrize("path", PAGES)
def test_public_pages_only_show(stranger: Client, model: PrinterModel, path: str) -> None:
    assert stranger.post(path).status_code == 405


def test_a_copy_is_old_when_a_price_has_changed(stranger: Client, model: PrinterModel) -> None:
    etags = {path: stranger.get(path)["ETag"] for path in ("/prices/", "/printers/tr1/")}
    Price.objects.filter(amount_cents=1000).update(amount_cents=4321)
    for path, etag in etags.items():
        answer = stranger.get(path, headers={"if-none-match": etag})
        assert answer.status_code == 200, path
        assert "$43.21" in answer.content.decode(), path


def test_a_copy_is_old_when_the_catalogue_has_changed(stranger: Client, model: PrinterModel) -> None:
    etags = {path: stranger.get(path)["ETag"] for path in ("/printers/", "/sitemap.xml")}
    PrinterModel.objects.update(eligible=False)
    for path, etag in etags.items():
        assert stranger.get(path, headers={"if-none-match": etag}).status_code == 200, path


@pytest.mark.parametrize("path", PAGES)
def test_one_who_is_signed_in_is_always_answered_in_full(
    client: Client, stranger: Client, model: PrinterModel, path: str
) -> None:
    known = stranger.get(path)["ETag"]
    answer = client.get(path, headers={"if-none-match": known})
    assert answer.status_code == 200
    assert "ETag" not in answer.headers


def test_what_is_not_there_is_no_copy_of_anything(stranger: Client, model: PrinterModel) -> None:
    answer = stranger.get("/printers/nothing/", headers={"if-none-match": "*"})
    assert (answer.status_code, "ETag" in answer.headers) == (404, False)
