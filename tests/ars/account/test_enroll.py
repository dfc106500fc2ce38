"""The wizard for an owned printer: series, model, serial number, and an account on the way (promises P1, P4)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django.fixtures import Settings

from enrollment.models import Plan, User
from printers.models import PrinterModel, Series
from tests.ars.account.conftest import posted, text_of
from tests.factories import PlanFactory, PrinterFactory, PrinterModelFactory, SeriesFactory
from tests.post import latest_code

SERIAL = "ACDE04471"
PAGE = "/enroll/printer/tr8620/"


@pytest.fixture(autouse=True)
def _no_tries_yet() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def model(db: None) -> PrinterModel:
    return PrinterModelFactory.create(name="TR8620")


@pytest.fixture
def laser(db: None) -> PrinterModel:
    series = SeriesFactory.create(slug="imageclass", enrollment_path=Series.EnrollmentPath.INSTRUCTIONS)
    return PrinterModelFactory.create(name="MF644Cdw", series=series)


# Series and model, for anybody


def test_a_stranger_chooses_series_and_model_without_an_account(model: PrinterModel, laser: PrinterModel) -> None:
    PrinterModelFactory.create(name="TR1", eligible=False)
    stranger = Client()
    assert "Which printer do you have?" in text_of(stranger, "/enroll/")
    html = stranger.get("/enroll/").content.decode()
    assert 'href="/enroll/pixma/"' in html
    assert 'href="/enroll/imageclass/"' in html
    page = text_of(stranger, "/enroll/pixma/")
    assert "Which PIXMA is it?" in page
    assert "TR8620" in page
    assert "MF644Cdw" not in page
    assert "TR1 " not in page


def test_the_model_page_leads_past_both(model: PrinterModel) -> None:
    assert Client().get("/enroll/?model=tr8620")["Location"] == PAGE
    assert Client().get("/enroll/?model=nothing%00").status_code == 200


def test_series_and_models_that_are_none_lead_nowhere(model: PrinterModel) -> None:
    assert [Client().get(path).status_code for path in ("/enroll/lasers/", "/enroll/printer/tr1/")] == [404, 404]


def test_a_stranger_reads_what_comes_and_is_led_to_an_account(model: PrinterModel) -> None:
    html = Client().get(PAGE).content.decode()
    doors = [html.count(f'href="/accounts/{door}/?next={PAGE}"') for door in ("signup", "login")]
    assert doors == [1, 2]  # to sign in, the one in the head of the page too
    assert "Serial number" not in html


def test_a_strangers_form_is_sent_to_sign_in_and_makes_nothing(model: PrinterModel) -> None:
    assert Client().post(PAGE, {"serial": SERIAL})["Location"] == f"/accounts/login/?next={PAGE}"
    assert not Plan.objects.exists()


def test_the_choice_survives_making_an_account(model: PrinterModel) -> None:
    stranger = Client()
    stranger.post(f"/accounts/signup/?next={PAGE}", {"email": "ben@example.com", "full_name": "Ben", "next": PAGE})
    assert stranger.post("/accounts/confirm-email/", {"code": latest_code()})["Location"] == PAGE


@pytest.mark.parametrize("door", ["login", "login/code"])
def test_the_choice_survives_signing_in_by_a_code(model: PrinterModel, ana: User, door: str) -> None:
    stranger = Client()
    assert f"/accounts/login/code/?next={PAGE}" in stranger.get(f"/accounts/login/?next={PAGE}").content.decode()
    typed = {"login": ana.email, "email": ana.email, "next": PAGE}
    asks_for_code = stranger.post(f"/accounts/{door}/?next={PAGE}", typed)["Location"]
    assert f'name="next" value="{PAGE}"' in stranger.get(asks_for_code).content.decode()
    assert stranger.post(asks_for_code, {"code": latest_code(), "next": PAGE})["Location"] == PAGE


# The serial number


def test_the_serial_number_makes_the_plan_and_leads_on(client: Client, ana: User, model: PrinterModel) -> None:
    answer = client.post(PAGE, {"serial": "acde 04471"})
    plan = Plan.objects.get()
    assert answer["Location"] == f"/account/replenishment/{plan.pk}/shipping-address/"
    assert (plan.user, plan.model, plan.expected_serial, plan.status) == (ana, model, SERIAL, "pending")


@pytest.mark.parametrize("serial", [SERIAL, ""])
def test_sent_twice_it_is_one_plan(client: Client, model: PrinterModel, serial: str) -> None:
    first, second = (client.post(PAGE, {"serial": serial})["Location"] for _ in range(2))
    assert first == second
    assert Plan.objects.count() == 1


@pytest.mark.parametrize("typed", ["AB12", "A" * 21, "ACDE_04471", "ÄÖÜ12345", "<b>hello</b>"])
def test_what_can_be_no_serial_number_says_so_and_comes_back(client: Client, model: PrinterModel, typed: str) -> None:
    page = posted(client, PAGE, {"serial": typed})
    assert page.startswith("Error: Enroll a PIXMA TR8620")
    assert page.count("A serial number is 5 to 20 letters and digits. Look again, or leave the field empty.") == 2
    assert not Plan.objects.exists()


def test_an_owner_sees_the_plan_there_is_and_can_enroll_another(client: Client, ana: User, plan: Plan) -> None:
    page = f"/enroll/printer/{plan.model.slug}/"
    assert "Yours already Front desk View Plan for Front desk Another one of them" in text_of(client, page)
    client.post(page, {"serial": SERIAL})
    assert Plan.objects.filter(user=ana, model=plan.model).count() == 2
    assert f"{plan.model.name} (4471) Continue" in text_of(client, page)


def test_what_is_begun_is_found_on_the_first_page(client: Client, ana: User, model: PrinterModel) -> None:
    plan = PlanFactory.create(user=ana, model=model, pending=True, nickname="Attic")
    assert f'href="/account/replenishment/{plan.pk}/set-up/"' in client.get("/enroll/").content.decode()
    assert "Begun, not finished Attic" in text_of(client, "/enroll/")
    assert "Attic" not in text_of(Client(), "/enroll/")


def test_a_printer_active_elsewhere_says_what_to_do_and_reveals_nothing(client: Client, model: PrinterModel) -> None:
    printer = PrinterFactory.create(model=model, serial_number=SERIAL)
    taken = PlanFactory.create(model=model, printer=printer, nickname="Bens")
    page = posted(client, PAGE, {"serial": SERIAL})
    assert "This printer is active in another account. If you bought it used, its former owner must let it go" in page
    assert not any(secret in page for secret in ("Bens", taken.user.email, taken.user.full_name))
    assert (Plan.objects.count(), taken.events.get().due_at is not None) == (1, True)


def test_too_many_of_them_are_429(client: Client, model: PrinterModel) -> None:
    for number in range(6):
        PlanFactory.create(model=model, printer=PrinterFactory.create(model=model, serial_number=f"ACDE0000{number}"))
    statuses = [client.post(PAGE, {"serial": f"ACDE0000{number}"}).status_code for number in range(6)]
    assert statuses == [200] * 5 + [429]


def test_a_model_closed_meanwhile_says_so_and_makes_nothing(client: Client, model: PrinterModel) -> None:
    PrinterModel.objects.update(eligible=False)
    for page in (text_of(client, PAGE), posted(client, PAGE, {"serial": SERIAL}), text_of(Client(), PAGE)):
        assert "New plans for this model are closed. Plans that run go on." in page
        assert "Serial number" not in page
    assert not Plan.objects.exists()


# Where the printer is connected


@pytest.mark.parametrize("path", ["/download/", "/instructions/"])
def test_how_to_connect_is_public_and_names_the_activation_page(db: None, path: str) -> None:
    html = Client().get(path).content.decode()
    assert 'href="/activate/"' in html
    assert "ars-agent.pyz" in html or 'href="/download/"' in html


def test_the_program_is_offered_only_where_there_is_one(db: None, settings: Settings, tmp_path: Path) -> None:
    settings.AGENT_FILE = tmp_path / "ars-agent.pyz"
    assert "This server has no copy of it yet. Call us" in text_of(Client(), "/download/")
    settings.AGENT_FILE.touch()
    html = Client().get("/download/").content.decode()
    assert 'href="/download/ars-agent.pyz"' in html
    assert "no copy of it" not in html


def test_the_command_names_this_server(db: None, settings: Settings) -> None:
    settings.SITE_URL = "https://ink.example"
    assert "python3 ars-agent.pyz pair --server https://ink.example" in text_of(Client(), "/download/")
