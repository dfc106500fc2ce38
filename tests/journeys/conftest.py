"""One demo with quiet printers for all journeys; each uses slots of its own, so that none depends on another."""

import json
import signal
from collections.abc import Iterator

import pytest

from tests.journeys.outside import Json, World
from tests.journeys.running import Demo


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What kills processes comes last: times are measured while all of them are up."""
    items.sort(key=lambda item: item.nodeid.startswith("tests/journeys/test_faults"))


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    running = Demo(tmp_path_factory.mktemp("journeys") / "home", "--quiet-printers")
    try:
        yield running.wait_until_ready()
    finally:
        assert running.stop(signal.SIGTERM) == 0, running.said
        assert running.leaves_nothing()


@pytest.fixture(scope="session")
def world(demo: Demo) -> World:
    return World(demo)


@pytest.fixture(scope="session")
def spare_device(demo: Demo) -> Json:
    """A printer of the simulated fleet, which is quiet: more slots to use."""
    parts: Json = json.loads((demo.home / "parts.json").read_text())
    spare: Json = parts["printers"][0]
    return spare
