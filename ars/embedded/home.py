"""The folder the embedded services live in, who may start them there, and who still uses them."""

import fcntl
import hashlib
import os
import re
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

LONGEST_SOCKET_PATH = 90  # bytes; the kernel's limit is 104 to 108, names of ours follow
WORDS_OF_A_URL = re.compile(r"[A-Za-z0-9/._-]+")


class EmbeddedError(Exception):
    """What keeps the embedded services from running, as one sentence for the person at the terminal."""


@dataclass(frozen=True)
class Home:
    """`root` holds everything; `sockets` stands elsewhere when the path of `root` is too long or not fit for a URL."""

    root: Path
    sockets: Path

    @property
    def data(self) -> Path:
        """PostgreSQL's data directory."""
        return self.root / "postgres"

    @property
    def log(self) -> Path:
        """The folder of log files."""
        return self.root / "log"

    @property
    def gate(self) -> Path:
        """Who starts services holds a lock on this file."""
        return self.root / "starting"

    @property
    def lease(self) -> Path:
        """Every process that uses the services shares a lock on this file."""
        return self.root / "in-use"


def prepare(root: Path) -> Home:
    """Make the folder of a home, or find it again."""
    root = root.resolve()
    home = Home(root, _socket_folder(root))
    with _told_by_name(root):
        home.log.mkdir(parents=True, exist_ok=True)
        for file in (home.gate, home.lease):
            file.touch(mode=0o600)
    return home


def open_sockets(home: Home) -> None:
    """Make the folder of the sockets. Where others may write beside it, what waits there under its name is no gift."""
    with _told_by_name(home.sockets):
        with suppress(FileExistsError):
            home.sockets.mkdir(mode=0o700)
        found = home.sockets.lstat()
        owners = {os.geteuid(), home.data.stat().st_uid if home.data.exists() else os.geteuid()}
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in owners or found.st_mode & 0o077:
        raise EmbeddedError(f"{home.sockets} is not a private folder of user {os.geteuid()}: remove it and try again.")


def close_sockets(home: Home) -> None:
    """Leave no empty folder in the temporary one."""
    with suppress(OSError):
        home.sockets.rmdir()


@contextmanager
def one_at_a_time(home: Home) -> Iterator[None]:
    """Only one process of a home starts services at any moment; the others wait here."""
    with home.gate.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


class Lease:
    """One user's share in the services of a home; the kernel takes it back when the process dies."""

    def __init__(self, home: Home) -> None:
        self._file = home.lease.open("wb")

    @property
    def ended(self) -> bool:
        """Whether it was given back."""
        return self._file.closed

    def share(self) -> None:
        """Use the services; waits while somebody is ending them."""
        fcntl.flock(self._file, fcntl.LOCK_SH)

    def take_alone(self) -> bool:
        """Hold the services alone, or give back any share and answer False."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.give_back()
            return False
        return True

    def give_back(self) -> None:
        """Use the services no longer (`share()` begins anew)."""
        fcntl.flock(self._file, fcntl.LOCK_UN)

    def end(self) -> None:
        """Use the services no longer, for good."""
        self._file.close()


def _socket_folder(root: Path) -> Path:
    near = root / "run"
    if len(os.fsencode(near)) <= LONGEST_SOCKET_PATH - len("/.s.PGSQL.5432") and WORDS_OF_A_URL.fullmatch(str(near)):
        return near
    mark = hashlib.sha256(os.fsencode(root)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"ars-{os.geteuid()}-{mark}"


@contextmanager
def _told_by_name(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise EmbeddedError(
            f"The embedded services cannot use {folder} ({error.strerror}): "
            f"give it to user {os.geteuid()}, or name another folder in ARS_HOME."
        ) from error
