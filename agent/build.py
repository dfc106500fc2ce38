"""Builds `ars-agent.pyz`: one file, the same byte for byte whenever and wherever it is built."""

import sys
import zipfile
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
SHEBANG = b"#!/usr/bin/env python3\n"
NOT_INSIDE = ("build.py", "__main__.py")
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip file knows
MODE = 0o644 << 16
# The first thing that runs, in words that every Python knows: an old one cannot even read the rest.
ENTRY = b"""import sys

if sys.version_info < (3, 9):
    sys.stderr.write("ars-agent needs Python 3.9 or newer: see https://www.python.org/downloads/.\\n")
    sys.exit(2)

from agent.cli import main

sys.exit(main(sys.argv[1:]))
"""


def build(target: Path) -> Path:
    """Write the file, whole or not at all, and executable."""
    files = sorted(path for path in PACKAGE.rglob("*.py") if path.name not in NOT_INSIDE)
    content = {f"agent/{path.relative_to(PACKAGE).as_posix()}": path.read_bytes() for path in files}
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f"{target.name}.new")
    with beside.open("wb") as file:
        file.write(SHEBANG)
        with zipfile.ZipFile(file, "w") as archive:
            for name, data in sorted({"__main__.py": ENTRY, **content}.items()):
                entry = zipfile.ZipInfo(name, LONG_AGO)
                entry.create_system, entry.external_attr = 3, MODE  # Unix, whatever system builds it
                archive.writestr(entry, data.replace(b"\r\n", b"\n"))  # stored: zlib's output differs by its version
    beside.chmod(0o755)
    return beside.replace(target)


if __name__ == "__main__":
    print(build(Path(sys.argv[1])))
