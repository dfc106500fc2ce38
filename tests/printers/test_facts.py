"""Facts: claimed once, given back by a crash, and nudged without ever holding anybody up."""

import logging
from datetime import datetime, timedelta
from threading import Event
from typing import Any

import pytest
import time_machine
from celery import current_app
from django.conf import settings

from printers import facts
from printers.models import LowSignal
from tests.factories.printers import NOW, LowSignalFactory
from tests.races.threads import race
from tests.waiting import eventually

LEASE = timedelta(seconds=60)


def take(limit: int = 100, now: datetime = NOW) -> list[int]:
    return facts.claim(LowSignal, now=now, lease=LEASE, limit=limit)


def test_a_claimed_fact_is_nobody_elses_until_its_lease_runs_out(db: None) -> None:
    signal = LowSignalFactory.create()
    assert (take(), take(now=NOW + LEASE / 2), take(now=NOW + LEASE)) == ([signal.pk], [], [signal.pk])


def test_done_and_future_facts_are_not_claimed(db: None) -> None:
    LowSignalFactory.create(due_at=None)
    LowSignalFactory.create(due_at=NOW + timedelta(seconds=1))
    assert take() == []


@pytest.mark.django_db(transaction=True)
def test_eight_claimers_share_the_facts_without_taking_one_twice() -> None:
    made = {LowSignalFactory.create().pk for _ in range(40)}
    outcomes = race(*[lambda: take(limit=5)] * 8)
    taken = [pk for outcome in outcomes for pk in outcome]
    assert sorted(taken) == sorted(set(taken))
    assert set(taken) <= made


@time_machine.travel(NOW, tick=False)
def test_a_swept_fact_is_done(db: None) -> None:
    LowSignalFactory.create_batch(3)
    assert facts.sweep(LowSignal, lambda pks, now: None) == 3
    assert not LowSignal.objects.filter(due_at__isnull=False).exists()


@time_machine.travel(NOW, tick=False)
def test_a_fact_made_due_again_while_it_is_acted_on_stays_due(db: None) -> None:
    signal = LowSignalFactory.create()
    again = NOW + timedelta(minutes=5)

    def act(pks: list[int], now: datetime) -> None:
        LowSignal.objects.filter(pk__in=pks).update(due_at=again)

    facts.sweep(LowSignal, act)
    signal.refresh_from_db()
    assert signal.due_at == again


@time_machine.travel(NOW, tick=False)
def test_a_bad_fact_holds_up_no_other_and_comes_back(db: None, caplog: pytest.LogCaptureFixture) -> None:
    bad, good = LowSignalFactory.create_batch(2)

    def act(pks: list[int], now: datetime) -> None:
        if bad.pk in pks:
            raise ValueError("bad row")

    assert facts.sweep(LowSignal, act) == 1
    assert f"failed for fact {bad.pk}" in caplog.text
    assert dict(LowSignal.objects.values_list("pk", "due_at")) == {bad.pk: NOW + LEASE, good.pk: None}


def test_a_nudge_with_a_dead_broker_neither_raises_nor_waits(
    db: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, django_capture_on_commit_callbacks: Any
) -> None:
    gone_on = Event()

    def refused(*args: Any, **options: Any) -> None:
        gone_on.wait(timeout=30)
        raise ConnectionRefusedError("no broker")

    monkeypatch.setattr(current_app, "send_task", refused)
    caplog.set_level(logging.INFO, "printers.facts")
    with django_capture_on_commit_callbacks(execute=True):
        facts.nudge("low_signal")
    assert "nudge not sent" not in caplog.text
    gone_on.set()
    assert eventually(lambda: "nudge not sent" in caplog.text)


def test_every_nudge_names_a_task_that_beat_runs_too() -> None:
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert set(settings.NUDGES.values()) <= scheduled
    current_app.loader.import_default_modules()
    assert scheduled <= set(current_app.tasks)
