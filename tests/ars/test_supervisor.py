"""The supervisor and its reaper: dead children come back, and none outlives its parent."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ars.supervisor import Child, Supervisor, asked_to_stop
from tests.ars.processes import ROOT, alive, all_gone
from tests.waiting import eventually

SLEEP = "import time; time.sleep(60)"
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(60)
"""
POLITE = """
import signal, time
signal.signal(signal.SIGINT, lambda *_: print("bye", flush=True) or exit(0))
print("up", flush=True)
time.sleep(60)
"""
WITH_POOL = """
import subprocess, sys, time
print(subprocess.Popen(["sleep", "60"]).pid, flush=True)
time.sleep(60)
"""
PARENT = """
import sys, time
from pathlib import Path
from ars.supervisor import Child, Supervisor
log = Path(sys.argv[1])
with Supervisor() as supervisor:
    for name in ("web", "worker"):
        supervisor.start(Child(name, [sys.executable, "-c", sys.argv[2]], {}, log / f"{name}.log"))
    supervisor.watch()
    print(supervisor._reaper.process.pid, *supervisor.pids().values(), flush=True)
    time.sleep(60)
"""


class Told:
    """What a supervisor told its owner."""

    def __init__(self) -> None:
        self.restarts: list[tuple[str, int]] = []
        self.failures: list[str] = []

    def restart(self, name: str, pid: int) -> None:
        self.restarts.append((name, pid))


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def supervisor(told: Told) -> Iterator[Supervisor]:
    with Supervisor(told.restart, told.failures.append) as supervisor:
        yield supervisor


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log" / "child.log"


def child(log: Path, code: str, name: str = "worker") -> Child:
    return Child(name, [sys.executable, "-c", code], {"INK": "12"}, log)


def written(log: Path, text: str) -> bool:
    return log.exists() and text in log.read_text()


def test_a_child_has_its_environment_its_log_and_its_own_session(supervisor: Supervisor, log: Path) -> None:
    code = "import os, sys; print(os.environ['INK'], os.getsid(0), flush=True); print('bad', file=sys.stderr)"
    pid = supervisor.start(child(log, f"{code}\n{SLEEP}"))
    assert eventually(lambda: written(log, "bad\n"))
    assert log.read_text() == f"12 {pid}\nbad\n"
    assert supervisor.pids() == {"worker": pid}


def test_a_child_that_dies_is_started_again_and_told(supervisor: Supervisor, told: Told, log: Path) -> None:
    first = supervisor.start(child(log, SLEEP))
    supervisor.watch()
    os.kill(first, signal.SIGKILL)
    assert eventually(lambda: bool(told.restarts))
    second = supervisor.pids()["worker"]
    assert told.restarts == [("worker", second)]
    assert second != first
    assert alive(second)


def test_what_a_dead_child_left_in_its_group_is_killed_first(supervisor: Supervisor, told: Told, log: Path) -> None:
    first = supervisor.start(child(log, WITH_POOL))
    assert eventually(lambda: written(log, "\n"))
    orphan = int(log.read_text())
    supervisor.watch()
    os.kill(first, signal.SIGKILL)
    assert eventually(lambda: bool(told.restarts))
    assert eventually(lambda: not alive(orphan))


def test_a_child_that_keeps_dying_is_given_up_with_the_end_of_its_log(
    supervisor: Supervisor, told: Told, log: Path
) -> None:
    supervisor.start(child(log, "print('no ink'); raise SystemExit(3)"))
    supervisor.watch()
    assert eventually(lambda: bool(told.failures), seconds=60)
    reason = f"worker died 5 times within 30 s; the end of {log}:\n" + "\n".join(["no ink"] * 5)
    assert told.failures == [reason]
    assert supervisor.failure == reason
    assert len(told.restarts) == 4


