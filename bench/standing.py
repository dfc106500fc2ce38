"""The service as an installation has it: the database's roles, nginx with TLS before two web servers, workers, beat."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from bench.scratch import ENVIRONMENT
from tests.agent.certificate import make_certificate

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "deploy"
HOST = "localhost"
PASSWORDS = {f"{role}_PASSWORD": f"{role.lower()}-secret" for role in ("OWNER", "APPLICATION", "REPORTS", "BACKUP")}
WORKERS = ("worker", "outside")
SECONDS = 60.0  # until whoever was told to end or to start has done so


@dataclass
class Standing:
    """All processes but the embedded services; `home` holds sockets and logs."""

    home: Path
    port: int
    environment: Mapping[str, str]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self) -> None:
        for name in ("web-1", "web-2", *WORKERS, "beat"):
            self.begin(name)
        self._run("nginx", [nginx(), "-c", str(self.nginx_conf())])
        deadline = time.monotonic() + SECONDS
        while not self._is_open():
            assert time.monotonic() < deadline, f"nginx does not start: see {self.home}/nginx.log"
            time.sleep(0.1)

    def stop(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            process.wait(SECONDS)

    def begin(self, name: str) -> None:
        """As systemd does it; a web server is there when nginx may send to it."""
        if not name.startswith("web-"):
            self._run(name, [sys.executable, "-m", "celery", "--app", "ars.celery", "--quiet", *self._words(name)])
            return
        folder = self.home / name
        folder.mkdir(exist_ok=True)
        granian = ["--interface", "wsgi", "--no-ws", "--uds", str(folder / "starting"), "--uds-permissions", "660"]
        counts = ["--workers", "2", "--blocking-threads", "4", "--respawn-failed-workers"]
        self._run(name, [sys.executable, "-m", "granian", *granian, *counts, "ars.wsgi:application"])
        subprocess.run([DEPLOY / "web-ready", folder], env=self.environment, check=True)

    def end(self, name: str) -> float:
        """Drained and told to end; seconds from the word to its end."""
        if name.startswith("web-"):
            subprocess.run([DEPLOY / "web-drain", self.home / name], check=True)
        told = time.monotonic()
        self.processes[name].send_signal(signal.SIGTERM)
        self.processes[name].wait(SECONDS)
        return time.monotonic() - told

    def _is_open(self) -> bool:
        with socket.socket() as knock:
            return knock.connect_ex(("127.0.0.1", self.port)) == 0

    def _words(self, name: str) -> list[str]:
        if name == "beat":
            return ["beat", "--schedule", str(self.home / "beat"), "--pidfile", "", "--loglevel", "WARNING"]
        queue = "outside" if name == "outside" else "celery"
        return ["worker", "--queues", queue, "--concurrency", "2", "--hostname", f"{name}@%h", "--loglevel", "INFO"]

    def _run(self, name: str, command: list[str]) -> None:
        with (self.home / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(command, env=self.environment, cwd=ROOT, stdout=log, stderr=log)

    def nginx_conf(self) -> Path:
        """The site of deploy/, at this port and with a certificate of its own, as this user."""
        certificate = make_certificate(self.home / "certificate.pem", HOST)
        site = (DEPLOY / "nginx" / "ars.conf").read_text()
        for old, new in {
            "unix:/run/ars": f"unix:{self.home}",
            "/etc/letsencrypt/live/ink.example.com/fullchain.pem": str(certificate),
            "/etc/letsencrypt/live/ink.example.com/privkey.pem": str(certificate),
            "listen 443 ssl": f"listen 127.0.0.1:{self.port} ssl",
            "listen [::]:443 ssl http2;": "",
            "listen 80;": f"listen unix:{self.home}/plain;",
            "listen [::]:80;": "",
            "ink.example.com": HOST,
        }.items():
            assert old in site, f"deploy/nginx/ars.conf has no {old!r} any more"
            site = site.replace(old, new)
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        folders = " ".join(f"{kind}_temp_path {self.home}/{kind};" for kind in kinds)
        conf = self.home / "nginx.conf"
        user = "user root;" if os.geteuid() == 0 else ""
        conf.write_text(
            f"{user} daemon off; pid {self.home}/nginx.pid; error_log {self.home}/nginx-errors.log warn;\n"
            f"events {{ worker_connections 512; }}\nhttp {{ access_log off; {folders}\n{site} }}\n"
        )
        return conf


def nginx() -> str:
    """SystemExit where there is none."""
    found = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None:
        raise SystemExit("This needs nginx: on Debian, apt install nginx.")
    return found


def lay(url: str, home: Path, programs: Path, more: Mapping[str, str]) -> dict[str, str]:
    """Roles, database, tables, catalogue and static files, on the server whose superuser signs in at `url`.

    What the application's processes run with; `more` is where broker and cache are.
    """
    psql = [str(programs / "psql"), "-X", "-q", "-d", url, "-f", str(DEPLOY / "roles.sql")]
    subprocess.run(psql, env=os.environ | PASSWORDS, check=True)
    common = {**os.environ, **settings(home), **more}
    owner = common | as_role(url, "ars_owner", "OWNER")
    owner |= {"DATABASE_APPLICATION_ROLE": "ars", "DATABASE_REPORTS_ROLE": "ars_reports"}
    for command in (["migrate"], ["load_catalogue"], ["collectstatic", "--no-input"]):
        words = [sys.executable, "manage.py", *command, "--verbosity", "0"]
        subprocess.run(words, env=owner, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return common | as_role(url, "ars", "APPLICATION")


def settings(home: Path) -> dict[str, str]:
    """As behind a proxy that ends TLS."""
    proxy = {"ALLOWED_HOSTS": HOST, "SITE_URL": f"https://{HOST}", "BEHIND_TLS_PROXY": "1", "SECURE_SSL_REDIRECT": "1"}
    quiet = {"EMAIL_URL": "dummymail://", "LOG_LEVEL": "WARNING", "STATIC_ROOT": str(home / "static")}
    return {**ENVIRONMENT, **proxy, **quiet}


def as_role(url: str, role: str, password: str) -> dict[str, str]:
    """The database of the service, signed in to as that role."""
    named = urlsplit(url)._replace(netloc=f"{role}@", path="/ars").geturl()
    return {"DATABASE_URL": named, "DATABASE_PASSWORD": PASSWORDS[f"{password}_PASSWORD"]}
