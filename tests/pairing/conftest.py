"""npm's openid-client, unmodified and pinned; in CI its absence is an error, elsewhere a reason to skip."""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

HERE = Path(__file__).parent
PINNED = ("package.json", "package-lock.json")
INSTALL = ("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
PROGRAM = "pair.mjs"


def give_up(why: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)


@pytest.fixture(scope="session")
def folder(request: pytest.FixtureRequest) -> Path:
    """Where the client is installed: once for each state of the lock file."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        give_up("Node is missing: apt-get install nodejs npm")
    cache = request.config.cache
    assert cache is not None
    locked = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()[:16]
    folder = cache.mkdir(f"openid-client-{locked}")
    if not (folder / "installed").exists():
        for name in PINNED:
            shutil.copy(HERE / name, folder)
        done = subprocess.run(INSTALL, cwd=folder, capture_output=True, text=True, timeout=100, check=False)
        if done.returncode:
            give_up(f"openid-client was not installed: {done.stderr[-500:]}")
        (folder / "installed").touch()
    shutil.copy(HERE / PROGRAM, folder)
    return folder


class StandardClient:
    """The client at work, beside us: what it says, a line at a time."""

    def __init__(self, folder: Path, server: str) -> None:
        command = ["node", PROGRAM, server]
        self.process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def says(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read()
        said: dict[str, Any] = json.loads(line)
        return said

    def end(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=60)


@pytest.fixture
def standard_client(folder: Path, live_server: LiveServer, settings: Settings) -> Iterator[StandardClient]:
    """Started against the server under test."""
    settings.SITE_URL = live_server.url
    client = StandardClient(folder, live_server.url)
    yield client
    client.end()
