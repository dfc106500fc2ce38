"""`python -m bench.rehearsal`: two orders, a moment between them, and a restore to it; on a PostgreSQL of its own.

Roles, tables, backup and restore are those of deploy/. 1 unless the first order is there again, the second is not, the
books add up, and the restored database takes the second order anew.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ars.embedded import postgres
from bench import standing
from bench.cluster import Cluster
from bench.restarts import FLEET

SWEEP = "from orders.tasks import sweep_signals; sweep_signals()"
LOW = """
UPDATE printers_lowsignal SET due_at = {when} WHERE id = 2
"""
ORDERS = "SELECT string_agg(user_id::text, ',' ORDER BY user_id) FROM orders_order"
NOW = "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
SECOND = 1.1  # copies are named by whole seconds


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.rehearsal", description=__doc__)
    default = postgres.binaries()
    parser.add_argument("--programs", type=Path, default=default, help="the folder of pg_basebackup and the others")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ars-") as folder:
        home = Path(folder)
        home.chmod(0o755)
        first = Cluster(asked.programs, home / "first", home / "s")
        first.make()
        first.start()
        try:
            between = live(first, home)
        finally:
            first.stop()
        return restore(Cluster(asked.programs, home / "second", home / "s"), home, between)


def live(cluster: Cluster, home: Path) -> str:
    """The service's life until the mistake; the moment between its two orders."""
    environment = standing.lay(cluster.url, home, cluster.programs, {})
    lay_fleet(cluster)
    backups = {"BACKUPS": str(home / "backups"), "PGUSER": "ars_backup"}
    receiver = subprocess.Popen([standing.DEPLOY / "backup", "wal"], env=cluster.environment | backups)
    try:
        print(cluster.run(str(standing.DEPLOY / "backup"), "base", **backups), end="")
        time.sleep(SECOND)
        sweep(environment)
        between = cluster.ask(NOW)
        cluster.ask(LOW.format(when="now()"), "ars")
        sweep(environment)
        print(f"Orders of the customers {cluster.ask(ORDERS, 'ars')}; the moment between them was {between}")
        wait_for_receipt(cluster)
    finally:
        receiver.terminate()
        receiver.wait()
    return between


def lay_fleet(cluster: Cluster) -> None:
    """Two customers, each with a supply that is low; the second one's signal is not due yet."""
    cluster.ask("UPDATE printers_slot SET mapping_confirmed = true", "ars")
    cluster.ask(FLEET.replace("%%", "%").replace("%(signals)s", "2"), "ars")
    cluster.ask(LOW.format(when="now() + interval '1 year'"), "ars")


def sweep(environment: dict[str, str]) -> None:
    """As a worker does, with the application's rights."""
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", SWEEP]
    subprocess.run(command, env=environment, cwd=standing.ROOT, check=True)


def wait_for_receipt(cluster: Cluster) -> None:
    written = cluster.ask("SELECT pg_current_wal_flush_lsn()")
    while cluster.ask(f"SELECT count(*) FROM pg_stat_replication WHERE flush_lsn >= '{written}'") != "1":
        time.sleep(0.1)


def restore(cluster: Cluster, home: Path, between: str) -> int:
    began = time.monotonic()
    subprocess.run([standing.DEPLOY / "restore", home / "backups", cluster.folder, between], check=True)
    cluster.start()
    print(f"Restored in {time.monotonic() - began:.1f} s")
    try:
        found = cluster.ask(ORDERS, "ars")
        books = cluster.run("psql", "-X", "-At", "-d", "ars", "-f", str(standing.DEPLOY / "intact.sql")).splitlines()
        print("\n".join(books))
        environment = os.environ | standing.settings(home) | standing.as_role(cluster.url, "ars", "APPLICATION")
        cluster.ask(LOW.format(when="now()"), "ars")
        sweep(environment)
        again = cluster.ask(ORDERS, "ars")
    finally:
        cluster.stop()
    broken = [line for line in books if not line.startswith("the newest") and not line.endswith("|0")]
    print(f"There again: the order of customer {found}. Ordered anew: {again}. Promises broken: {len(broken)}.")
    return 0 if (found, again, broken) == ("1", "1,2", []) else 1


if __name__ == "__main__":
    sys.exit(main())
