"""The one file as a customer uses it: commands, what they print, how they end; also when it is killed."""

import hashlib
import json
import shutil
import signal
import subprocess
import zipfile
from pathlib import Path

import pytest

from agent.build import build
from tests.agent.conftest import Start
from tests.agent.ipp_printer import INK, http_answer, ipp_answer, sends
from tests.agent.program import Program
from tests.agent.service import (
    ASKED,
    AUTHORIZATION,
    DEVICE,
    HEARTBEAT,
    TELEMETRY,
    TOKEN,
    FakeService,
    Reply,
)  # fmt: skip
from tests.waiting import eventually

WELL = sends(http_answer(ipp_answer({**INK})))
SOON = Reply(200, {**ASKED, "interval": 0.01})


@pytest.fixture
def uri(start: Start) -> str:
    return start(WELL).uri()


def pair(program: Program, service: FakeService, uri: str) -> subprocess.CompletedProcess[str]:
    service.answers(AUTHORIZATION, SOON)
    return program.run("pair", "--server", service.url, "--printer", uri)


def test_read_tells_programs_what_the_contract_says(program: Program, uri: str) -> None:
    done = program.run("read", uri, "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert set(told) == {"make_and_model", "printer_uuid", "serial_number", "state_reasons", "supplies"}
    assert told["supplies"][2] == {
        "index": 3,
        "name": "Cyan",
        "type": "inkCartridge",
        "class": "supplyThatIsConsumed",
        "colorant": "cyan",
        "level": 12,
        "low": True,
        "raw_level": 12,
        "raw_max": 100,
        "source": "ipp-marker",
    }


def test_read_tells_people(program: Program, uri: str) -> None:
    assert program.run("read", uri).stdout.splitlines() == [
        "Canon TS8430 series (serial number ends 4471)",
        "  Pigment Black: 80 %",
        "  Black: unknown",
        "  Cyan: 12 %, low",
        "  Ink Absorber: 35 %, fills instead of empties",
    ]


@pytest.mark.parametrize(
    "arguments",
    [(), ("brew",), ("read",), ("read", "printer"), ("pair",), ("pair", "--server", "http://ink.example")],
)
def test_wrong_usage_ends_with_two(program: Program, arguments: tuple[str, ...]) -> None:
    assert program.run(*arguments).returncode == 2


def test_a_failure_ends_with_one_and_a_sentence(program: Program, start: Start) -> None:
    done = program.run("read", start(sends(http_answer(b"", "401 Unauthorized"))).uri(), "--json")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("ars-agent: 127.0.0.1:")
    assert done.stderr.count("\n") == 1


def test_it_pairs_reports_and_unpairs(program: Program, service: FakeService, uri: str, home: Path) -> None:
    said = pair(program, service, uri)
    assert said.returncode == 0, said.stderr
    assert said.stdout.splitlines()[:3] == [
        "Connecting Canon TS8430 series (serial number ends 4471).",
        "Open https://ink.example/activate/ and enter the code WDJB-MJHT",
        "or open https://ink.example/activate/?user_code=WDJB-MJHT",
    ]
    assert program.run("run", "--once").returncode == 0
    assert [len(report["supplies"]) for report in service.told(TELEMETRY)] == [3, 3]
    assert program.run("unpair").returncode == 0
    assert service.heard[-1].method == "DELETE"
    assert service.heard[-1].authorization == "Bearer device-token"
    assert program.run("run", "--once").stderr == "ars-agent: No printer is paired: run ars-agent pair first.\n"
    assert "device-token" not in "".join(path.read_text() for path in home.rglob("*.json"))


def test_only_its_user_can_read_the_token(program: Program, service: FakeService, uri: str, home: Path) -> None:
    pair(program, service, uri)
    kept = [path for path in home.rglob("*") if path.is_file() and "device-token" in path.read_text()]
    assert [path.stat().st_mode & 0o777 for path in kept] == [0o600]


def test_status_tells_everything_but_the_token(program: Program, service: FakeService, uri: str) -> None:
    pair(program, service, uri)
    told = program.run("status", "--json").stdout
    assert "device-token" not in told
    status = json.loads(told)[0]
    assert (status["uri"], status["waiting"], status["must_pair_again"]) == (uri, 0, False)
    assert "Cyan is low." in program.run("status").stdout


def test_pairing_again_takes_the_place_of_the_first(program: Program, service: FakeService, uri: str) -> None:
    pair(program, service, uri)
    pair(program, service, uri)
    assert len(json.loads(program.run("status", "--json").stdout)) == 1


def test_a_no_leaves_nothing(program: Program, service: FakeService, uri: str) -> None:
    service.answers(TOKEN, Reply(400, {"error": "access_denied"}))
    done = pair(program, service, uri)
    assert (done.returncode, done.stderr) == (1, "ars-agent: The answer was no: this printer was not connected.\n")
    assert json.loads(program.run("status", "--json").stdout) == []


def test_a_service_that_will_not_let_go_keeps_the_printer(program: Program, service: FakeService, uri: str) -> None:
    pair(program, service, uri)
    service.answers(DEVICE, Reply(503))
    assert program.run("unpair").returncode == 1
    assert len(json.loads(program.run("status", "--json").stdout)) == 1


def test_a_printer_that_is_off_is_told_of(program: Program, service: FakeService, start: Start) -> None:
    printer = start(WELL)
    pair(program, service, printer.uri())
    printer.behave = sends(http_answer(b"", "503 Service Unavailable"))
    done = program.run("run", "--once")
    assert (done.returncode, service.told(HEARTBEAT)) == (1, [{"printer_reachable": False, "reason": "refused"}])


def test_what_was_not_sent_survives_being_killed(program: Program, service: FakeService, uri: str) -> None:
    pair(program, service, uri)
    service.gate.clear()
    running = program.start("run", "--once")
    assert eventually(lambda: len(service.told(TELEMETRY)) == 2)
    running.kill()
    running.communicate(timeout=60)
    service.gate.set()
    assert program.run("run", "--once").returncode == 0
    sent = [report["message_id"] for report in service.told(TELEMETRY)]
    assert (len(sent), sent[1], len(set(sent))) == (4, sent[2], 3)


def test_it_runs_until_it_is_told_to_stop(program: Program, service: FakeService, uri: str) -> None:
    pair(program, service, uri)
    service.answers(TELEMETRY, Reply(202, {"next_report_seconds": 1}))
    program.run("run", "--once")
    running = program.start("run")
    assert eventually(lambda: len(service.told(TELEMETRY)) >= 4)
    assert "Another ars-agent is running already." in program.run("run", "--once").stderr
    running.send_signal(signal.SIGTERM)
    running.communicate(timeout=60)
    assert running.returncode == 0


def test_a_proxy_is_used(program: Program, service: FakeService, uri: str) -> None:
    program.environment["http_proxy"] = "http://127.0.0.1:9"
    done = pair(program, service, uri)
    assert (done.returncode, service.heard) == (1, [])


def test_it_is_built_the_same_each_time(built: Path, tmp_path: Path) -> None:
    again = build(tmp_path / "again" / "ars-agent.pyz")
    assert hashlib.sha256(again.read_bytes()).digest() == hashlib.sha256(built.read_bytes()).digest()
    assert zipfile.ZipFile(built).namelist() == sorted(zipfile.ZipFile(built).namelist())
    assert built.stat().st_size < 500_000


def pythons(name: str) -> str | None:
    """Another Python of this machine: one of the system's, or one that pyenv built."""
    built = sorted((Path.home() / ".pyenv" / "versions").glob("*/bin"))
    return shutil.which(name, path=":".join(["/usr/bin", "/usr/local/bin", "/bin", *map(str, built)]))


@pytest.mark.parametrize("name", ["python3.9", "python3.13", "python3"])
def test_other_pythons_run_it(built: Path, service: FakeService, home: Path, uri: str, name: str) -> None:
    python = pythons(name)
    if python is None:
        pytest.skip(f"{name} is not installed")
    program = Program(built, home, python)
    program.command[1:1] = ["-W", "error"]
    done = program.run("read", uri, "--json")
    assert (done.returncode, len(json.loads(done.stdout)["supplies"])) == (0, 4), done.stderr
    assert pair(program, service, uri).returncode == 0
    for command in (("run", "--once"), ("install", "--to", str(home / "unit")), ("discover", "--seconds", "0.1")):
        assert program.run(*command).returncode == 0
    assert program.run("unpair").returncode == 0


def test_an_older_python_is_told_so(built: Path, home: Path) -> None:
    python = pythons("python3.8")
    if python is None:
        pytest.skip("python3.8 is not installed")
    done = Program(built, home, python).run("status")
    assert (done.returncode, done.stderr.startswith("ars-agent needs Python 3.9 or newer")) == (2, True)


def test_a_start_loads_what_its_command_needs_and_no_more(built: Path, home: Path) -> None:
    """Seconds are the machine's; what is loaded is ours. It starts in less than 0.3 s while this holds."""
    program = Program(built, home)
    program.command[1:1] = ["-S", "-E", "-X", "importtime"]
    loaded = {line.rpartition("|")[2].strip() for line in program.run("status").stderr.splitlines() if "|" in line}
    assert "agent.outbox" in loaded
    assert not loaded & {"ssl", "http.client", "urllib.request", "email.message", "agent.mdns.browse", "plistlib"}


def test_it_needs_nothing_but_python(built: Path, home: Path) -> None:
    alone = Program(built, home)
    alone.command[1:1] = ["-S", "-E"]  # no installed package is seen
    assert alone.run("--version").stdout == "ars-agent 1.0\n"
