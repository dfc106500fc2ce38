"""The stand-in and the SDK as billing's tests have them, and a postman."""

from collections.abc import Iterator

import pytest

from ars.standin.process import Handle
from tests.billing.conftest import shop, standin, stripe_process
from tests.faults.postman import Postman
from tests.faults.service import Service

__all__ = ["shop", "standin", "stripe_process"]


@pytest.fixture(scope="session")
def postman() -> Iterator[Postman]:
    postman = Postman()
    yield postman
    postman.close()


@pytest.fixture
def service(standin: Handle, postman: Postman, monkeypatch: pytest.MonkeyPatch) -> Service:
    return Service(standin, postman, monkeypatch)
