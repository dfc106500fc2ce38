"""`python -m bench.growth`: what a report costs with a million printers, beside ten thousand, in CPU."""

import argparse
import json
import subprocess
import sys
from typing import Any

from bench.order_sweep import keep

KINDS = ("unchanged_report", "changed_report")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.growth", description=__doc__)
    parser.add_argument("--few", type=int, default=10_000, help="printers (default: %(default)s)")
    parser.add_argument("--many", type=int, default=1_000_000, help="printers (default: %(default)s)")
    asked = parser.parse_args()
    few, many = _costs(asked.few), _costs(asked.many)
    found = {
        "cost_ratio_1m_to_10k": round(sum(many.values()) / sum(few.values()), 2),
        **{f"{kind}_cpu_us": [few[kind], many[kind]] for kind in KINDS},
    }
    keep("growth", found)
    print(json.dumps(found))
    return 0


def _costs(printers: int) -> dict[str, float]:
    """Median microseconds of CPU of each kind of report, server and database, in a fleet of so many."""
    command = [sys.executable, "-m", "bench.reports", "--aside", "--printers", str(printers // 6)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    cases: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])["cases"]
    return {kind: cases[kind]["cpu_us"]["median"] for kind in KINDS}


if __name__ == "__main__":
    sys.exit(main())
