"""`python -m bench.back_office`: how long staff wait for the pages of a call, however many customers there are."""

import argparse
import json
import sys

from bench import scratch
from bench.order_sweep import keep

QUERIES, MILLISECONDS = 15, 200  # of a page, beyond what every page of the back office asks; the middle one of many


def main() -> int:
    """0 when every page keeps within the bounds."""
    parser = argparse.ArgumentParser(prog="python -m bench.back_office", description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000, help="each with two orders (default: %(default)s)")
    asked = parser.parse_args()
    found: dict[str, dict[str, float]] = scratch.measure("bench.office.measure", asked.customers)
    keep("back_office", found)
    good = True
    for page, of_page in found.items():
        within = of_page["queries"] <= QUERIES and of_page["p50_ms"] <= MILLISECONDS
        good = good and within
        times = f"{of_page['p50_ms']:>7.1f} ms, slowest {of_page['slowest_ms']:>7.1f} ms"
        print(f"{page:<24} {of_page['queries']:>3} queries {times}{'' if within else '  over'}")
    print(json.dumps({"cases": {"back_office": found}}))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
