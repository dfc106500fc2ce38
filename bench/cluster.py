"""A PostgreSQL of one's own, of any version's programs: made, started, stopped. It listens on a socket alone."""

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from ars.embedded import postgres

SECONDS = 60.0


@dataclass
class Cluster:
    """`programs`: the folder of initdb and postgres; `folder`: where its data is; `sockets`: a short path."""

    programs: Path
    folder: Path
    sockets: Path

    @property
    def environment(self) -> dict[str, str]:
        """For PostgreSQL's own programs, as the superuser."""
        path = f"{self.programs}:{os.environ['PATH']}"
        return os.environ | {"PATH": path, "PGHOST": str(self.sockets), "PGUSER": "postgres", "PGDATABASE": "postgres"}

    @property
    def url(self) -> str:
        """As the superuser."""
        return f"postgresql://postgres@/postgres?host={self.sockets}"

    def make(self) -> None:
        more = ["-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        self._as_nobody("initdb", "-D", str(self.folder), *more)

    def start(self) -> None:
        """Returns when it takes writes: what it has to recover is recovered then."""
        self.sockets.mkdir(exist_ok=True)
        options = f"-k {self.sockets} -c listen_addresses="
        log = str(self.folder) + ".log"
        self._as_nobody("pg_ctl", "-D", str(self.folder), "-o", options, "-l", log, "-t", str(int(SECONDS)), "start")
        deadline = time.monotonic() + SECONDS
        while self.ask("SELECT pg_is_in_recovery()") != "f":
            assert time.monotonic() < deadline, f"{self.folder} does not leave recovery: see {log}"
            time.sleep(0.1)

    def stop(self) -> None:
        self._as_nobody("pg_ctl", "-D", str(self.folder), "-m", "fast", "-w", "stop")

    def ask(self, query: str, database: str = "postgres") -> str:
        """psql's plain answer."""
        return self.run("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", query).strip()

    def run(self, *command: str, **more: str) -> str:
        """One of PostgreSQL's programs, or one that calls them; what it printed. CalledProcessError where it fails."""
        environment = self.environment | more
        return subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout

    def _as_nobody(self, program: str, *words: str) -> None:
        """PostgreSQL refuses to be root."""
        prefix = postgres.UNSHARE if os.geteuid() == 0 else ()
        command = [*prefix, str(self.programs / program), *words]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self.folder.parent)
