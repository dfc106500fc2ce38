"""A standard client that others wrote pairs with us: discovery, code, polls, token, and the token works."""

import re
from datetime import UTC, datetime
from html import unescape

import pytest
from django.test import Client
from django.utils.html import strip_tags
from pytest_django.live_server_helper import LiveServer

from enrollment.models import Plan, User
from printers.models import Printer
from tests.factories import PrinterModelFactory, SlotFactory, UserFactory
from tests.pairing.conftest import StandardClient

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("openid-client")]


@pytest.fixture
def ana(transactional_db: None) -> User:
    SlotFactory.create(model=PrinterModelFactory.create(name="TR8620"), code="C", name="Cyan")
    return UserFactory.create()


@pytest.fixture
def browser(ana: User) -> Client:
    client = Client()
    client.force_login(ana)
    return client


def text_of(browser: Client, path: str) -> str:
    page = browser.get(path, follow=True).content.decode()
    return re.sub(r"\s+", " ", unescape(strip_tags(page)))


def report(token: str) -> int:
    supplies = [{"slot": "C", "level": 64}]
    body = {"message_id": "1", "observed_at": datetime.now(UTC).isoformat(), "supplies": supplies}
    headers = {"authorization": f"Bearer {token}"}
    return Client().post("/api/v1/telemetry", body, "application/json", headers=headers).status_code


def test_it_pairs_and_the_first_reading_proves_it(
    browser: Client, live_server: LiveServer, standard_client: StandardClient
) -> None:
    asked = standard_client.says()
    page = text_of(browser, asked["verification_uri_complete"].removeprefix(live_server.url))
    assert "PIXMA TR8620 Serial number ends 4471." in page
    said_yes = browser.post("/activate/answer/", {"user_code": asked["user_code"].lower(), "answer": "yes"})
    assert "Waiting for the first reading" in text_of(browser, said_yes["Location"])
    granted = standard_client.says()
    assert (granted["token_type"].lower(), granted["scope"]) == ("bearer", "telemetry")
    assert report(granted["access_token"]) == 202
    assert "Connected" in text_of(browser, said_yes["Location"])
    assert str(Printer.objects.get().uuid) == "0a1b2c3d-0000-4000-8000-00000000beef"
    assert Plan.objects.get().status == Plan.Status.PENDING


def test_it_is_told_no(browser: Client, standard_client: StandardClient) -> None:
    asked = standard_client.says()
    browser.post("/activate/answer/", {"user_code": asked["user_code"], "answer": "no"})
    assert standard_client.says()["error"] == "access_denied"
    assert (Printer.objects.count(), Plan.objects.count()) == (0, 0)
