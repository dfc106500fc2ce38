"""`python -m bench.restarts`: the service is restarted piece by piece while printers report and people read pages.

It stands as deploy/ says: the database's roles, nginx with TLS, two web servers, workers, beat. With --postgres it is
the database that is restarted. 1 where a request failed that should not have, or where anything accepted was lost.
"""

import argparse
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2

from ars import embedded
from ars.demo.surroundings import free_port
from ars.embedded import postgres
from bench import standing
from bench.knocking import Heard, Knocking, Supply
from bench.order_sweep import keep
from bench.standing import Standing

FLEET = (Path(__file__).parent / "waiting_signals.sql").read_text()
TOKENS = """
INSERT INTO printers_devicetoken (printer_id, token_hash, created_at, revoked_cause)
SELECT id, sha256(convert_to('ars_device_bench_' || id, 'UTF8')), now(), '' FROM printers_printer
"""
# The fleet names its ids: a signal that came next would have one of theirs, and be taken for it.
NEXT_ID = "SELECT setval(pg_get_serial_sequence('printers_lowsignal', 'id'), max(id)) FROM printers_lowsignal"
SUPPLIES = """
SELECT p.id, s.code FROM printers_printer p JOIN printers_slot s ON s.model_id = p.model_id
 WHERE s.consumable AND NOT (p.supplies -> s.code ->> 'low')::boolean ORDER BY s.id, p.id
"""
FATES = """
SELECT l.printer_id, s.code, count(DISTINCT l.id), count(d.id), count(DISTINCT r.id)
  FROM printers_lowsignal l JOIN printers_slot s ON s.id = l.slot_id
  LEFT JOIN orders_decision d ON d.signal_id = l.id LEFT JOIN orders_replenishment r ON r.id = d.replenishment_id
 GROUP BY l.printer_id, s.code
"""
OPEN = """
SELECT (SELECT count(*) FROM printers_lowsignal WHERE due_at IS NOT NULL)
     + (SELECT count(*) FROM notifications_message WHERE due_at IS NOT NULL)
"""
PAUSE = 2.0  # seconds of load between two restarts
QUIET_SECONDS = 900.0
UNLIMITED = {"TELEMETRY_REPORTS_PER_MINUTE": "1000000"}  # four printers say what thousands would


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.restarts", description=__doc__)
    parser.add_argument("--postgres", action="store_true", help="restart the database instead of the service")
    parser.add_argument("--rounds", type=int, default=3, help="of restarts (default: %(default)s)")
    parser.add_argument("--printers", type=int, default=300, help="each with a plan (default: %(default)s)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ars-restarts-") as folder, embedded.start(Path(folder, "pg")) as services:
        home = Path(folder)
        environment = standing.lay(services.database_url, home, postgres.binaries(), services.environment) | UNLIMITED
        url = urlsplit(services.database_url)._replace(path="/ars").geturl()
        supplies = make_fleet(url, asked.printers)
        with running(Standing(home, free_port(), environment)) as stands:
            with Knocking(stands.port, home / "certificate.pem", supplies) as knocking:
                time.sleep(PAUSE)
                times = (
                    restart_postgres(services, asked.rounds) if asked.postgres else restart_all(stands, asked.rounds)
                )
            found = {"restarts": len(times), "slowest_restart_s": round(max(times), 1)} | told(knocking.heard)
            found["seconds_to_quiet"] = round(wait_for_quiet(url), 1)
            problems = judge(knocking.heard, url, refusals_allowed=asked.postgres)
    keep("postgres_restarts" if asked.postgres else "restarts", found)
    for name, value in found.items():
        print(f"{name.replace('_', ' '):<34} {value}")
    for problem in problems:
        print(f"WRONG: {problem}")
    return 1 if problems else 0


def make_fleet(url: str, printers: int) -> list[Supply]:
    """So many customers with a printer each, one of whose supplies is low; all that could become low beside it."""
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE printers_slot SET mapping_confirmed = true")
        cursor.execute(FLEET, {"signals": printers})
        cursor.execute(NEXT_ID)
        cursor.execute(TOKENS)
        cursor.execute(SUPPLIES)
        return [Supply(f"ars_device_bench_{printer}", printer, slot) for printer, slot in cursor.fetchall()]


@contextmanager
def running(stands: Standing) -> Iterator[Standing]:
    stands.start()
    try:
        yield stands
    finally:
        stands.stop()


def restart_all(stands: Standing, rounds: int) -> list[float]:
    """Web servers one after the other, then workers and beat; seconds that each took to end."""
    times = []
    for _ in range(rounds):
        for name in ("web-1", "web-2", "worker", "outside", "beat"):
            times.append(stands.end(name))
            stands.begin(name)
            time.sleep(PAUSE)
    return times


def restart_postgres(services: embedded.Services, rounds: int) -> list[float]:
    """A fast shutdown, as `systemctl restart postgresql` is one: all connections are cut; seconds until it answers."""
    times = []
    for _ in range(rounds):
        began = time.monotonic()
        before = services.pids()["postgres"]
        os.kill(before, signal.SIGINT)
        while services.pids().get("postgres") in (None, before) or not answers(services.database_url):
            time.sleep(0.05)
        times.append(time.monotonic() - began)
        time.sleep(3 * PAUSE)
    return times


def answers(url: str) -> bool:
    try:
        psycopg2.connect(url, connect_timeout=5).close()
    except psycopg2.OperationalError:
        return False
    return True


def told(heard: Heard) -> dict[str, Any]:
    return {
        "answers": dict(sorted(heard.answers.items())),
        "refusals": dict(heard.told_to_wait),
        "slowest_answer_s": round(heard.slowest, 2),
        "longest_until_accepted_s": round(heard.longest_until_accepted, 1),
        "lows_accepted": len(heard.promised),
    }


def wait_for_quiet(url: str) -> float:
    """Seconds until no low signal waits for a decision and no mail to be sent."""
    began = time.monotonic()
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        while time.monotonic() < began + QUIET_SECONDS:
            cursor.execute(OPEN)
            if cursor.fetchone() == (0,):
                break
            time.sleep(0.5)
    return time.monotonic() - began


def judge(heard: Heard, url: str, *, refusals_allowed: bool) -> list[str]:
    """Every low that was accepted is one signal, with a decision and one replenishment; nothing failed."""
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(FATES)
        fates = {(printer, slot): counts for printer, slot, *counts in cursor.fetchall()}
        cursor.execute(OPEN)
        undone = cursor.fetchone()
    lost = heard.promised - fates.keys()
    undecided = [
        key for key, (signals, decisions, needs) in fates.items() if (signals, needs) != (1, 1) or not decisions
    ]
    problems = [f"{len(lost)} lows were accepted and lost."] if lost else []
    problems += [f"{len(undecided)} signals without one decision and one replenishment."] if undecided else []
    problems += [f"{undone} still open."] if undone != (0,) else []
    good = {"printer 202", "person 200"} | ({"printer 503", "person 503"} if refusals_allowed else set())
    return problems + [f"{count} x {answer}" for answer, count in heard.answers.items() if answer not in good]


if __name__ == "__main__":
    sys.exit(main())
