"""`python -m bench.endurance`: a fleet at a share of the measured maximum for a long time; memory, errors and lag.

A crowd of printers reports changed levels through both web servers by wrk, paced, while a small fleet runs low, and its
ink is ordered, packed, charged, mailed about and delivered. 1 when a request failed, the auditor found something, a
process grew by more than a tenth from the second quarter to the last, or work lags behind at the end.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import mean
from typing import Any

import psycopg2

from ars.demo.surroundings import free_port
from bench import driving
from bench.chaos.__main__ import tell
from bench.chaos.asking import Json
from bench.chaos.evidence import Evidence, money_at_stripe
from bench.chaos.fleet import Fleet
from bench.chaos.house import House, Wishes, standing
from bench.chaos.post import Catcher
from bench.chaos.run import judge, people, rest, wait_for_web
from bench.chaos.warehouse import Warehouse

CONNECTIONS = 4  # to each web server
TRIAL_SECONDS = 15
GROWTH, LAG_SECONDS = 1.1, 10.0  # at most
LAG = """
    SELECT coalesce(extract(epoch FROM now() - least(
        (SELECT min(due_at) FROM printers_lowsignal), (SELECT min(due_at) FROM orders_replenishment),
        (SELECT min(due_at) FROM orders_dispatch), (SELECT min(due_at) FROM billing_charge),
        (SELECT min(due_at) FROM orders_orderevent), (SELECT min(due_at) FROM notifications_message))), 0)
