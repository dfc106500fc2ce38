"""What makes the suite quick without the product knowing of tests: a cheap password hasher, static files left alone."""

import os
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.dispatch import receiver
from django.test import Client, TransactionTestCase
from hypothesis import HealthCheck
from hypothesis import settings as properties
from pytest_django import DjangoDbBlocker
from xdist.scheduler import LoadScopeScheduling

from tests.chromium import browser
from tests.emptying import Emptying
from tests.races.threads import go_home
from tests.repeats import no_repeats
from tests.waiting import eventually

__all__ = ["browser"]  # one for all folders that need it
# A property says so of itself where it wants more: always the same examples, however slow the machine.
properties.register_profile(
    "steady", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
properties.load_profile("steady")
STATIC_FILES = pytest.StashKey[tempfile.TemporaryDirectory[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Before any test, and before the first request builds its middleware."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # WhiteNoise reads every static file whenever a test client is made, unless it looks only when asked for one.
    settings.WHITENOISE_AUTOREFRESH = True
    # The folder must exist (a warning else), and what `collectstatic` left in the real one is no business of tests.
    config.stash[STATIC_FILES] = tempfile.TemporaryDirectory(prefix="ars-static-")
    settings.STATIC_ROOT = config.stash[STATIC_FILES].name
    # A cache that does not answer at once is one that is away: where all processors are busy, that would be chance.
    settings.CACHES["default"].setdefault("OPTIONS", {}).update(socket_timeout=60, socket_connect_timeout=60)
    settings.AGENT_FILE = Path(settings.STATIC_ROOT, "never-built.pyz")  # nor is what `make agent` left


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing behind."""
    config.stash[STATIC_FILES].cleanup()


TOGETHER = (
    "tests/journeys/",
    "tests/browser/",
    "tests/agent/peers/",
    "tests/pairing/test_openid_client.py",
    "tests/deploy/test_backup.py",
)  # one running demo, one Chromium at a time, one of each printer, one npm client, one server to copy


def together(nodeid: str) -> str:
    """What one process runs as a whole; every other test goes wherever there is room."""
    return next((folder for folder in TOGETHER if nodeid.startswith(folder)), nodeid)


LONG = (
    *("tests/ars/test_hostile_forms.py", "tests/ars/test_simulation.py", "tests/plans/", "tests/openapi/"),
    *("tests/orders/test_life.py", "tests/races/test_rounds.py"),
)  # a minute or most of one in a single test: begun last, the other processes would wait for it


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """After the shuffle; what is run together comes before all else by itself, for xdist begins with the largest."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """xdist's own groups need a name of pytest's that 9.2 has dropped."""
    scheduler = LoadScopeScheduling(config, log)
    scheduler._split_scope = together
    return scheduler


def pytest_xdist_auto_num_workers() -> int:
    """Three for two processors: a test waits, every now and then, for Chromium, a stand-in, a child or a time-out."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return processors + processors // 2


@pytest.fixture(autouse=True)
def nobody_has_tried() -> None:
    """Limits on guessing count from nought in each test."""
    cache.clear()


@pytest.fixture(autouse=True)
def no_query_for_each_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of every request of a test client, in every test."""
    send = Client.request

    def request(client: Client, **asked: Any) -> Any:
        with no_repeats(f"{asked.get('REQUEST_METHOD', '')} {asked.get('PATH_INFO', '')}"):
            return send(client, **asked)

    monkeypatch.setattr(Client, "request", request)


ANSWERING: set[threading.Thread] = set()


@receiver(request_started)
def begun(**_: object) -> None:
    ANSWERING.add(threading.current_thread())


@receiver(request_finished)
def done(**_: object) -> None:
    ANSWERING.discard(threading.current_thread())


def is_answering() -> bool:
    """Whether a thread of the live server is at a request, though whoever asked may be gone."""
    return any(thread.is_alive() for thread in ANSWERING - {threading.current_thread()})


@pytest.fixture(autouse=True)
def no_request_outlives_its_test() -> Iterator[None]:
    """Set up after the database, so over before it is emptied: a late request would lock it, or write into the next."""
    yield
    go_home()
    assert eventually(lambda: not is_answering()), "a request of this test is still being answered"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Tests that commit are followed by an emptying of ours."""
    with django_db_blocker.unblock():
        empty = Emptying()
    TransactionTestCase._fixture_teardown = lambda case: empty()  # type: ignore[attr-defined]  # not in the stubs
