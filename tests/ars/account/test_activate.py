"""Connecting a printer: the code, the question, yes and no, and what is seen until the first reading."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from enrollment import guesses, pairing
from enrollment.models import PairingRequest, Plan, User
from printers.models import Printer, PrinterModel
from tests.ars.account.conftest import report, text_of
from tests.enrollment.askers import SERIAL, ask, poll
from tests.factories import NOW, PlanFactory, PrinterFactory, PrinterModelFactory, SlotFactory, UserFactory

ACTIVATE, ANSWER = "/activate/", "/activate/answer/"
HERE = "127.0.0.1"
UNKNOWN = "No printer is waiting with that code. Check the letters; there are no vowels and no numbers."


@pytest.fixture(autouse=True)
def _no_tries_yet() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def model(db: None) -> PrinterModel:
    model = PrinterModelFactory.create(name="TR8620")
    SlotFactory.create(model=model, code="PGBK", name="Black")
    return model


@pytest.fixture
def request_code(model: PrinterModel) -> str:
    """The code of a request from the browser's own network."""
    return ask(asked_from=HERE)[0].display_code


def page(client: Client, code: str) -> str:
    return text_of(client, f"{ACTIVATE}?user_code={code}")


def answer(client: Client, code: str, said: str = "yes", **chosen: str) -> Any:
    return client.post(ANSWER, {"user_code": code, "answer": said, **chosen})


def say(client: Client, code: str, said: str = "yes", **chosen: str) -> str:
    text: str = answer(client, code, said, **chosen).content.decode()
    return text


# The code


@pytest.mark.parametrize(("method", "path"), [("get", ACTIVATE), ("post", ACTIVATE), ("post", ANSWER)])
def test_a_code_outlives_signing_in(request_code: str, method: str, path: str) -> None:
    sent_on = getattr(Client(), method)(path, {"user_code": request_code})
    assert sent_on["Location"] == f"/accounts/login/?next=/activate/%3Fuser_code%3D{request_code}"


def test_without_a_code_it_is_asked_for(client: Client) -> None:
    assert "Code on the screen of your computer or printer" in text_of(client, ACTIVATE)


def test_a_typed_code_leads_to_its_question_however_it_is_typed(client: Client, request_code: str) -> None:
    typed = client.post(ACTIVATE, {"user_code": f" {request_code.lower().replace('-', ' ')}"})
    assert (typed.status_code, typed["Location"]) == (302, f"{ACTIVATE}?user_code={request_code}")


@pytest.mark.parametrize("typed", ["BBBB-BBBB", "WDJB", "ÄÖÜ-0123", "x" * 5000, "WD\x00JB"])
def test_a_wrong_code_says_so_and_stays_in_the_field(client: Client, request_code: str, typed: str) -> None:
    answer = client.post(ACTIVATE, {"user_code": typed})
    assert (answer.status_code, answer.context["form"].errors["user_code"]) == (200, [UNKNOWN])


@pytest.mark.parametrize("path", [ACTIVATE, ANSWER])
def test_an_empty_field_is_no_try(client: Client, db: None, path: str) -> None:
    assert client.post(path, {"user_code": " "}).context["form"].errors["user_code"] == ["This field is required."]
    assert not guesses.BY_ADDRESS.is_reached(HERE)


def test_codes_that_ran_out_or_were_used_say_so(client: Client, model: PrinterModel) -> None:
    old, used = ask(NOW - timedelta(hours=1))[0], ask()[0]
    pairing.deny(used, UserFactory.create(), NOW)
    assert "That code has run out. Ask for a new one" in page(client, old.display_code)
    assert "That code has done its work already." in page(client, used.display_code)


def test_ten_wrong_codes_of_an_account_are_enough(client: Client, request_code: str) -> None:
    for _ in range(10):
        assert client.get(f"{ACTIVATE}?user_code=BBBBBBBB").status_code == 200
    for stopped in (client.get(f"{ACTIVATE}?user_code={request_code}"), answer(client, request_code)):
        assert (stopped.status_code, stopped["Retry-After"]) == (429, "600")
        assert "Wait 10 minutes, or call us." in stopped.content.decode()
    assert not Printer.objects.exists()


def test_an_address_is_stopped_whatever_accounts_it_uses(request_code: str) -> None:
    statuses = []
    for _ in range(3):
        client = Client()
        client.force_login(UserFactory.create())
        statuses += [client.post(ACTIVATE, {"user_code": "BBBBBBBB"}).status_code for _ in range(8)]
    assert statuses == [200] * 20 + [429] * 4


# The question


def test_the_question_shows_what_asks(client: Client, request_code: str) -> None:
    text = page(client, request_code)
    assert "Is this your printer? PIXMA TR8620 Serial number ends 4471. Asked just now, from your own network." in text
    assert f"The screen shows {request_code}." in text
    assert SERIAL not in text
    assert "different network" not in text


def test_a_request_from_elsewhere_is_warned_of(client: Client, model: PrinterModel) -> None:
    request, _ = ask(NOW - timedelta(minutes=2), asked_from="203.0.113.70")
    text = page(client, request.display_code)
    assert "This request comes from a different network than yours (203.0.113.x)." in text
    assert "Asked 2 minutes ago, from another network." in text


def test_looking_connects_nothing(client: Client, request_code: str) -> None:
    page(client, request_code)
    client.post(ACTIVATE, {"user_code": request_code})
    say(client, request_code, said="perhaps")
    assert PairingRequest.objects.get().outcome == "waiting"
    assert not Plan.objects.exists()


