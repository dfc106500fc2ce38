"""Whether a process still lives, told by the operating system."""

import os
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def alive(pid: int) -> bool:
    """Dead is also who has ended and waits for init to bury it."""
    try:
        os.kill(pid, 0)
        status = Path(f"/proc/{pid}/stat").read_text()
    except ProcessLookupError:
        return False
    except FileNotFoundError:  # no such process any more, or no /proc here
        return not Path("/proc/self").exists()
    return status.rpartition(")")[2].split()[0] != "Z"


def all_gone(pids: Iterable[int]) -> bool:
    """None of these processes lives."""
    return not any(alive(pid) for pid in pids)
