"""The demo's home: its folder, the lock that keeps a second demo out, and the secrets that outlive a run."""

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ars.embedded import broker, postgres
from ars.embedded.home import Lease, prepare

LOCK = "demo.lock"
SIGNS_OF_A_HOME = {LOCK, "in-use"}  # the second one is made by the embedded services
START_OVER = 'to throw it away and start over, run make demo DEMO_ARGS="--fresh"'


class DemoError(Exception):
    """What keeps the demo from running, as one sentence for the person at the terminal."""


@dataclass(frozen=True)
class Home:
    """Everything the demo keeps is under `root`. `unclean`: the demo before this one was killed."""

    root: Path
    unclean: bool = False

    @property
    def log(self) -> Path:
        """One log file a process."""
        return self.root / "log"

    @property
    def mail(self) -> Path:
        """One file a mail, where EMAIL_URL names no other way."""
        return self.root / "mail"

    @property
    def static(self) -> Path:
        """The static files as the web server sends them."""
        return self.root / "static"

    @property
    def credentials(self) -> Path:
        """There while the demo is ready to serve."""
        return self.root / "credentials.json"

    @property
    def parts(self) -> Path:
        """What the simulators are told: addresses and the keys they need."""
        return self.root / "parts.json"


class Keyring:
    """Passwords and plain keys: made once, shown nowhere else, so a second start of the same home keeps them."""

    def __init__(self, home: Home) -> None:
        self._path = home.root / "secrets.json"
        self._kept = self._read()

    def __getitem__(self, name: str) -> str | None:
        return self._kept.get(name)

    def __setitem__(self, name: str, value: str) -> None:
        self._kept[name] = value
        write_private(self._path, json.dumps(self._kept, indent=1))

    def made_once(self, name: str, prefix: str = "") -> str:
        """A random word, the same at every start."""
        if name not in self._kept:
            self[name] = prefix + secrets.token_hex(16)
        return self._kept[name]

    def _read(self) -> dict[str, str]:
        if not self._path.exists():
            return {}
        try:
            return {str(name): str(value) for name, value in json.loads(self._path.read_text()).items()}
        except (OSError, ValueError, AttributeError) as error:
            raise DemoError(f"{self._path} cannot be read ({error}): {START_OVER}.") from error


@contextmanager
def opened(root: Path, *, fresh: bool) -> Iterator[Home]:
    """The home, ours alone until we are done; emptied first if it is to be `fresh`."""
    root = root.absolute()
    with ExitStack() as stack:
        try:
            _make_private(root)
            lock = stack.enter_context((root / LOCK).open("a+"))
            home = Home(root, unclean=_take(lock, root))
            if fresh:
                _empty(root)
            _make_folders(home)
        except OSError as error:
            raise DemoError(f"The demo cannot use {root} ({error}): give it to this user, or {START_OVER}.") from error
        try:
            yield home
        finally:
            home.credentials.unlink(missing_ok=True)
            lock.truncate(0)


def write_private(path: Path, text: str) -> None:
    """Write a file only its owner can read, whole or not at all."""
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    beside.replace(path)


def _make_private(root: Path) -> None:
    if root.exists() and not root.is_dir():
        raise DemoError(f"{root} is not a folder: move it away, or name another place in ARS_HOME.")
    root.mkdir(parents=True, exist_ok=True)
    found = {thing.name for thing in root.iterdir()}
    if found and found.isdisjoint(SIGNS_OF_A_HOME):
        raise DemoError(f"{root} holds things that are not the demo's: name an empty folder in ARS_HOME.")
    # Where root may not make namespaces, its PostgreSQL runs as another user, who must get through to its data.
    root.chmod(0o711 if os.geteuid() == 0 else 0o700)


def _take(lock: IO[str], root: Path) -> bool:
    """Keep other demos out; True if the one before us had no time to tidy up."""
    lock.seek(0)
    owner = lock.read().strip()
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise DemoError(
            f"Another demo (process {owner}) runs in {root}: stop it first, or give this one a folder in ARS_HOME."
        ) from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return bool(owner)


def _empty(root: Path) -> None:
    """Everything but the lock goes; servers that a killed demo left behind are ended first."""
    for folder in (root / "log", root / "run"):
        if folder.exists() and not folder.is_dir():
            folder.unlink()
    place = prepare(root)
    lease = Lease(place)
    try:
        if not lease.take_alone():
            raise DemoError(f"Another process still uses the database in {root}: stop it first.")
        postgres.end(place)
        broker.end(place)
        for thing in root.iterdir():
            if thing.name != LOCK:
                _remove(thing)
    finally:
        lease.end()


def _remove(thing: Path) -> None:
    if thing.is_dir() and not thing.is_symlink():
        shutil.rmtree(thing)
    else:
        thing.unlink()


def _make_folders(home: Home) -> None:
    home.credentials.unlink(missing_ok=True)
    for folder in (home.log, home.mail):
        folder.mkdir(mode=0o700, exist_ok=True)
