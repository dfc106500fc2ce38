"""`python -m bench.overview`: how long the server needs for a customer's pages, with ten printers and 500 orders."""

import sys

from bench import scratch
from bench.order_sweep import keep


def main() -> int:
    found: dict[str, dict[str, float]] = scratch.measure("bench.portal.measure")
    for page, figures in found.items():
        keep(page, figures)
        print(f"{page:<10} {figures['queries']:>3} queries  p50 {figures['p50_ms']} ms  p99 {figures['p99_ms']} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
