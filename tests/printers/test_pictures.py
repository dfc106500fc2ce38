"""The drawings a model may have: each choice is drawn, and shown where it was chosen."""

import re

import pytest
from django.conf import settings
from django.test import Client

from printers.models import PrinterModel
from tests.factories import PrinterModelFactory


def test_each_choice_is_drawn() -> None:
    sprite = (settings.BASE_DIR / "static" / "printers.svg").read_text()
    assert re.findall(r'symbol id="([^"]+)"', sprite) == PrinterModel.Picture.values


@pytest.mark.django_db
@pytest.mark.parametrize("picture", ["", *PrinterModel.Picture.values])
def test_the_public_page_shows_what_was_chosen(client: Client, picture: str) -> None:
    model = PrinterModelFactory.create(picture=picture)
    page = client.get(f"/printers/{model.slug}/").text
    assert re.findall(r'printers[^"#]*\.svg#(\w*)"', page) == ([picture] if picture else [])
    assert (f'aria-label="{model.get_picture_display()}"' in page) is bool(picture)
