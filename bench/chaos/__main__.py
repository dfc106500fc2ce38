"""`python -m bench.chaos`: the whole service, hurt by a seeded plan for minutes, then audited from outside.

Two web servers, three workers, the clock, PostgreSQL, Redis, the stand-in for Stripe and a mail server run as in
production; a fleet reports and a warehouse packs. Processes are killed, services vanish, clocks are wrong. When all is
quiet, rows, payments and mails must agree: 1 if they do not, with what differs.
"""

import argparse
import json
import secrets
import sys
import tempfile
from pathlib import Path

from bench.chaos import plan
from bench.chaos.house import FAKETIME, Wishes
from bench.chaos.planted import BUGS
from bench.chaos.run import Run


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600, help="of trouble (default: %(default)s)")
    parser.add_argument("--seed", type=int, help="of the plan and of the world (default: any)")
    parser.add_argument("--printers", type=int, default=16, help="that report (default: %(default)s)")
    parser.add_argument(
        "--drain", type=float, default=900, help="seconds until all must be quiet (default: %(default)s)"
    )
    parser.add_argument("--plant", choices=BUGS, default="", help="a bug in the workers, which must be found")
    parser.add_argument("--only", nargs="+", default=[], help="kinds of trouble (default: all; see --plan)")
    parser.add_argument("--keep", type=Path, help="a folder for database and logs, kept")
    parser.add_argument("--plan", action="store_true", help="only print what would go wrong")
    asked = parser.parse_args()
    seed = secrets.randbelow(10**6) if asked.seed is None else asked.seed
    wishes = Wishes(bug=asked.plant)
    steps = [step for step in plan.draw(seed, asked.seconds) if not asked.only or step.kind in asked.only]
    if not wishes.clocks:
        print(f"No clock can be wrong here: {FAKETIME} is not installed.")
        steps = [step for step in steps if step.kind != plan.CLOCK]
    print(f"Seed {seed}: {len(steps)} troubles in {asked.seconds:.0f} s.", flush=True)
    if asked.plan:
        print(*(f"{step.at:6.0f} s  {step}" for step in steps), sep="\n")
        return 0
    with tempfile.TemporaryDirectory(prefix="ars-chaos-") as scratch:
        root = asked.keep or Path(scratch)
        Path(scratch).chmod(0o711)  # where PostgreSQL must run as another user, it comes through to its data
        found, broken = Run(root, seed, steps, wishes).play(asked.printers, asked.seconds, asked.drain)
    tell(found, broken)
    return 1 if any(broken.values()) else 0


def tell(found: dict[str, object], broken: dict[str, list[str]]) -> None:
    """The figures of a run, and the auditor's table."""
    print()
    for name, value in found.items():
        print(f"{name.replace('_', ' '):<40} {value!s:>10}")
    print()
    for promise, keys in broken.items():
        print(f"{promise:<60} {len(keys):>4}" + (f"  {'; '.join(keys[:5])}" if keys else ""))
    print(json.dumps({"found": found, "broken": {promise: len(keys) for promise, keys in broken.items()}}))


if __name__ == "__main__":
    sys.exit(main())
