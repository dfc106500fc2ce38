"""The reaper: one small process that ends the children of a parent that died, whatever killed it.

It needs nothing of the operating system but a pipe: the parent writes the process groups of its children into it, and
the end of file says that the parent is gone. Works after SIGKILL, and without prctl.
"""

import fcntl
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

GRACE_SECONDS = 5.0
POLL_SECONDS = 0.05


class Reaper:
    """The parent's end of the pipe.

    With `lock` the reaper first waits until it alone holds that file: whoever shares it still uses the children.
    """

    def __init__(self, lock: Path | None = None) -> None:
        read_end, self._pipe = os.pipe()
        # It inherits the blocked signals, and so is deaf from its first instruction on.
        hearing = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
        try:
            self.process = _start_program(read_end, lock)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, hearing)
            os.close(read_end)

    def adopt(self, group: int, stop_signal: int) -> None:
        """End this process group, first by `stop_signal`, when the parent dies."""
        self._tell(b"+%d %d\n" % (group, stop_signal))

    def release(self, group: int) -> None:
        """Forget a group that has ended."""
        self._tell(b"-%d 0\n" % group)

    def close(self) -> None:
        """Let go of the pipe: what was adopted and not released ends now."""
        os.close(self._pipe)

    def _tell(self, message: bytes) -> None:
        with suppress(BrokenPipeError):  # killed: its owner sees that by `process` and hires another
            os.write(self._pipe, message)


def _start_program(pipe: int, lock: Path | None) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-I", "-S", str(Path(__file__).resolve()), str(pipe), str(lock or "")],
        pass_fds=[pipe],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd="/",
    )


def signal_group(group: int, number: int) -> bool:
    """Send a signal to a whole process group; False when nobody is left in it."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def end(groups: dict[int, int]) -> None:
    """Ask every group to stop with its own signal, wait for all together, kill what remains."""
    deadline = time.monotonic() + GRACE_SECONDS
    for group, stop_signal in groups.items():
        signal_group(group, stop_signal)
    while time.monotonic() < deadline and any(signal_group(group, 0) for group in groups):
        time.sleep(POLL_SECONDS)
    for group in groups:
        signal_group(group, signal.SIGKILL)


def read_groups(pipe: int) -> dict[int, int]:
    """Follow the parent's messages to their end; the groups that remain, each with its stop signal."""
    groups: dict[int, int] = {}
    with os.fdopen(pipe, "rb") as messages:
        for message in messages:
            group, stop_signal = (int(word) for word in message[1:].split())
            if message.startswith(b"+"):
                groups[group] = stop_signal
            else:
                groups.pop(group, None)
    return groups


def main(pipe: int, lock: str) -> None:
    """Wait for the end of the parent, then for the lock, then end what is left."""
    shared = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600) if lock else None  # now: its folder may be removed meanwhile
    groups = read_groups(pipe)
    if groups and shared is not None:
        fcntl.flock(shared, fcntl.LOCK_EX)
    end(groups)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
