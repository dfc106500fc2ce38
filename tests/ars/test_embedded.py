"""The embedded PostgreSQL and Redis: found, shared, never left behind, and clear when they cannot run."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import kombu
import psycopg2
import pytest

from ars import embedded
from ars.embedded import broker, postgres
from tests.ars.processes import ROOT, all_gone
from tests.waiting import eventually

USER = """
import sys, time
from pathlib import Path
from ars import embedded
with embedded.start(Path(sys.argv[1]), durable=False) as services:
    print(*services.pids().values(), flush=True)
    sys.stdin.readline()
"""
WORLD = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}  # no HOME, no locale, no TMPDIR


@pytest.fixture
def home() -> Iterator[Path]:
    """A short path, as a real installation's; pytest's own folders are long."""
    with tempfile.TemporaryDirectory(prefix="ars-home-") as folder:
        yield Path(folder)


def ask(services: embedded.Services, sql: str) -> object:
    connection = psycopg2.connect(services.database_url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone() if cursor.description else None
    finally:
        connection.close()


def answers(services: embedded.Services) -> bool:
    try:
        return ask(services, "select 1") == (1,)
    except psycopg2.OperationalError:
        return False


def sockets(services: embedded.Services) -> Path:
    return Path(services.database_url.partition("host=")[2])


class Process:
    """Another process that uses the services until it is told to leave."""

    def __init__(self, home: Path) -> None:
        self.popen = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", USER, str(home)],
            env=WORLD,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def servers(self) -> list[int]:
        assert self.popen.stdout
        return [int(pid) for pid in self.popen.stdout.readline().split()]

    def leave(self) -> int:
        self.popen.communicate("go\n", timeout=60)
        return self.popen.returncode

    def kill(self) -> None:
        self.popen.kill()
        self.popen.communicate(timeout=60)


def test_it_speaks_utf_8_and_listens_on_no_port(home: Path) -> None:
    with embedded.start(home, durable=False) as services:
        assert ask(services, "show listen_addresses") == ("",)
        assert ask(services, "select datlocprovider::text, datlocale from pg_database where datname = 'postgres'") == (
            "b",
            "C.UTF-8",
        )
        assert ask(services, "select upper('é')") == ("É",)


def test_it_is_durable_unless_told_otherwise(home: Path) -> None:
    with embedded.start(home) as services:
        assert ask(services, "select current_setting('fsync'), current_setting('synchronous_commit')") == ("on", "on")


def test_the_next_start_finds_what_the_last_one_stored(home: Path) -> None:
    with embedded.start(home, durable=False) as services:
        ask(services, "create table ink as select 12 as level")
        servers = list(services.pids().values())
    assert len(servers) == 2
    assert all_gone(servers)
    with embedded.start(home, durable=False) as services:
        assert ask(services, "select level from ink") == (12,)


def test_only_its_owner_may_open_the_sockets(home: Path) -> None:
    with embedded.start(home, durable=False):
        assert (home / "run").stat().st_mode & 0o777 == 0o700


def test_a_second_process_uses_what_runs_and_leaves_it_running(home: Path) -> None:
    with embedded.start(home, durable=False) as services:
        other = Process(home)
        assert other.servers() == list(services.pids().values())
        assert other.leave() == 0
        assert ask(services, "select 1") == (1,)


def test_services_outlive_their_starter_while_another_uses_them(home: Path) -> None:
    starter = Process(home)
    servers = starter.servers()
    services = embedded.start(home)
    assert starter.leave() == 0
    assert ask(services, "select 1") == (1,)
    services.stop()
    assert eventually(lambda: all_gone(servers), seconds=60)


def test_four_first_starts_at_once_share_one_cluster(home: Path) -> None:
    processes = [Process(home) for _ in range(4)]
    assert len({tuple(process.servers()) for process in processes}) == 1
    with ThreadPoolExecutor() as pool:
        assert list(pool.map(Process.leave, processes)) == [0, 0, 0, 0]


def test_two_homes_run_side_by_side(home: Path) -> None:
    with embedded.start(home / "a", durable=False) as one, embedded.start(home / "b", durable=False) as two:
        ask(one, "create table ink ()")
        assert ask(two, "select to_regclass('ink')") == (None,)
        assert set(one.pids().values()).isdisjoint(two.pids().values())


def test_a_killed_parent_leaves_no_server_behind(home: Path) -> None:
    process = Process(home)
    servers = process.servers()
    process.kill()
    assert eventually(lambda: all_gone(servers), seconds=60)
    with embedded.start(home, durable=False) as services:
        assert ask(services, "select 1") == (1,)


def test_a_killed_parent_whose_home_was_removed_leaves_no_server_behind(home: Path) -> None:
    process = Process(home / "removed")
    servers = process.servers()
    shutil.rmtree(home / "removed")
    process.kill()
    assert eventually(lambda: all_gone(servers), seconds=60)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="finds the reaper by /proc")
def test_a_server_that_even_its_reaper_left_is_replaced(home: Path) -> None:
    process = Process(home)
    servers = process.servers()
    reaper = reaper_of(process.popen.pid)
    os.kill(reaper, signal.SIGSTOP)  # else its owner would hire another in the moment before it dies itself
    process.kill()
    os.kill(reaper, signal.SIGKILL)
    with embedded.start(home, durable=False) as services:
        assert set(services.pids().values()).isdisjoint(servers)
        assert all_gone(servers)


def reaper_of(pid: int) -> int:
    children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return next(child for child in children if b"reaper.py" in Path(f"/proc/{child}/cmdline").read_bytes())


def test_a_killed_server_is_back_within_five_seconds_with_its_rows(home: Path) -> None:
    told: list[tuple[str, int]] = []
    with embedded.start(home, on_restart=lambda name, pid: told.append((name, pid))) as services:
        ask(services, "create table ink as select 12 as level")
        for pid in services.pids().values():
            os.kill(pid, signal.SIGKILL)
        assert eventually(lambda: len(services.pids()) == 2 and answers(services), seconds=60)
        assert ask(services, "select level from ink") == (12,)
        assert sorted(told) == sorted(services.pids().items())


def test_the_lock_file_of_a_killed_server_is_no_obstacle(home: Path) -> None:
    embedded.start(home, durable=False).stop()
    with subprocess.Popen(["sleep", "60"]) as stranger:  # has the process id that the killed server had
        lock = f"{stranger.pid}\n{home / 'postgres'}\n0\n5432\n{home / 'run'}\n\n"
        (home / "postgres" / "postmaster.pid").write_text(lock)
        (home / "run").mkdir(mode=0o700)
        (home / "run" / ".s.PGSQL.5432.lock").write_text(lock)
        with embedded.start(home, durable=False) as services:
            assert ask(services, "select 1") == (1,)
        stranger.kill()


@pytest.mark.parametrize("lost", ["PG_VERSION", "global/pg_control", "pg_wal", "base"])
def test_a_damaged_database_is_told_in_one_sentence(home: Path, lost: str) -> None:
    embedded.start(home, durable=False).stop()
    damaged = home / "postgres" / lost
    damaged.unlink() if damaged.is_file() else shutil.rmtree(damaged)
    with pytest.raises(embedded.EmbeddedError) as told:
        embedded.start(home, durable=False)
    sentence = str(told.value)
    assert sentence.startswith(f"The embedded database in {home / 'postgres'} does not start (")
    assert sentence.endswith('to throw it away and begin with an empty one, run make demo DEMO_ARGS="--fresh".')
    assert "\n" not in sentence


def test_a_place_that_cannot_be_written_is_named(home: Path) -> None:
    (home / "file").touch()
    with pytest.raises(embedded.EmbeddedError, match=rf"cannot use {home / 'file' / 'home'} \(Not a directory\)"):
        embedded.start(home / "file" / "home")


def test_without_the_wheel_one_sentence_says_what_to_do(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "find_spec", lambda name: None)
    with pytest.raises(embedded.EmbeddedError, match=r"^DATABASE_URL is not set .* install requirements-dev\.txt\.$"):
        embedded.start(home)


@pytest.mark.parametrize("name", ["long" * 40, "with blank & ümlaut?"])
def test_any_path_will_do(home: Path, name: str) -> None:
    with embedded.start(home / name, durable=False) as services:
        assert ask(services, "select 1") == (1,)
        elsewhere = sockets(services)
        assert elsewhere.parent == Path(tempfile.gettempdir())
        assert elsewhere.stat().st_mode & 0o777 == 0o700
    assert not elsewhere.exists()


def test_a_socket_folder_that_others_can_open_is_refused(home: Path) -> None:
    (home / "run").mkdir(mode=0o755)
    with pytest.raises(embedded.EmbeddedError, match=rf"^{home / 'run'} is not a private folder"):
        embedded.start(home)


def test_broker_and_cache_are_two_databases_of_one_redis(home: Path) -> None:
    with embedded.start(home, durable=False) as services:
        path = home / "run" / "redis.sock"
        assert services.broker_url == f"redis+socket://{path}?virtual_host=0"
        assert services.cache_url == f"redis://{path}?db=1"
        assert services.notes[1] == f"Broker and cache: Redis on {path}."
        assert embedded.transport_options(services.broker_url) == {}
        assert send_and_receive(services) == {"order": 7}


def test_without_redis_messages_go_through_files(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker, "programs", list)
    with embedded.start(home, durable=False) as services:
        assert services.notes[1].startswith(f"Broker and cache: files in {home / 'run'}")
        assert services.cache_url == f"filecache://{home / 'run' / 'cache'}"
        assert send_and_receive(services) == {"order": 7}


def test_a_redis_that_does_not_start_is_passed_over(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = [Path("/bin/false"), *broker.programs()]
    monkeypatch.setattr(broker, "programs", lambda: programs)
    with embedded.start(home, durable=False) as services:
        assert list(services.pids()) == ["postgres", "redis"]


def send_and_receive(services: embedded.Services) -> object:
    options = embedded.transport_options(services.broker_url)
    connection = kombu.Connection(services.broker_url, transport_options=options)
    with connection, connection.SimpleQueue("orders") as queue:
        queue.put({"order": 7})
        message = queue.get(timeout=60)
        message.ack()
        return message.payload


@pytest.mark.skipif(os.geteuid() != 0, reason="only root must become somebody else")
def test_root_becomes_nobody_where_it_may_not_look_like_another(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "_can_unshare", lambda: False)
    home.chmod(0o755)
    for _ in range(2):  # and finds it again
        with embedded.start(home, durable=False) as services:
            assert ask(services, "select 1") == (1,)
            assert (home / "postgres").stat().st_uid == postgres.NOBODY


def test_django_is_not_imported() -> None:
    code = "import sys, ars.embedded; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], env=WORLD, check=False).returncode == 0
