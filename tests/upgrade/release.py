"""`python -m tests.upgrade.release 1.0.0`: keep the database of a release, for every later one to be upgraded from.

Run once with each release, on its code. It writes tests/upgrade/1.0.0.sql.gz: one customer with all that can be, as SQL
that any later PostgreSQL reads. Needs a pg_dump of the server's version.
"""

import gzip
import sys
from pathlib import Path

from bench import scratch

FOLDER = Path(__file__).parent


def main() -> int:
    [version] = sys.argv[1:]
    kept = FOLDER / f"{version}.sql.gz"
    kept.write_bytes(gzip.compress(scratch.measure("tests.upgrade.before.dumped"), mtime=0))
    print(f"{kept}: {kept.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
