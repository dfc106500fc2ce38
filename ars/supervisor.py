"""The supervisor: runs child processes, starts the dead ones again, and leaves none of them behind."""

import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from ars.reaper import Reaper, signal_group

STOP_SECONDS = 10.0
WATCH_SECONDS = 0.1
FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 3.0
DEATHS_ALLOWED = 5
DEATHS_WINDOW_SECONDS = 30.0
SOUND_SECONDS = 5.0  # a child that lived this long works: whoever kills it, however often, has it started again
LOG_LINES_TOLD = 10

_left_to_reapers: list[subprocess.Popen[bytes]] = []  # kept, or their destructors would warn of running children


@dataclass(frozen=True)
class Child:
    """A program to keep running: `stop_signal` asks it to end, `user` is who it becomes (None: who we are)."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    log_path: Path
    stop_signal: int = signal.SIGTERM
    user: int | None = None


@dataclass
class _Running:
    child: Child
    process: subprocess.Popen[bytes]
    deaths: deque[float] = field(default_factory=lambda: deque(maxlen=DEATHS_ALLOWED))
    restart_at: float | None = None
    started_at: float = field(default_factory=time.monotonic)


def _nobody_listens(*_: object) -> None:
    """The default callback."""


class Supervisor:
    """Keeps children running, each in its own session with its output in its own log file.

    `start()` each child and `watch()`, in any order: from then on a child that dies is started again and
    `on_restart(name, pid)` is called, from the watching thread. A child that keeps dying ends the watch:
    `on_give_up(sentence)` is called and `failure` holds the sentence. The other children run on until `stop()`.
    If this process itself dies, its reaper ends the children (with `lock`: once nobody shares that file any more).
    """

    def __init__(
        self,
        on_restart: Callable[[str, int], None] = _nobody_listens,
        on_give_up: Callable[[str], None] = _nobody_listens,
        *,
        lock: Path | None = None,
    ) -> None:
        self.failure: str | None = None
        self._on_restart = on_restart
        self._on_give_up = on_give_up
        self._running: dict[str, _Running] = {}
        self._lock = lock
        self._reaper = Reaper(lock)
        self._hiring = threading.Lock()  # between a child's start and its place in the table no reaper is replaced
        self._ending = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="supervisor", daemon=True)
        self._stopped = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, child: Child) -> int:
        """Start a child; its process id. OSError when its program cannot be run."""
        with self._hiring:
            process = self._spawn(child)
            self._running[child.name] = _Running(child, process)
        return process.pid

    def watch(self) -> None:
        """From now on start dead children again."""
        self._watcher.start()

    def pids(self) -> dict[str, int]:
        """The process id of every child, in the order of their first start."""
        return {name: running.process.pid for name, running in self._running.items()}

    def exit_code(self, name: str) -> int | None:
        """How a child ended; None while it runs."""
        return self._running[name].process.poll()

    def dismiss(self, name: str) -> None:
        """Kill a child that has failed, and forget it."""
        running = self._running.pop(name)
        self._sweep_group(running.process)
        running.process.wait()

    def stop(self, grace_seconds: float = STOP_SECONDS) -> None:
        """Ask all children to end, the last one started first; kill every group that is left after the grace."""
        if not self._end_watch():
            return
        for running in reversed(self._running.values()):
            _ask_to_end(running)
        deadline = time.monotonic() + grace_seconds
        for running in self._running.values():
            _wait_until(running.process, deadline)
            if running.restart_at is None:
                self._sweep_group(running.process)
            running.process.wait()
        self._reaper.close()
        self._reaper.process.wait()

    def abandon(self) -> None:
        """Leave the children to the reaper, which ends them when nobody shares its lock any more."""
        if not self._end_watch():
            return
        _left_to_reapers.extend([self._reaper.process, *(running.process for running in self._running.values())])
        self._reaper.close()

    def _end_watch(self) -> bool:
        first_time, self._stopped = not self._stopped, True
        self._ending.set()
        if self._watcher.is_alive() and self._watcher is not threading.current_thread():
            self._watcher.join()
        return first_time

    def _spawn(self, child: Child) -> subprocess.Popen[bytes]:
        child.log_path.parent.mkdir(parents=True, exist_ok=True)
        with child.log_path.open("ab") as log:
            process = subprocess.Popen(
                list(child.argv),
                env=dict(child.env),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=child.user,
                group=child.user,
                extra_groups=None if child.user is None else [],
            )
        self._reaper.adopt(process.pid, child.stop_signal)
        return process

    def _sweep_group(self, process: subprocess.Popen[bytes]) -> None:
        """Kill what is left of a child's group, for example the pool of a worker that was killed."""
        signal_group(process.pid, signal.SIGKILL)
        self._reaper.release(process.pid)

    def _watch(self) -> None:
        while not self._ending.wait(WATCH_SECONDS):
            if self._reaper.process.poll() is not None:
                self._replace_reaper()
            for running in list(self._running.values()):
                self._look_after(running, time.monotonic())

    def _replace_reaper(self) -> None:
        """Killed by somebody: the children must not be left without one."""
        with self._hiring:
            self._reaper.close()
            self._reaper = Reaper(self._lock)
            for running in self._running.values():
                if running.restart_at is None:
                    self._reaper.adopt(running.process.pid, running.child.stop_signal)

    def _look_after(self, running: _Running, now: float) -> None:
        if running.restart_at is None:
            if running.process.poll() is not None:
                self._bury(running, now)
        elif now >= running.restart_at:
            self._restart(running)

    def _bury(self, running: _Running, now: float) -> None:
        self._sweep_group(running.process)
        if now - running.started_at >= SOUND_SECONDS:
            running.deaths.clear()
        running.deaths.append(now)
        recent = [death for death in running.deaths if now - death <= DEATHS_WINDOW_SECONDS]
        if len(recent) >= DEATHS_ALLOWED:
            self._give_up(running.child, f"died {DEATHS_ALLOWED} times within {DEATHS_WINDOW_SECONDS:.0f} s")
        pause = FIRST_PAUSE_SECONDS * 2 ** (len(recent) - 1)
        running.restart_at = now + min(pause, LONGEST_PAUSE_SECONDS)

    def _restart(self, running: _Running) -> None:
        try:
            running.process = self._spawn(running.child)
        except OSError as error:
            self._give_up(running.child, f"cannot be started ({error})")
            return
        running.restart_at, running.started_at = None, time.monotonic()
        self._on_restart(running.child.name, running.process.pid)

    def _give_up(self, child: Child, what_happened: str) -> None:
        self._ending.set()
        self.failure = f"{child.name} {what_happened}; the end of {child.log_path}:\n{tail(child.log_path)}"
        self._on_give_up(self.failure)


def tail(log_path: Path, lines: int = LOG_LINES_TOLD) -> str:
    """The last lines of a log file."""
    return "\n".join(log_path.read_text(errors="replace").splitlines()[-lines:])


@contextmanager
def asked_to_stop() -> Iterator[threading.Event]:
    """An event that Ctrl-C, TERM or a closed terminal sets, instead of ending the program where it stands.

    A HUP that was ignored at the start (nohup) stays ignored. For the main thread only.
    """
    stop = threading.Event()

    def note(number: int, frame: FrameType | None) -> None:
        stop.set()

    numbers = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        numbers.append(signal.SIGHUP)
    before = {number: signal.signal(number, note) for number in numbers}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ask_to_end(running: _Running) -> None:
    """To the child alone: a worker told to stop finishes what its pool is doing."""
    if running.process.poll() is None:
        running.process.send_signal(running.child.stop_signal)


def _wait_until(process: subprocess.Popen[bytes], deadline: float) -> None:
    try:
        process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        return
