"""Copies of public pages: kept for strangers for a while, never for anybody else's eyes."""

import pytest
from django.test import Client

from printers.models import PrinterModel

PAGES = ["/", "/printers/", "/printers/tr1/", "/prices/", "/help/", "/terms/", "/privacy/", "/robots.txt"]


@pytest.mark.parametrize("path", PAGES)
def test_a_strangers_page_may_be_kept_for_five_minutes(stranger: Client, model: PrinterModel, path: str) -> None:
    response = stranger.get(path)
    assert response["Cache-Control"] == "public, max-age=300"
    assert "Cookie" in response["Vary"]
    assert not response.cookies


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_one_who_is_signed_in_is_his_alone(client: Client, model: PrinterModel, path: str) -> None:
    response = client.get(path)
    assert response["Cache-Control"] == "private, no-cache"
    assert "Cookie" in response["Vary"]


@pytest.mark.parametrize("path", PAGES)
def test_public_pages_only_show(stranger: Client, model: PrinterModel, path: str) -> None:
    assert stranger.post(path).status_code == 405
