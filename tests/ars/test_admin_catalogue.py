"""What the catalogue role changes of series, models and slots, and what it reads when it may not."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from enrollment.models import Change
from printers.models import PrinterModel, Series, Slot
from tests.billing.paid import staff
from tests.factories import PrinterModelFactory, SeriesFactory, SlotSkuFactory

pytestmark = pytest.mark.django_db


def client_of(role: str) -> Client:
    client = Client()
    client.force_login(staff(role, "cleo@ink.example"))
    return client


def page(row: Any) -> str:
    return reverse(f"admin:printers_{row._meta.model_name}_change", args=[row.pk])


def none(prefix: str) -> dict[str, int]:
    return {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}


def said(response: Any) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def test_the_way_to_enrol_is_changed_and_written_down() -> None:
    series = SeriesFactory.create(name="PIXMA", enrollment_path="download")
    answer = client_of("Catalogue").post(page(series), {"enrollment_path": "instructions", "name": "Other"})
    assert answer.status_code == 302
    assert "PIXMA printers are enrolled by “View Instructions (web page)” from now on" in said(answer)
    series.refresh_from_db()
    assert (series.name, series.enrollment_path) == ("PIXMA", "instructions")
    change = Change.objects.latest("pk")
    assert (change.before, change.after) == ({"enrollment_path": "download"}, {"enrollment_path": "instructions"})


@pytest.mark.parametrize("way", ["", "pigeon"])
def test_no_other_way_is_taken(way: str) -> None:
    series = SeriesFactory.create(enrollment_path="download")
    assert "Choose one of the two ways." in client_of("Catalogue").post(page(series), {"enrollment_path": way}).text
    assert Series.objects.get(pk=series.pk).enrollment_path == "download"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("0", "At 0 % it is empty, and its owner has waited: choose 1 % or more."),
        ("-3", "choose 1 % or more."),
        ("100", "At 100 % a new cartridge would be low: choose 99 % or less."),
        ("many", "A level is a whole number of percent, such as 15."),
        ("", "Say at which level it is low."),
    ],
)
def test_a_mark_that_cannot_be_is_refused_with_a_sentence(typed: str, sentence: str) -> None:
    slot = SlotSkuFactory.create(slot__low_threshold=15).slot
    answer = client_of("Catalogue").post(page(slot), {"low_threshold": typed, **none("fits"), **none("aliases")})
    assert sentence in answer.text
    assert Slot.objects.get(pk=slot.pk).low_threshold == 15


def test_a_new_mark_says_from_when_it_counts() -> None:
    slot = SlotSkuFactory.create(slot__low_threshold=15).slot
    answer = client_of("Catalogue").post(page(slot), {"low_threshold": "22", **none("fits"), **none("aliases")})
    assert f"From each printer's next report on, {slot.name} of {slot.model} is low at 22 %." in said(answer)
    assert Slot.objects.get(pk=slot.pk).low_threshold == 22


def test_a_picture_is_chosen_from_drawings() -> None:
    model = PrinterModelFactory.create()
    cleo = client_of("Catalogue")
    shown = cleo.get(page(model)).text
    assert [f"#{each}" in shown for each in PrinterModel.Picture.values] == [True] * len(PrinterModel.Picture.values)
    assert cleo.post(page(model), {"eligible": "on", "picture": "laser", **none("slots")}).status_code == 302
    assert PrinterModel.objects.get(pk=model.pk).picture == "laser"
    assert cleo.post(page(model), {"eligible": "on", "picture": "../x.svg", **none("slots")}).status_code == 200
    assert PrinterModel.objects.get(pk=model.pk).picture == "laser"


@pytest.mark.parametrize("role", ["Support", "Warehouse", "Finance"])
def test_others_change_nothing_of_it(role: str) -> None:
    series, slot = SeriesFactory.create(enrollment_path="download"), SlotSkuFactory.create(slot__low_threshold=15).slot
    client = client_of(role)
    assert client.post(page(series), {"enrollment_path": "instructions"}).status_code == 403
    assert client.post(page(slot), {"low_threshold": "22", **none("fits"), **none("aliases")}).status_code == 403
    assert client.post(page(slot.model), {"picture": "laser", **none("slots")}).status_code == 403
