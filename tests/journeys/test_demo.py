"""The demo as a command: what it refuses, what it tells, what it keeps, and that it leaves nothing behind."""

import re
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.running import Demo, processes_of

pytestmark = pytest.mark.timeout(280)

ONE_ORDER = ["printer", "decided", "placed", "released", "packed", "charged", "shipped", "delivered"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def refusal(home: Path, *arguments: str, port: int | None = None) -> str:
    """The one sentence of a demo that cannot run."""
    demo = Demo(home, *arguments, port=port)
    assert demo.wait(30) == 1, demo.said
    assert len(demo.said.splitlines()) == 1, demo.said
    return demo.said


def verbs(demo: Demo) -> list[str]:
    """What happened, a word a line."""
    return re.findall(r"^\d\d:\d\d:\d\d  (\w+)", demo.said, re.MULTILINE)


def test_a_busy_port_is_named_with_the_way_out(home: Path, busy_port: int) -> None:
    said = refusal(home, port=busy_port)
    assert f"Port {busy_port} is in use" in said
    assert "PORT=" in said


def test_a_file_in_place_of_the_home_is_named(home: Path) -> None:
    home.write_text("")
    assert f"{home} is not a folder" in refusal(home)


@pytest.mark.parametrize("arguments", [(), ("--fresh",)])
def test_a_folder_of_other_things_is_left_alone(home: Path, arguments: tuple[str, ...]) -> None:
    home.mkdir()
    (home / "thesis.txt").write_text("years of work")
    assert "holds things that are not the demo's" in refusal(home, *arguments)
    assert (home / "thesis.txt").read_text() == "years of work"


def test_damaged_secrets_are_told_with_the_way_to_start_over(home: Path) -> None:
    home.mkdir()
    (home / "demo.lock").touch()
    (home / "secrets.json").write_text("{")
    assert "--fresh" in refusal(home)


def test_a_damaged_database_is_told_and_fresh_starts_over(home: Path) -> None:
    (home / "postgres").mkdir(parents=True)
    (home / "demo.lock").touch()
    (home / "postgres" / "PG_VERSION").write_text("nonsense")
    assert "--fresh" in refusal(home)

    demo = Demo(home, "--quiet-printers", "--fresh").wait_until_ready()

    assert "Another demo" in refusal(home)
    assert demo.stop(signal.SIGINT) == 0
    assert demo.leaves_nothing(), processes_of(home)
    assert not demo.is_ready()


def test_once_ends_by_itself_and_its_home_is_good_for_more_even_after_a_kill(home: Path) -> None:
    once = Demo(home, "--once")
    assert once.wait(200) == 0, once.said
    first = [verbs(once).index(verb) for verb in ONE_ORDER]
    assert first == sorted(first), once.said
    assert verbs(once).count("mail") >= 2, once.said
    assert once.leaves_nothing(), processes_of(home)

    killed = Demo(home, "--quiet-printers").wait_until_ready()
    assert passwords(killed) == passwords(once)
    before = killed.credentials
    killed.process.kill()
    killed.process.wait()

    again = Demo(home, "--quiet-printers", port=killed.port).wait_until_ready()
    changed = {name for name, value in again.credentials.items() if value != before[name]}
    assert changed == {"pids", "stripe_api_base"}
    assert again.stop(signal.SIGHUP) == 0
    assert again.leaves_nothing(), processes_of(home)


def passwords(demo: Demo) -> list[str]:
    return re.findall(r"password (\S+)", demo.said)