def test_a_child_that_worked_is_started_again_however_often_it_is_killed(
    supervisor: Supervisor, told: Told, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ars.supervisor.SOUND_SECONDS", 0.0)
    supervisor.start(child(log, "raise SystemExit(3)"))
    supervisor.watch()
    assert eventually(lambda: len(told.restarts) > 6)
    assert told.failures == []


def test_a_program_that_vanished_is_given_up(supervisor: Supervisor, told: Told, log: Path, tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.symlink_to(sys.executable)
    pid = supervisor.start(Child("web", [str(program), "-c", SLEEP], {}, log))
    program.unlink()
    supervisor.watch()
    os.kill(pid, signal.SIGKILL)
    assert eventually(lambda: bool(told.failures))
    assert told.failures[0].startswith("web cannot be started ([Errno 2] No such file or directory")


def test_stop_asks_by_the_childs_own_signal(supervisor: Supervisor, log: Path) -> None:
    supervisor.start(Child("web", [sys.executable, "-c", POLITE], {}, log, signal.SIGINT))
    assert eventually(lambda: written(log, "up"))
    supervisor.stop()
    assert log.read_text() == "up\nbye\n"


def test_stop_kills_what_does_not_end(supervisor: Supervisor, log: Path) -> None:
    deaf = supervisor.start(child(log, STUBBORN))
    assert eventually(lambda: written(log, "deaf"))
    supervisor.stop(grace_seconds=0.2)
    assert not alive(deaf)


def test_stop_ends_the_whole_group(supervisor: Supervisor, log: Path) -> None:
    supervisor.start(child(log, WITH_POOL))
    assert eventually(lambda: written(log, "\n"))
    supervisor.stop()
    assert eventually(lambda: not alive(int(log.read_text())))


def test_a_stopped_supervisor_starts_nothing_again(supervisor: Supervisor, told: Told, log: Path) -> None:
    supervisor.start(child(log, SLEEP))
    supervisor.watch()
    supervisor.stop()
    supervisor.stop()
    assert told.restarts == []


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGKILL, SLEEP), (signal.SIGTERM, SLEEP), (signal.SIGHUP, SLEEP), (signal.SIGKILL, STUBBORN)],
)
def test_no_child_outlives_its_parent(tmp_path: Path, number: signal.Signals, code: str) -> None:
    parent = start_parent(tmp_path, code)
    reaper, *children = parent.pids
    parent.end(number)
    assert eventually(lambda: all_gone([reaper, *children]), seconds=60)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_reaper_is_deaf_to_what_ends_its_parent(tmp_path: Path, number: signal.Signals) -> None:
    parent = start_parent(tmp_path, SLEEP)
    reaper, *children = parent.pids
    os.kill(reaper, number)
    parent.end(signal.SIGKILL)
    assert eventually(lambda: all_gone(children), seconds=60)


def test_a_killed_reaper_is_replaced(supervisor: Supervisor, told: Told, log: Path) -> None:
    first = supervisor.start(child(log, SLEEP))
    supervisor.watch()
    reaper = supervisor._reaper.process.pid
    os.kill(reaper, signal.SIGKILL)
    os.kill(first, signal.SIGKILL)
    assert eventually(lambda: bool(told.restarts))
    assert supervisor._reaper.process.pid != reaper
    assert supervisor._reaper.process.poll() is None


class Parent:
    """A process that supervises two children; its first line names its reaper and them."""

    def __init__(self, log: Path, code: str) -> None:
        argv = [sys.executable, "-c", PARENT, str(log), code]
        self.popen = subprocess.Popen(argv, env={"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True)
        assert self.popen.stdout
        self.pids = [int(pid) for pid in self.popen.stdout.readline().split()]

    def end(self, number: signal.Signals) -> None:
        self.popen.send_signal(number)
        self.popen.communicate(timeout=60)


def start_parent(tmp_path: Path, code: str) -> Parent:
    parent = Parent(tmp_path, code)
    assert len(parent.pids) == 3
    if code == STUBBORN:
        assert eventually(lambda: written(tmp_path / "web.log", "deaf") and written(tmp_path / "worker.log", "deaf"))
    return parent


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_request_to_stop_sets_the_event_and_ends_nothing(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with asked_to_stop() as stop:
        assert not stop.is_set()
        os.kill(os.getpid(), number)
        assert stop.wait(5)
    assert signal.getsignal(number) is before


def test_under_nohup_a_closed_terminal_stops_nothing() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with asked_to_stop() as stop:
            os.kill(os.getpid(), signal.SIGHUP)
            assert not stop.wait(0.05)
    finally:
        signal.signal(signal.SIGHUP, before)
