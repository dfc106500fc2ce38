"""`make bench`: every case in turn, then a table with the goals beside what was found; all of it in bench/latest.json.

Each case is measured on an empty database of its own, on the server that DATABASE_URL names or on an embedded one.
Ratios hold elsewhere; times are this machine's.
"""

import argparse
import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from bench.order_sweep import LATEST

CASES = ("reports", "order_sweep", "overview", "charges", "growth")


@dataclass(frozen=True)
class Goal:
    """A figure: where it is in latest.json, the least or the most it should be."""

    title: str
    case: str
    figure: str
    least: float | None = None
    most: float | None = None

    def line(self, cases: dict[str, Any]) -> str:
        found = cases.get(self.case, {}).get(self.figure)
        value = found["median"] if isinstance(found, dict) else found
        span = f" [{found['from']}-{found['to']}]" if isinstance(found, dict) else ""
        goal = f">= {self.least}" if self.least is not None else f"<= {self.most}"
        return f"{self.title:<44} {goal:>10} {value if value is not None else '-':>10}{span:<20} {self._word(value)}"

    def _word(self, value: float | None) -> str:
        if value is None:
            return "not measured"
        enough = self.least is None or value >= self.least
        return "reached" if enough and (self.most is None or value <= self.most) else "not reached"


GOALS = (
    Goal("unchanged report / bare view", "unchanged_report", "ratio_to_floor", least=0.35),
    Goal("the same report again / bare view", "repeated_report", "ratio_to_floor", least=0.35),
    Goal("changed report / bare view", "changed_report", "ratio_to_floor", least=0.20),
    Goal("changed report / the tutorial's way", "changed_report", "ratio_to_drf", least=20),
    Goal("cost of a report, a million printers / 10 000", "growth", "cost_ratio_1m_to_10k", most=1.1),
    Goal("orders placed a minute", "orders", "placed_per_minute", least=60_000),
    Goal("charge pipeline / bare loop at the stand-in", "charges", "ratio_to_stand_in", least=0.8),
    Goal("overview, server time, ms", "overview", "p50_ms", most=20),
    Goal("web process after 100 000 requests, MB", "memory", "web_mb", most=120),
)


def main() -> int:
    """0 when every case was measured, whatever was found: a figure is told, not judged."""
    parser = argparse.ArgumentParser(prog="python -m bench.suite", description=__doc__)
    parser.add_argument(
        "cases", nargs="*", choices=[[], *CASES], metavar="case", help=f"{', '.join(CASES)} (default: all)"
    )
    asked = parser.parse_args()
    failed = [case for case in asked.cases or CASES if _run(case)]
    cases: dict[str, Any] = json.loads(LATEST.read_text())["cases"]
    print("\n".join(goal.line(cases) for goal in GOALS))
    return 1 if failed else 0


def _run(case: str) -> int:
    print(f"\n== {case}", flush=True)
    return subprocess.run([sys.executable, "-m", f"bench.{case}"], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
