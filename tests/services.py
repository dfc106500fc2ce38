"""A pytest plugin: a throw-away PostgreSQL and Redis when no DATABASE_URL is set, before Django reads its settings."""

import os
import re
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from ars import embedded

STARTED = pytest.StashKey[tuple[embedded.Services, Path]]()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    """A wrapper comes before every plain hook, and so before pytest-django reads the settings."""
    if not os.environ.get("DATABASE_URL"):
        _start(early_config)
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is not None:
        _take_own_redis_databases(int(worker.removeprefix("gw")))
    return (yield)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Nothing of it stays."""
    if STARTED in config.stash:
        services, home = config.stash[STARTED]
        services.stop()
        shutil.rmtree(home)


def _start(config: pytest.Config) -> None:
    home = Path(tempfile.mkdtemp(prefix="ars-tests-"))
    try:
        services = embedded.start(home, durable=False)
    except embedded.EmbeddedError as error:
        shutil.rmtree(home)
        raise pytest.UsageError(str(error)) from error
    config.stash[STARTED] = services, home
    os.environ.update(services.environment)


def _take_own_redis_databases(number: int) -> None:
    """Parallel test processes share one Redis: each has its own two numbered databases in it."""
    for variable, database in (("CELERY_BROKER_URL", 2 * number), ("CACHE_URL", 2 * number + 1)):
        url = os.environ.get(variable, "")
        if url.startswith(("redis", "unix")):
            os.environ[variable] = re.sub(r"(?<=[/=])\d+$", str(database % 16), url)
