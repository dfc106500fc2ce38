"""The agent pairs with an authorization server that we did not write (RFC 8628, found by RFC 8414)."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

from tests.agent.conftest import Start
from tests.agent.ipp_printer import INK, http_answer, ipp_answer, sends
from tests.agent.program import Program
from tests.waiting import eventually

PATIENCE = 100.0  # seconds


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its address."""
    folder = tmp_path_factory.mktemp("foreign")
    command = [sys.executable, str(Path(__file__).with_name("server.py")), str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        assert eventually(lambda: (folder / "port").exists() or process.poll() is not None, PATIENCE)
        yield f"http://127.0.0.1:{(folder / 'port').read_text()}"
    finally:
        process.kill()
        process.wait(10)


def answer(foreign: str, code: str, action: str) -> None:
    """Ana types the code and answers the question."""
    for page, told in (("device/", {"user_code": code}), (f"device-confirm/ars-agent/{code}", {"action": action})):
        with urlopen(f"{foreign}/o/{page}", urlencode(told).encode(), timeout=PATIENCE) as response:
            assert response.status == 200


def pair(program: Program, foreign: str, printer: str, action: str) -> tuple[int | None, str]:
    """How it ended and what was said."""
    pairing = program.start("pair", "--server", foreign, "--printer", printer)
    assert pairing.stdout is not None
    said = "".join(pairing.stdout.readline() for _ in range(2))
    code = re.search(r"Open (\S+) and enter the code (\S+)", said)
    assert code, said
    assert code[1] == f"{foreign}/o/device/"
    answer(foreign, code[2], action)
    rest, errors = pairing.communicate(timeout=PATIENCE)
    return pairing.returncode, said + rest + errors


@pytest.fixture
def printer(start: Start) -> str:
    return start(sends(http_answer(ipp_answer({**INK})))).uri()


def test_a_yes_there_is_a_token_here(program: Program, foreign: str, printer: str, home: Path) -> None:
    ended, said = pair(program, foreign, printer, "accept")
    assert (ended, "Connected: Canon TS8430 series" in said) == (0, True), said
    kept = json.loads(next((home / "printers").iterdir()).read_text())
    assert (kept["server"], len(kept["token"]) > 20) == (foreign, True)


def test_a_no_there_is_none(program: Program, foreign: str, printer: str) -> None:
    ended, said = pair(program, foreign, printer, "deny")
    assert (ended, "The answer was no: this printer was not connected." in said) == (1, True), said
    assert json.loads(program.run("status", "--json").stdout) == []
