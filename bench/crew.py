"""Processes that are made ready one and all, and then begin at the same moment."""

import subprocess
import sys
import time
from collections.abc import Sequence


def timed(module: str, *arguments: str, told: Sequence[str]) -> float:
    """Seconds from the first line told to the end of the last process: as many of `python -m module` as lines to tell.

    Each says that it is ready by a line, and begins once it is told its own. SystemExit where one fails.
    """
    command = [sys.executable, "-m", module, *arguments]
    crew = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in told]
    try:
        for process in crew:
            assert process.stdout is not None
            process.stdout.readline()
        began = time.monotonic()
        for process, line in zip(crew, told, strict=True):
            assert process.stdin is not None
            process.stdin.write(f"{line}\n")
            process.stdin.flush()
        codes = [process.wait() for process in crew]
        seconds = time.monotonic() - began
    finally:
        for process in crew:
            process.kill()
    if any(codes):
        raise SystemExit(f"A process of {module} ended with {codes}.")
    return seconds
