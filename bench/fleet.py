"""A fleet with its server, driven as standard input says until that ends: what bench.growth compares.

Answers each line `KIND SECONDS` with `= ` and the microseconds of CPU that one report took, server and database.
"""

import sys
from pathlib import Path

from django.db import connection

from bench import driving, intake
from bench.driving import Case
from printers.models import Slot

GROWN = Path(__file__).parent / "grown.sql"
WARM_UP = 5  # seconds
MOST_BROKEN = 0.01  # on a machine that is busy with something else one or the other takes too long
PARTS = 6  # of the fleet: intake.prepare makes as many printers for each of its cases


def serve(printers: int, history: int) -> None:
    """Half of the fleet sends reports of one kind, and half of the other; no printer's turn comes twice too soon."""
    printers = printers // PARTS * PARTS
    slots = intake.prepare(printers // PARTS)
    grow(printers, history, slots)
    half = printers // 2
    with intake.serving("ars.wsgi:application") as (server, url):
        telemetry = f"{url}/api/v1/telemetry"
        cases = {
            "unchanged": Case("unchanged", telemetry, 0, half, slots, 202),
            "changed": Case("changed", telemetry, half, half, slots, 202),
        }
        counted = {name: driving.drive(case, 0, WARM_UP).requests + intake.MARGIN for name, case in cases.items()}
        print("= ready", flush=True)
        for line in sys.stdin:
            kind, seconds = line.split()
            before = driving.cpu_seconds(driving.group(server) | backends())
            run = driving.drive(cases[kind], counted[kind], int(seconds))
            used = driving.cpu_seconds(driving.group(server) | backends()) - before
            if run.not_2xx or run.broken > run.requests * MOST_BROKEN:
                raise SystemExit(f"{run.not_2xx} of {run.requests} reports were refused, {run.broken} broke.")
            counted[kind] += run.requests + intake.MARGIN
            print(f"= {1e6 * used / run.requests}", flush=True)


def grow(printers: int, history: int, slots: list[str]) -> None:
    """Two years pass."""
    of_model = list(
        Slot.objects.filter(code__in=slots, model__printers__isnull=False).distinct().values_list("pk", flat=True)
    )
    with connection.cursor() as cursor:
        cursor.execute(GROWN.read_text(), {"printers": printers, "history": history, "slots": of_model})
        cursor.execute("VACUUM (ANALYZE)")
        cursor.execute("CHECKPOINT")


def backends() -> set[int]:
    """The database's processes that serve this database, but for our own."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return {pid for (pid,) in cursor.fetchall()}
