"""`python -m bench.scale_out`: two web servers and three workers share one database and one broker; one is killed.

With `--broker amqp://user:password@host/vhost` messages go through RabbitMQ. The fleet and the warehouse of the chaos
suite are the work, and its auditor judges: 1 when anything was lost or doubled.
"""

import argparse
import re
import sys
import tempfile
from collections import Counter
from pathlib import Path

from bench.chaos.__main__ import tell
from bench.chaos.house import Wishes
from bench.chaos.plan import WORKERS, Step
from bench.chaos.run import Run

DONE = re.compile(r"Task (?P<task>[\w.]+)\[[\w-]+\] succeeded in [\d.e-]+s: (?P<facts>\d+)")
KILLED = "worker-2"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.scale_out", description=__doc__)
    parser.add_argument("--seconds", type=float, default=120, help="of work (default: %(default)s)")
    parser.add_argument("--printers", type=int, default=24, help="that report (default: %(default)s)")
    parser.add_argument("--broker", default="", help="its URL (default: a Redis of our own)")
    asked = parser.parse_args()
    wishes = Wishes(broker_url=asked.broker, clocks=False, workers=dict.fromkeys(WORKERS, "celery,outside"))
    steps = [Step(asked.seconds / 2, "killed", KILLED)]
    with tempfile.TemporaryDirectory(prefix="ars-scale-") as scratch:
        Path(scratch).chmod(0o711)
        found, broken = Run(Path(scratch), 1, steps, wishes).play(asked.printers, asked.seconds, 600)
        shares = {worker: share(Path(scratch) / "log" / f"{worker}.log") for worker in WORKERS}
    tell(found | {f"{worker}_tasks_and_facts": list(told) for worker, told in shares.items()}, broken)
    return 1 if any(broken.values()) else 0


def share(log: Path) -> tuple[int, int]:
    """How many tasks a worker has done, and how many facts in them."""
    counted: Counter[str] = Counter()
    for found in DONE.finditer(log.read_text()):
        counted["tasks"] += 1
        counted["facts"] += int(found["facts"])
    return counted["tasks"], counted["facts"]


if __name__ == "__main__":
    sys.exit(main())
