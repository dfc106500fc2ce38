"""What deploy/ does to a server of its own: roles; a moment that comes back without what came after it; a dump."""

import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ars.embedded import postgres
from bench.cluster import Cluster
from tests.waiting import eventually

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
PASSWORDS = {f"{role}_PASSWORD": f"a '{role}' secret" for role in ("OWNER", "APPLICATION", "REPORTS", "BACKUP")}
BACKUP, RESTORE = str(DEPLOY / "backup"), str(DEPLOY / "restore")


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """Short enough a path for a socket, and the database's user gets in."""
    with tempfile.TemporaryDirectory(prefix="ars-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture(scope="module")
def cluster(home: Path) -> Iterator[Cluster]:
    made = Cluster(postgres.binaries(), home / "data", home / "s")
    made.make()
    made.start()
    yield made
    made.stop()


def test_the_roles_are_made_and_made_again(cluster: Cluster) -> None:
    for _ in range(2):
        cluster.run("psql", "-X", "-q", "-f", str(DEPLOY / "roles.sql"), **PASSWORDS)
    may = "rolsuper OR rolcreatedb OR rolcreaterole OR rolbypassrls, rolreplication, rolcanlogin"
    found = cluster.ask(f"SELECT rolname, {may} FROM pg_roles WHERE rolname LIKE 'ars%' ORDER BY rolname").splitlines()
    assert found == ["ars|f|f|t", "ars_backup|f|t|t", "ars_owner|f|f|t", "ars_reports|f|f|t"]
    assert cluster.ask("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'ars'") == "ars_owner"
    cluster.run("psql", "-X", "-q", "-c", "CREATE TABLE mine ()", PGUSER="ars_owner", PGDATABASE="ars")
    for user, database in (("ars", "ars"), ("ars_reports", "ars"), ("ars", "template1")):
        with pytest.raises(subprocess.CalledProcessError):
            cluster.run("psql", "-X", "-q", "-c", "CREATE TABLE theirs ()", PGUSER=user, PGDATABASE=database)
    with pytest.raises(subprocess.CalledProcessError):
        cluster.run("psql", "-X", "-q", "-c", "SELECT FROM mine", PGUSER="ars", PGDATABASE="ars")


def test_without_every_password_no_role_is_made(cluster: Cluster) -> None:
    done = subprocess.run(
        ["psql", "-X", "-q", "-f", DEPLOY / "roles.sql"],
        env=cluster.environment | {"OWNER_PASSWORD": "alone"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert "Set OWNER_PASSWORD" in done.stderr


def order(cluster: Cluster, number: int) -> None:
    cluster.ask(f"INSERT INTO orders VALUES ({number})")


def clock(cluster: Cluster) -> str:
    """The database's; a moment before and after it nothing happens."""
    time.sleep(0.01)
    return cluster.ask("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')")


def test_a_moment_between_two_orders_comes_back(home: Path, cluster: Cluster) -> None:
    backups = home / "backups"
    environment = cluster.environment | {"BACKUPS": str(backups), "KEEP": "1"}
    (home / "pg_verifybackup").write_text('#!/bin/sh\ntest -f "$2/backup_manifest"\n')  # the wheel's own crashes
    (home / "pg_verifybackup").chmod(0o755)
    path = f"{home}:{environment['PATH']}"
    receiver = subprocess.Popen([BACKUP, "wal"], env=environment)
    try:
        cluster.ask("CREATE TABLE orders (number integer)")
        assert eventually(lambda: cluster.ask("SELECT count(*) FROM pg_stat_replication") == "1")
        for _ in range(2):  # the second takes the place of the first
            time.sleep(1.1)  # their names are of whole seconds
            cluster.run(BACKUP, "base", BACKUPS=str(backups), KEEP="1", PATH=path)
        assert len(list((backups / "base").iterdir())) == 1
        time.sleep(1.1)  # a moment is brought back from a copy that was finished before it
        order(cluster, 1)
        between = clock(cluster)
        time.sleep(0.01)
        order(cluster, 2)
        written = cluster.ask("SELECT pg_current_wal_flush_lsn()")
        received = f"SELECT count(*) FROM pg_stat_replication WHERE flush_lsn >= '{written}'"
        assert eventually(lambda: cluster.ask(received) == "1")
    finally:
        receiver.terminate()
        receiver.wait(60)
    for moment, orders in ((between, "1"), ("", "1,2")):
        again = Cluster(cluster.programs, home / f"again-{len(orders)}", home / "t")
        subprocess.run([RESTORE, str(backups), str(again.folder), *filter(None, [moment])], check=True)
        again.start()
        assert again.ask("SELECT string_agg(number::text, ',' ORDER BY number) FROM orders") == orders
        order(again, 3)
        again.stop()


def test_a_dump_is_whole_and_the_oldest_go(home: Path, cluster: Cluster) -> None:
    cluster.ask("CREATE TABLE dumped AS SELECT 1 AS number")
    for stale in ("20200101T000000Z", "20210101T000000Z"):
        path = home / "backups" / "dump" / stale
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    cluster.run(BACKUP, "dump", BACKUPS=str(home / "backups"), KEEP="2")
    old, new = sorted((home / "backups" / "dump").iterdir())
    assert old.name == "20210101T000000Z"
    cluster.ask("CREATE DATABASE again")
    cluster.run("pg_restore", "--dbname", "again", "--exit-on-error", str(new))
    assert cluster.ask("SELECT number FROM dumped", "again") == "1"


def test_what_cannot_be_restored_is_told(tmp_path: Path) -> None:
    def tried(*words: str) -> str:
        done = subprocess.run([RESTORE, *words], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (1, "")
        return done.stderr

    (tmp_path / "base" / "20261128T190000Z").mkdir(parents=True)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "PG_VERSION").touch()
    assert "no copy" in tried(str(tmp_path), str(tmp_path / "new"), "2026-11-28T18:59:59Z")
    assert "is no moment" in tried(str(tmp_path), str(tmp_path / "new"), "yesterday")
    assert not (tmp_path / "new").exists()
    assert "is not empty" in tried(str(tmp_path), str(tmp_path / "full"))


def test_what_can_be_asked_is_told(tmp_path: Path) -> None:
    environment = {"BACKUPS": str(tmp_path), "PATH": "/usr/bin:/bin"}
    done = subprocess.run([BACKUP], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "backup wal" in done.stderr
