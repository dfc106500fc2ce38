"""`python -m bench.charges`: how fast parcels are charged, beside what the stand-in for Stripe can answer at all."""

import argparse
import os
import sys
from typing import Any

import django
from django.utils.module_loading import import_string

from bench.charges_under_fault import surroundings
from bench.order_sweep import keep


def main() -> int:
    """0 when every parcel was charged once."""
    parser = argparse.ArgumentParser(prog="python -m bench.charges", description=__doc__)
    parser.add_argument("--orders", type=int, default=600, help="parcels packed at once (default: %(default)s)")
    parser.add_argument("--processes", type=int, default=4, help="that speak to the stand-in (default: %(default)s)")
    asked = parser.parse_args()
    os.environ["STRIPE_REQUESTS_PER_SECOND"] = "1000000"  # pacing off
    with surroundings() as around:
        django.setup()
        measure: Any = import_string("bench.charging.measure")  # what reads the settings, and they exist only now
        found: dict[str, Any] = measure(around.standin, asked.orders, asked.processes)
    keep("charges", found)
    for name, value in found.items():
        print(f"{name.replace('_', ' '):<34} {value!s:>12}")
    return 0 if found["charged"] == asked.orders else 1


if __name__ == "__main__":
    sys.exit(main())
