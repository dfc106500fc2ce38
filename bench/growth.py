"""`python -m bench.growth`: what a report costs in CPU with a million printers and their history, beside ten thousand.

Each fleet has a database and a server of its own, and both are driven in turn, so that a machine that is busy with
something else is so for both.
"""

import argparse
import json
import statistics
import subprocess
import sys
from typing import Any

from bench import scratch
from bench.order_sweep import keep

KINDS = ("unchanged", "changed")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.growth", description=__doc__)
    parser.add_argument("--few", type=int, default=10_000, help="printers (default: %(default)s)")
    parser.add_argument("--many", type=int, default=1_000_000, help="printers (default: %(default)s)")
    parser.add_argument("--history", type=int, default=20, help="readings of each (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=7, help="of every case in turn (default: %(default)s)")
    parser.add_argument("--seconds", type=int, default=5, help="that a case is driven (default: %(default)s)")
    parser.add_argument("--fleet", type=int, help="of a process that this one starts: the printers it is to have")
    asked = parser.parse_args()
    if asked.fleet:
        scratch.measure("bench.fleet.serve", asked.fleet, asked.history)
        return 0
    fleets = [_fleet(printers, asked.history) for printers in (asked.few, asked.many)]
    try:
        found = _told([_round(fleets, asked.seconds) for _ in range(1 + asked.rounds)][1:])  # the first warms up
    finally:
        for fleet in fleets:
            fleet.communicate()
    found |= {"few": asked.few, "many": asked.many, "history_rows_of_many": asked.many * asked.history}
    keep("growth", found)
    print(json.dumps(found, indent=2))
    return 0


def _fleet(printers: int, history: int) -> "subprocess.Popen[str]":
    """A process that runs bench.fleet, once it can be asked."""
    command = [sys.executable, "-m", "bench.growth", "--fleet", str(printers), "--history", str(history)]
    fleet = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    _heard(fleet)
    return fleet


def _round(fleets: list["subprocess.Popen[str]"], seconds: int) -> dict[str, list[float]]:
    """By kind of report: microseconds of CPU of server and database for one of the small fleet, and of the large."""
    return {kind: [_ask(fleet, f"{kind} {seconds}") for fleet in fleets] for kind in KINDS}


def _ask(fleet: "subprocess.Popen[str]", question: str) -> float:
    assert fleet.stdin is not None
    print(question, file=fleet.stdin, flush=True)
    return float(_heard(fleet))


def _heard(fleet: "subprocess.Popen[str]") -> str:
    """Its next word; what else it prints meanwhile is of no interest."""
    assert fleet.stdout is not None
    for line in fleet.stdout:
        if line.startswith("= "):
            return str(line).removeprefix("= ")
    raise SystemExit(f"The fleet ended with {fleet.wait()}.")


def _told(rounds: list[dict[str, list[float]]]) -> dict[str, Any]:
    costs = {kind: list(zip(*(each[kind] for each in rounds), strict=True)) for kind in KINDS}
    ratios = [sum(each[kind][1] for kind in KINDS) / sum(each[kind][0] for kind in KINDS) for each in rounds]
    return {
        "cost_ratio_1m_to_10k": {
            "median": round(statistics.median(ratios), 2),
            "from": round(min(ratios), 2),
            "to": round(max(ratios), 2),
        },
        **{f"{kind}_report_cpu_us": [round(statistics.median(fleet)) for fleet in costs[kind]] for kind in KINDS},
    }


if __name__ == "__main__":
    sys.exit(main())
