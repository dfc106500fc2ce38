"""`python -m tests.faults.table`: runs every cell of the fault matrix and prints how each ended; 1 if one is broken.

With `--write` the table as it must be goes into docs/fault-matrix.md, and nothing is run.
"""

import re
import sys
import time
from pathlib import Path

import pytest

from tests.faults import cells

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "fault-matrix.md"
MARK = "## The cells\n"
FOLDER = str(Path(__file__).parent)


class Listener:
    """What became of each test, by the part of its name in brackets."""

    def __init__(self) -> None:
        self.broken: list[str] = []
        self.played = 0
        self.control: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        cell = re.search(r"test_matrix\.py::test_a_fault_at_a_step\[(.+)\]", report.nodeid)
        if report.when == "call" and "test_control" in report.nodeid:
            self.control += report.capstdout.splitlines()
        elif cell and report.when == "call":
            self.played += 1
        if cell and report.failed:
            self.broken.append(cell[1])


def main() -> int:
    if "--write" in sys.argv[1:]:
        head = DOCUMENT.read_text(encoding="utf-8").partition(MARK)[0]
        DOCUMENT.write_text(f"{head}{MARK}\n{cells.table()}", encoding="utf-8")
        return 0
    listener, began = Listener(), time.monotonic()
    code = pytest.main(["-q", "-p", "no:randomly", "--no-header", "-n0", FOLDER], plugins=[listener])
    print(f"\n{cells.table(listener.broken)}")
    print("The control, a charger that makes and confirms in one call under a fresh key each time:")
    print("\n".join(f"  {line}" for line in listener.control))
    whole, broken = len(cells.CELLS), len(listener.broken)
    print(f"\n{listener.played} of {whole} cells run in {time.monotonic() - began:.0f} s, {broken} broken.")
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