def test_a_model_we_carry_no_ink_for_cannot_be_connected(client: Client, model: PrinterModel) -> None:
    request, _ = ask(make_and_model="Canon TS8430 series")
    text = page(client, request.display_code)
    assert "We do not carry ink for this model yet, so nothing was connected." in text
    assert "Yes, connect it" not in text
    assert "We do not carry ink for this model yet" in say(client, request.display_code)
    assert not Printer.objects.exists()


def test_one_pending_plan_needs_no_question(client: Client, ana: User, model: PrinterModel, request_code: str) -> None:
    plan = PlanFactory.create(user=ana, model=model, nickname="Attic", pending=True)
    assert "It goes with the plan you have for Attic." in page(client, request_code)
    assert answer(client, request_code)["Location"] == f"/activate/{plan.pk}/"
    assert Plan.objects.get().printer == Printer.objects.get()


def test_several_pending_plans_are_a_choice(client: Client, ana: User, model: PrinterModel, request_code: str) -> None:
    first, second = (PlanFactory.create(user=ana, model=model, nickname=name, pending=True) for name in "AB")
    assert "Which printer is it?" in page(client, request_code)
    assert "This field is required." in say(client, request_code)
    assert "Select a valid choice." in say(client, request_code, choice=f"plan-{PlanFactory.create(model=model).pk}")
    assert answer(client, request_code, choice=f"plan-{second.pk}")["Location"] == f"/activate/{second.pk}/"
    first.refresh_from_db()
    assert first.printer is None


def test_a_series_leaves_the_model_to_its_owner(client: Client, ana: User, model: PrinterModel) -> None:
    other = PrinterModelFactory.create(name="TR8622")
    request, _ = ask(make_and_model="Canon TR8600 series")
    text = page(client, request.display_code)
    assert "PIXMA TR8620" in text
    assert "PIXMA TR8622" in text
    answer(client, request.display_code, choice=f"model-{other.pk}")
    assert Plan.objects.get().model == other


# Yes, no, and after


def test_yes_leads_to_the_wait_for_the_first_reading(client: Client, ana: User, request_code: str) -> None:
    said = answer(client, request_code)
    plan = Plan.objects.get(user=ana)
    assert (said.status_code, said["Location"]) == (302, f"/activate/{plan.pk}/")
    text = text_of(client, said["Location"])
    assert "Waiting for the first reading Usually under a minute." in text
    assert "1 of 4 done" in text
    assert "Next: shipping address" in text


def test_the_same_yes_twice_shows_what_the_first_did(client: Client, request_code: str) -> None:
    first, second = answer(client, request_code), answer(client, request_code)
    assert (second.status_code, second["Location"]) == (302, first["Location"])
    assert Plan.objects.count() == 1


def test_somebody_else_cannot_say_yes_again(client: Client, request_code: str) -> None:
    answer(client, request_code)
    ben = Client()
    ben.force_login(UserFactory.create())
    assert "That code has done its work already." in say(ben, request_code)
    assert Plan.objects.count() == 1


def test_no_is_final(client: Client, request_code: str) -> None:
    said = client.post(ANSWER, {"user_code": request_code, "answer": "no"}, follow=True)
    assert "Nothing was connected. If somebody sent you that code, you did well." in said.content.decode()
    assert "That code has done its work already." in say(client, request_code)
    assert not Plan.objects.exists()


def test_a_printer_active_elsewhere_reveals_nothing(client: Client, model: PrinterModel, request_code: str) -> None:
    taken = PlanFactory.create(
        model=model, nickname="Bens", printer=PrinterFactory.create(model=model, serial_number=SERIAL)
    )
    answered = client.post(ANSWER, {"user_code": request_code, "answer": "yes"}, follow=True)
    text = answered.content.decode()
    assert "This printer is active in another account" in text
    assert not any(secret in text for secret in ("Bens", taken.user.email, taken.user.full_name, SERIAL))
    assert taken.events.get().due_at == NOW


def test_a_question_cannot_be_answered_from_another_site(ana: User, request_code: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ana)
    assert answer(client, request_code).status_code == 403
    assert not Plan.objects.exists()


def connected(client: Client, ana: User) -> Plan:
    """Ana's plan, one yes and one poll later."""
    request, device_code = ask(asked_from=HERE)
    answer(client, request.display_code)
    poll(device_code)
    return Plan.objects.select_related("printer").get(user=ana)


def test_only_a_reading_after_the_yes_proves_it(client: Client, ana: User, model: PrinterModel) -> None:
    plan = connected(client, ana)
    path = f"/activate/{plan.pk}/"
    report(plan, level=64, at=NOW - timedelta(minutes=1))
    assert "Waiting for the first reading" in text_of(client, path)
    assert '<meta http-equiv="refresh" content="5">' in client.get(path).content.decode()
    report(plan, level=64, at=NOW)
    page = client.get(path).content.decode()
    assert "<h1>Connected</h1>" in page
    assert "refresh" not in page
    assert "Black, 64 percent" in page


def test_what_is_low_already_is_said(client: Client, ana: User, model: PrinterModel) -> None:
    plan = connected(client, ana)
    report(plan, level=9, at=NOW)
    text = text_of(client, f"/activate/{plan.pk}/")
    assert "Black is low now. We order it today, as soon as the set-up is finished. I have a spare" in text


def test_a_reading_that_does_not_come_is_no_reason_to_stay(client: Client, ana: User, model: PrinterModel) -> None:
    plan = connected(client, ana)
    with time_machine.travel(NOW + timedelta(minutes=11), tick=False):
        page = client.get(f"/activate/{plan.pk}/").content.decode()
    assert "Connected, but no reading yet" in page
    assert '<meta http-equiv="refresh" content="60">' in page
