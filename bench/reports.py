"""`python -m bench.reports`: what a report costs, beside a bare view and the tutorial's way on the same server."""

import argparse
import json
import sys
from typing import Any

from bench import scratch
from bench.order_sweep import keep


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.reports", description=__doc__)
    parser.add_argument("--printers", type=int, default=10_000, help="of each case (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="of every case in turn (default: %(default)s)")
    parser.add_argument("--seconds", type=int, default=3, help="that a case is driven (default: %(default)s)")
    parser.add_argument("--aside", action="store_true", help="reports alone, and bench/latest.json stays as it is")
    asked = parser.parse_args()
    found: dict[str, Any] = scratch.measure(
        "bench.intake.measure", asked.printers, asked.rounds, asked.seconds, memory=not asked.aside
    )
    bare = {"floor", "tutorial", "memory"}
    cases = {name if name in bare else f"{name}_report": case for name, case in found.items()}
    for name, case in cases.items():
        if not asked.aside:
            keep(name, case)
    found.pop("memory", None)  # it has no range
    for name, case in found.items():
        figures = (f"{figure} {told['median']} [{told['from']}-{told['to']}]" for figure, told in case.items())
        print(f"{name:<12} {'  '.join(figures)}")
    print(json.dumps({"cases": cases}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
