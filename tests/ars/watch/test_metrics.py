"""Who may read `/metrics`, what it says, and what that costs."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from ars.backoffice import counting
from ars.models import Tick
from ars.watch import figures
from printers.models import LowSignal
from tests.ars.processes import ROOT
from tests.factories import NOW, LowSignalFactory, OrderEventFactory
from tests.factories.notifications import MessageFactory
from tests.orders.world import World

TOKEN = "of-prometheus-alone"


def read(client: Client) -> dict[str, float]:
    """Each sample by its name and the values of its labels."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    found = {}
    for family in text_string_to_metric_families(answer.content.decode()):
        for sample in family.samples:
            labels = ",".join(value for name, value in sample.labels.items() if name != "le")
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


@pytest.fixture(autouse=True)
def broker(settings: Settings) -> None:
    settings.CELERY_BROKER_URL = "memory://"


class TestWhoReads:
    @pytest.fixture
    def with_token(self, settings: Settings) -> None:
        settings.METRICS_TOKEN = TOKEN

    @pytest.mark.parametrize("sent", [f"Bearer {TOKEN}", f"bearer  {TOKEN}"])
    def test_who_sends_the_token(self, client: Client, db: None, with_token: None, sent: str) -> None:
        answer = client.get("/metrics", headers={"Authorization": sent}, REMOTE_ADDR="203.0.113.7")
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith("text/plain")
        assert "no-store" in answer["Cache-Control"]

    @pytest.mark.parametrize("sent", ["", "Bearer", "Bearer ", f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN, "Bearer ü"])
    def test_nobody_else_where_there_is_one(self, client: Client, db: None, with_token: None, sent: str) -> None:
        assert client.get("/metrics", headers={"Authorization": sent}).status_code == 404

    @pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "::1", "fd00::7"])
    def test_private_addresses_where_there_is_none(self, client: Client, db: None, address: str) -> None:
        assert client.get("/metrics", REMOTE_ADDR=address).status_code == 200

    @pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700::1111", "", "unix:"])
    def test_no_public_one(self, client: Client, db: None, address: str) -> None:
        assert client.get("/metrics", REMOTE_ADDR=address).status_code == 404

    @pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
    def test_a_proxy_is_near_but_whom_it_speaks_for_is_not(self, client: Client, db: None, header: str) -> None:
        assert client.get("/metrics", headers={header: "127.0.0.1"}).status_code == 404

    def test_nor_behind_a_proxy_that_says_nothing(self, client: Client, db: None, settings: Settings) -> None:
        settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
        assert client.get("/metrics").status_code == 404

    def test_it_is_read_only(self, client: Client, db: None) -> None:
        assert client.post("/metrics").status_code == 405


def test_the_oldest_low_signal_nobody_has_decided_about(client: Client, world: World) -> None:
    world.low("PGBK")
    with time_machine.travel(NOW + timedelta(minutes=7), tick=False):
        told = read(client)
    assert (told["ars_signals_undecided"], told["ars_signal_oldest_undecided_seconds"]) == (1, 420)
    assert (told["ars_work_due{lowsignal}"], told["ars_work_due_seconds{lowsignal}"]) == (1, 420)
    assert told["ars_work_stuck{lowsignal}"] == 1


def test_a_signal_that_fails_again_and_again_grows_old_though_its_lease_is_new(client: Client, world: World) -> None:
    world.low("PGBK")
    LowSignal.objects.update(due_at=NOW + timedelta(minutes=8))
    with time_machine.travel(NOW + timedelta(minutes=7), tick=False):
        assert read(client)["ars_signal_oldest_undecided_seconds"] == 420


def test_one_that_is_decided_again_is_not_undecided(client: Client, world: World) -> None:
    world.low("PGBK")
    world.decide()
    LowSignal.objects.update(due_at=NOW)
    with time_machine.travel(NOW + timedelta(days=20), tick=False):
        assert read(client)["ars_signals_undecided"] == 0


