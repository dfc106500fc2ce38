"""What load balancers and people on call are told."""

import shutil
import socket
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from amqp.exceptions import AccessRefused, NotAllowed
from django.db import OperationalError, connection, connections
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from ars import health
from ars.models import Tick
from billing import confirming
from printers.models import LowSignal
from tests.billing.parcels import asked_in_our_rows
from tests.factories import NOW, LowSignalFactory


@pytest.fixture(autouse=True)
def broker(settings: Settings) -> None:
    settings.CELERY_BROKER_URL = "memory://"


@pytest.fixture
def silent_broker(settings: Settings) -> Iterator[None]:
    """A broker that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        yield


def ready(client: Client) -> tuple[int, str, dict[str, str]]:
    """(status code, status, status by check)."""
    answer = client.get("/readyz")
    body: dict[str, Any] = answer.json()
    assert all(check["detail"] for check in body["checks"])
    return answer.status_code, body["status"], {check["name"]: check["status"] for check in body["checks"]}


def sentence(client: Client, name: str) -> str:
    (detail,) = (check["detail"] for check in client.get("/readyz").json()["checks"] if check["name"] == name)
    return str(detail)


def test_the_process_is_up_whatever_else_is_not(
    client: Client, db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert "no-store" in answer["Cache-Control"]


def test_all_is_well(client: Client, db: None) -> None:
    assert ready(client) == (200, "ok", dict.fromkeys(("database", "migrations", "work", "broker"), "ok"))


def test_without_the_database_no_request_can_be_served(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*args: object) -> None:
        raise OperationalError("connection refused")

    with monkeypatch.context() as patched:
        patched.setattr(connection, "cursor", down)
        assert ready(client) == (503, "unavailable", {"database": "unavailable", "broker": "ok"})


def test_a_migration_that_is_missing_is_named(client: Client, db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'notifications'")
    assert ready(client)[:2] == (503, "unavailable")
    assert "notifications.0001_initial" in sentence(client, "migrations")


def test_a_broker_that_refuses_degrades(client: Client, db: None, settings: Settings) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    assert ready(client) == (
        200,
        "degraded",
        {"database": "ok", "migrations": "ok", "work": "ok", "broker": "degraded"},
    )


@pytest.mark.parametrize("refusal", [AccessRefused, NotAllowed, ConnectionRefusedError])
def test_a_rabbitmq_that_lets_nobody_in_degrades(
    client: Client, db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch, refusal: type[Exception]
) -> None:
    def refuse(*_: object) -> None:
        raise refusal

    settings.CELERY_BROKER_URL = "amqp://ars:wrong@127.0.0.1/ars"
    monkeypatch.setattr("kombu.transport.pyamqp.Transport.establish_connection", refuse)
    assert ready(client)[:2] == (200, "degraded")


def test_a_broker_that_hangs_is_given_half_a_second(client: Client, db: None, silent_broker: None) -> None:
    started = time.monotonic()
    assert ready(client)[:2] == (200, "degraded")
    assert time.monotonic() - started < 20


@pytest.mark.parametrize(("minutes", "told"), [(4, "ok"), (6, "degraded")])
def test_work_that_waits_too_long_degrades(client: Client, db: None, minutes: int, told: str) -> None:
    LowSignalFactory.create()
    with time_machine.travel(NOW + timedelta(minutes=minutes), tick=False):
        code, status, checks = ready(client)
        assert (code, status, checks["work"]) == (200, told, told)


def test_old_work_is_counted_by_its_name(client: Client, db: None) -> None:
    LowSignalFactory.create_batch(2)
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        assert "2 low signals" in sentence(client, "work")


def test_work_that_is_done_waits_for_nobody(client: Client, db: None) -> None:
    LowSignalFactory.create()
    LowSignal.objects.update(due_at=None)
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        assert ready(client)[1] == "ok"


@pytest.mark.parametrize(("minutes", "told"), [(29, "ok"), (36, "degraded")])
def test_a_payment_has_the_time_its_owner_needs_to_confirm_it(
    client: Client, db: None, minutes: int, told: str
) -> None:
    assert confirming.take_up(asked_in_our_rows().order_id, NOW)
    with time_machine.travel(NOW + timedelta(minutes=minutes), tick=False):
        assert ready(client)[1] == told


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_health_is_read_only(client: Client, db: None, address: str) -> None:
    assert client.post(address).status_code == 405


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Looks for the database at another port of this machine."""

    def look(port: int) -> None:
        settings = {**connection.settings_dict, "HOST": "127.0.0.1", "PORT": port}
        settings["OPTIONS"] = {**settings["OPTIONS"], "connect_timeout": 2}
        monkeypatch.setattr(health, "connection", type(connections["default"])(settings, "default"))

    return look


def test_a_database_that_is_gone_is_red(client: Client, db: None, elsewhere: Callable[[int], None]) -> None:
    elsewhere(1)
    assert ready(client) == (503, "unavailable", {"database": "unavailable", "broker": "ok"})


def test_so_is_one_that_takes_connections_and_never_says_a_word(
    client: Client, db: None, elsewhere: Callable[[int], None]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        elsewhere(server.getsockname()[1])
        assert ready(client)[:2] == (503, "unavailable")


def test_one_that_is_newer_than_the_code_is_no_reason(client: Client, db: None) -> None:
    """While a new version is rolled out, the old one still serves."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('orders', '9999_next', now())")
    assert ready(client)[:2] == (200, "ok")


def test_no_worker_no_beat_and_a_full_disk_are_no_reason_either(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Web writes to no disk; what workers leave lying is told once it is late, and by the doctor at once."""
    monkeypatch.setattr(shutil, "disk_usage", lambda place: SimpleNamespace(total=1, used=1, free=0))
    assert not Tick.objects.exists()
    assert ready(client)[:2] == (200, "ok")
