"""A home of its own for each test's agent, and printers that go when the test does."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent.build import build
from tests.agent.certificate import make_certificate
from tests.agent.ipp_printer import Behaviour, IppPrinter
from tests.agent.program import Program
from tests.agent.service import FakeService

Start = Callable[..., IppPrinter]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing of the one who runs the tests is read or written."""
    monkeypatch.setenv("ARS_AGENT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a printer that behaves as told, over TLS if asked."""
    started: list[IppPrinter] = []

    def start(behave: Behaviour, *, tls: bool = False) -> IppPrinter:
        certificate = make_certificate(tmp_path / f"{len(started)}.pem") if tls else None
        started.append(IppPrinter(behave, certificate))
        return started[-1]

    yield start
    for printer in started:
        printer.close()


@pytest.fixture
def service() -> Iterator[FakeService]:
    """The service, as obliging as it can be."""
    service = FakeService()
    yield service
    service.close()


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The one file."""
    return build(tmp_path_factory.mktemp("agent") / "ars-agent.pyz")


@pytest.fixture
def program(built: Path, home: Path) -> Program:
    """What a customer types."""
    return Program(built, home)
