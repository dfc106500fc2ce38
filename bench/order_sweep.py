"""`python -m bench.order_sweep`: how many orders a minute the sweep places, and what it costs when nothing waits."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from bench import scratch

LATEST = Path(__file__).parent / "latest.json"


def main() -> int:
    """0 when every signal became exactly one order and the books balance."""
    parser = argparse.ArgumentParser(prog="python -m bench.order_sweep", description=__doc__)
    parser.add_argument("--signals", type=int, default=100_000, help="low signals that wait (default: %(default)s)")
    parser.add_argument("--processes", type=int, default=2, help="workers that sweep (default: %(default)s)")
    asked = parser.parse_args()
    found: dict[str, Any] = scratch.measure("bench.sweeping.measure", asked.signals, asked.processes)
    keep("orders", found)
    for name, value in found.items():
        print(f"{name.replace('_', ' '):<30} {value!s:>12}")
    print(json.dumps({"cases": {"orders": found}}))
    return 0 if found["nothing_lost_or_doubled"] else 1


def keep(case: str, found: dict[str, Any]) -> None:
    """Put a case beside what the other cases found last."""
    latest = json.loads(LATEST.read_text()) if LATEST.exists() else {"cases": {}}
    latest["cases"][case] = found
    LATEST.write_text(json.dumps(latest, indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main())