def test_counters_are_of_what_was_counted_and_never_fall(client: Client, world: World) -> None:
    world.order("PGBK")
    counting.count(NOW + timedelta(minutes=1))
    names = ("ars_signals_total", "ars_orders_total", "ars_decisions_total{ordered}")
    assert [read(client)[name] for name in names] == [1, 1, 1]
    counting.count(NOW + timedelta(hours=1))
    counting.count(NOW + timedelta(hours=2))
    assert [read(client)[name] for name in names] == [1, 1, 1]


def test_mails_that_wait(client: Client, db: None) -> None:
    MessageFactory.create(created_at=NOW, due_at=NOW + timedelta(hours=2), sent_at=None)
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        told = read(client)
    assert (told["ars_mails_unsent"], told["ars_mail_oldest_unsent_seconds"]) == (1, 3600)


def test_signs_of_life(client: Client, db: None) -> None:
    Tick.objects.create(queue="outside", sent_at=NOW, ran_at=NOW + timedelta(seconds=3))
    with time_machine.travel(NOW + timedelta(seconds=10), tick=False):
        told = read(client)
    assert told["ars_queue_lag_seconds{outside}"] == 3
    assert told["ars_queue_tick_age_seconds{outside}"] == 7
    assert told["ars_beat_last_tick_timestamp_seconds"] == NOW.timestamp()


def test_requests_by_route(client: Client, db: None) -> None:
    client.get("/healthz")
    client.get("/nowhere/at-all")
    told = read(client)
    assert told["ars_http_request_duration_seconds_count{GET,healthz,200}"] >= 1
    assert told["ars_http_request_duration_seconds_count{GET,none,404}"] >= 1
    assert not any("at-all" in name for name in told)


def test_the_broker_away_is_told_and_the_rest_too(client: Client, db: None, settings: Settings) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    told = read(client)
    assert (told["ars_broker_up"], told["ars_database_up"]) == (0, 1)
    assert "ars_mails_unsent" in told


def test_the_database_away_is_told_and_requests_too(client: Client, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*args: object) -> None:
        raise OperationalError("connection refused")

    client.get("/healthz")
    with monkeypatch.context() as patched:
        patched.setattr(connection, "cursor", down)
        told = read(client)
    assert (told["ars_broker_up"], told["ars_database_up"]) == (1, 0)
    assert "ars_mails_unsent" not in told
    assert told["ars_http_request_duration_seconds_count{GET,healthz,200}"] >= 1


def test_its_questions_do_not_grow_with_what_there_is(client: Client, db: None) -> None:
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            list(figures.Rows().collect())
        return len(queries)

    few = asked()
    LowSignalFactory.create_batch(5)
    OrderEventFactory.create_batch(5)
    assert asked() == few < 60


def plans(client: Client) -> list[Any]:
    """How PostgreSQL would answer each question of a scrape about rows that wait, could it not read tables through."""
    with CaptureQueriesContext(connection) as queries:
        list(figures.Rows().collect())
    asked = [each["sql"] for each in queries if "due_at" in each["sql"] and each["sql"].startswith("SELECT")]
    found = []
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for question in asked:
            cursor.execute(f"EXPLAIN {question}")
            found.append((question, "\n".join(line for (line,) in cursor.fetchall())))
    return found


def test_what_waits_is_found_by_an_index_of_what_waits(client: Client, db: None) -> None:
    found = plans(client)
    assert len(found) > 20
    assert [question for question, plan in found if "_due" not in plan] == []


@pytest.mark.parametrize("processes", [3])
def test_several_web_processes_tell_of_each_other(tmp_path: Path, processes: int) -> None:
    program = (
        "from ars.watch import http; from prometheus_client import generate_latest\n"
        "http.observe('healthz', 'GET', 200, 0.01)\n"
        "print(generate_latest(http.all_processes()).decode())"
    )
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "metrics")}
    for count in range(1, processes + 1):
        said = subprocess.run(
            [sys.executable, "-c", program], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout
        assert f'_count{{method="GET",route="healthz",status="200"}} {count}.0' in said
