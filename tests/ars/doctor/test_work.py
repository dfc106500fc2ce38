"""No worker, no beat, and what waits for them."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from celery.app.control import Inspect
from pytest_django import Settings

from ars.models import Tick
from ars.tasks import tick
from tests.ars.doctor.looked import is_well, troubles
from tests.factories import NOW, LowSignalFactory


@pytest.fixture(autouse=True)
def broker(settings: Settings) -> None:
    settings.CELERY_BROKER_URL = "memory://"


def workers_of(monkeypatch: pytest.MonkeyPatch, *queues: str) -> None:
    said: dict[str, Any] | None = {f"celery@{queue}": [{"name": queue}] for queue in queues} or None
    monkeypatch.setattr(Inspect, "active_queues", lambda self: said)


def test_each_queue_has_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    workers_of(monkeypatch, "celery", "outside")
    assert is_well("workers")


def test_one_queue_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    workers_of(monkeypatch, "celery")
    assert troubles("workers") == [
        (
            "No worker takes from the queue outside: charges, mails and webhooks wait. "
            "Start one: celery -A ars.celery worker --queues outside"
        )
    ]


def test_no_worker_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    workers_of(monkeypatch)
    assert len(troubles("workers")) == 2


def test_they_cannot_be_asked_without_a_broker(settings: Settings) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    assert troubles("workers") == ["Workers cannot be asked: the broker does not answer. Mend the broker first."]


def test_beat_was_never_there(db: None) -> None:
    assert troubles("beat")[0].startswith("Beat has never been heard of. Start it, one only: ")


@pytest.mark.parametrize(("minutes", "well"), [(1, True), (5, False)])
def test_beat_by_its_signs_of_life(db: None, minutes: int, well: bool) -> None:
    with time_machine.travel(NOW, tick=False):
        tick.apply(args=("celery",))
        tick.apply(args=("celery",))
    assert Tick.objects.get().ran_at == NOW
    with time_machine.travel(NOW + timedelta(minutes=minutes), tick=False):
        assert is_well("beat") is well
        assert well or troubles("beat")[0].startswith("Beat has not been heard of for 5 minutes: ")


def test_work_is_stuck(db: None) -> None:
    with time_machine.travel(NOW, tick=False):
        assert is_well("work")
        LowSignalFactory.create_batch(2)
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        (said,) = troubles("work")
    assert said.startswith("2 low signals have waited for over 5 minutes. Are there workers of the queue celery?")
