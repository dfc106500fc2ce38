"""One stand-in for the whole session (each parallel worker has its own), empty before every test, and a shop in it."""

from collections.abc import Iterator

import pytest

from ars.standin.process import Handle, start
from tests.standin.shop import Shop


@pytest.fixture(scope="session")
def standin_process() -> Iterator[Handle]:
    handle = start()
    yield handle
    handle.stop()


@pytest.fixture
def standin(standin_process: Handle) -> Iterator[Handle]:
    standin_process.flush()
    yield standin_process
    standin_process.flush()  # what it would still tell us is for no other test


@pytest.fixture
def shop(standin: Handle) -> Shop:
    return Shop(standin.url)