"""


class Load:
    """wrk on both web servers, paced anew before each slice so that the rate comes out."""

    def __init__(self, ports: list[int], printers: int, slots: list[str]) -> None:
        self._ports, self._printers, self._slots = ports, printers, slots
        self._counted, self._pause = 0, 0.0

    def drive(self, seconds: int, rate: float = 0.0) -> driving.Run:
        """For so long, at `rate` a second altogether; 0: as fast as they answer."""
        share = self._printers // len(self._ports)
        crew = [
            subprocess.Popen(self._command(port, place * share, share, seconds), stdout=subprocess.PIPE, text=True)
            for place, port in enumerate(self._ports)
        ]
        runs = [driving.Run(**json.loads(process.communicate()[0].rpartition("JSON ")[2])) for process in crew]
        self._counted += max(run.requests for run in runs) + 1000
        run = driving.Run(
            requests=sum(each.requests for each in runs),
            seconds=max(each.seconds for each in runs),
            p50_ms=mean(each.p50_ms for each in runs),
            p99_ms=max(each.p99_ms for each in runs),
            not_2xx=sum(each.not_2xx for each in runs),
            broken=sum(each.broken for each in runs),
        )
        if rate:
            lanes = 1000 * CONNECTIONS * len(self._ports)
            self._pause = max(0.0, self._pause + lanes * (1 / rate - 1 / max(run.per_second, 1)))
        return run

    def _command(self, port: int, offset: int, printers: int, seconds: int) -> list[str]:
        url = f"http://127.0.0.1:{port}/api/v1/telemetry"
        words = ["changed", offset, printers, self._counted, ",".join(self._slots), round(self._pause)]
        wrk = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}", "-s", "bench/paced.lua", url, "--"]
        return [*wrk, *map(str, words)]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.endurance", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30, help="(default: %(default)s)")
    parser.add_argument("--share", type=float, default=0.5, help="of the measured maximum (default: %(default)s)")
    parser.add_argument("--rate", type=float, default=0, help="reports a second instead; nothing is measured before")
    parser.add_argument("--crowd", type=int, default=10_000, help="printers that report (default: %(default)s)")
    parser.add_argument("--every", type=int, default=60, help="seconds from row to row (default: %(default)s)")
    asked = parser.parse_args()
    if not shutil.which("wrk"):
        raise SystemExit("This needs wrk.")
    with tempfile.TemporaryDirectory(prefix="ars-endurance-") as scratch:
        Path(scratch).chmod(0o711)
        post = Catcher(free_port())
        post.open()
        try:
            with standing(Path(scratch), Wishes(clocks=False), post.port) as house:
                found, broken = endure(house, post, asked)
        finally:
            post.close()
    tell(found, broken)
    return 1 if any(broken.values()) else 0


def endure(house: House, post: Catcher, asked: argparse.Namespace) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """Figures by name, and what breaks each promise, those of this run among them."""
    parts = people(house, 16, asked.crowd)
    house.start()
    wait_for_web(house)
    load = Load(list(house.ports.values()), asked.crowd, parts["crowd_slots"])
    load.drive(5)
    most = asked.rate / asked.share if asked.rate else load.drive(TRIAL_SECONDS).per_second
    rate = most * asked.share
    print(f"At most {most:.0f} reports a second; {rate:.0f} from now on.", flush=True)
    with outside(house, parts) as (fleet, warehouse):
        rows = list(minutes(house, load, rate, asked))
    began = time.monotonic()
    in_time = rest(house, began + 600)
    warehouse.stop()
    taken, given = money_at_stripe(house.standin.url, house.environment["STRIPE_SECRET_KEY"])
    with psycopg2.connect(house.database_url) as connection:
        evidence = Evidence(fleet.heard(), list(warehouse.accepted.values()), taken, given, post.taken)
        figures, broken = judge(connection, evidence)
    broken |= complaints(rows, in_time)
    told = {
        "minutes": round(sum(row["seconds"] for row in rows) / 60, 1),
        "reports_a_second_at_most": round(most),
        "reports_a_second": round(mean(row["rate"] for row in rows)),
        "reports": sum(row["reports"] for row in rows),
        "seconds_to_quiet": round(time.monotonic() - began),
    }
    return told | fleet.figures() | figures, broken


@contextmanager
def outside(house: House, parts: Json) -> Iterator[tuple[Fleet, Warehouse]]:
    """The small fleet, for so long, and its warehouse, which has work left after it."""
    ports = list(house.ports.values())
    fleet = Fleet(parts["printers"], ports, 1)
    warehouse = Warehouse(ports, parts["warehouse_api_key"], fleet, 1)
    fleet.start()
    warehouse.start()
    yield fleet, warehouse
    fleet.stop()


def minutes(house: House, load: Load, rate: float, asked: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """A row for each: what was sent, what failed, what each process holds, and how late the oldest work is."""
    load.drive(10, rate)  # until the pace is found
    load.drive(10, rate)
    until = time.monotonic() + 60 * asked.minutes
    while time.monotonic() < until:
        run = load.drive(asked.every, rate)
        row = {
            "seconds": run.seconds,
            "reports": run.requests,
            "rate": round(run.per_second),
            "p50_ms": round(run.p50_ms, 1),
            "p99_ms": round(run.p99_ms),
            "failed": run.not_2xx + run.broken,
            "lag_s": lag(house),
            "mb": {name: driving.megabytes(driving.group(pid)) for name, pid in house.pids().items()},
        }
        print(json.dumps(row | {"seconds": round(run.seconds)}), flush=True)
        yield row


def lag(house: House) -> float:
    """By how many seconds the oldest fact that is due is late."""
    connection = psycopg2.connect(house.database_url)
    with connection, connection.cursor() as cursor:
        cursor.execute(LAG)
        late = float((cursor.fetchone() or [0])[0])
    connection.close()
    return round(max(0.0, late), 1)


def complaints(rows: list[dict[str, Any]], in_time: bool) -> dict[str, list[str]]:
    """What this run itself promises: no failed request, flat memory, no growing lag."""
    quarter = max(1, len(rows) // 4)
    early, late = rows[quarter : 2 * quarter] or rows, rows[-quarter:]
    grown = []
    for name in rows[0]["mb"]:
        before, after = (mean(row["mb"][name] for row in some) for some in (early, late))
        if after > GROWTH * before:
            grown.append(f"{name}: {before:.0f} to {after:.0f} MB")
    lagging = [f"{row['lag_s']} s" for row in late if row["lag_s"] > LAG_SECONDS]
    return {
        "no report failed": [f"{row['failed']} in a minute" for row in rows if row["failed"]],
        "no process grew": grown,
        "work does not lag behind": lagging if len(lagging) == len(late) else [],
        "it came to rest": [] if in_time else ["not in time"],
    }


if __name__ == "__main__":
    sys.exit(main())
