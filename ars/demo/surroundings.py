"""What the demo's processes find in their environment: services, addresses and keys, the given ones first."""

import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from ars import embedded
from ars.demo.door import LOOPBACK, Door, standing
from ars.demo.home import DemoError, Home, Keyring

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("DATABASE_URL", "CELERY_BROKER_URL")
PATIENCE_SECONDS = 10.0  # the processes of a killed demo end within this
POLL_SECONDS = 0.1


def check_port(port: int, home: Home) -> None:
    """DemoError when somebody listens there already."""
    deadline = time.monotonic() + (PATIENCE_SECONDS if home.unclean else 0)
    while _is_taken(port):
        if time.monotonic() > deadline:
            raise DemoError(f"Port {port} is in use: stop what listens there, or choose another one with PORT=.")
        time.sleep(POLL_SECONDS)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def services(home: Home, on_restart: Callable[[str, int], None]) -> Iterator[embedded.Services | None]:
    """The embedded database and broker for as long as they are needed; None when others are named."""
    if all(os.environ.get(name) for name in SERVICES):
        yield None
        return
    with embedded.start(home.root, on_restart=on_restart) as started:
        yield started


@contextmanager
def own_stripe() -> Iterator[Door | None]:
    """The door to a stand-in of ours; None when another Stripe is named."""
    if os.environ.get("STRIPE_API_BASE"):
        yield None
        return
    with standing(free_port()) as door:
        yield door


def environment(home: Home, keyring: Keyring, port: int, found: Mapping[str, str]) -> dict[str, str]:
    """Every variable the settings read, as in production: what is set already wins."""
    wanted = {
        **found,
        "SECRET_KEY": keyring.made_once("SECRET_KEY"),
        "ALLOWED_HOSTS": f"localhost,{LOOPBACK},[::1]",
        "SITE_URL": f"http://localhost:{port}",
        "STAFF_MFA_REQUIRED": "0",  # settings allow it only where a stand-in takes Stripe's place
        "STRIPE_SECRET_KEY": keyring.made_once("STRIPE_SECRET_KEY", "sk_test_"),
        "STRIPE_PUBLISHABLE_KEY": keyring.made_once("STRIPE_PUBLISHABLE_KEY", "pk_test_"),
        "STRIPE_WEBHOOK_SECRET": keyring.made_once("STRIPE_WEBHOOK_SECRET", "whsec_"),
        "EMAIL_URL": f"filemail://{quote(str(home.mail))}",
        "LOG_LEVEL": "WARNING",
    }
    given = {name: value for name in wanted if (value := os.environ.get(name))}
    fixed = {
        "DJANGO_SETTINGS_MODULE": "ars.settings",
        "DEBUG": "0",
        "STATIC_ROOT": str(home.static),
        "PROMETHEUS_MULTIPROC_DIR": str(home.root / "metrics"),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
        "PYTHONUNBUFFERED": "1",
    }
    return wanted | given | fixed


def mail_folder(email_url: str) -> str | None:
    """Where mails are files; None where they are sent."""
    address = urlsplit(email_url)
    return unquote(address.path) if address.scheme == "filemail" else None


def _is_taken(port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((LOOPBACK, port))
        except OSError:
            return True
    return _answers_on_ipv6(port)


def _answers_on_ipv6(port: int) -> bool:
    """Who listens on ::1 would get the browser's requests to localhost."""
    if socket.has_ipv6:
        with suppress(OSError), socket.create_connection(("::1", port), timeout=1):
            return True
    return False
