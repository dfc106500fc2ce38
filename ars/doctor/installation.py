"""The machine and the settings: addresses, encryption, static files, room on the disks, who reads the figures."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.http.request import validate_host

from ars.doctor.findings import Finding, note, ok, trouble
from ars.watch import http

LEAST_FREE = 500 * 1024 * 1024  # bytes
SHORT = 32  # characters of a key or token that nobody guesses
NEAR = ("localhost", "127.0.0.1", "::1")  # nothing goes over a wire
MANIFEST = "staticfiles.json"


def addresses() -> Iterator[Finding]:
    """Whether the links in mails lead to a host that is answered for."""
    site = urlsplit(settings.SITE_URL)
    if not site.hostname or site.scheme not in ("http", "https") or site.path:
        told = f"SITE_URL is {settings.SITE_URL!r}, which is no address of a site: the links in mails lead nowhere."
        yield trouble(told, "Set it to scheme and host alone, such as https://ink.example.com.")
    elif not validate_host(site.hostname, settings.ALLOWED_HOSTS):
        told = f"ALLOWED_HOSTS does not name {site.hostname}, the host of SITE_URL: its pages are refused with 400."
        yield trouble(told, f"Add {site.hostname} to ALLOWED_HOSTS.")
    else:
        yield ok(f"The site is {settings.SITE_URL}.")
    if "*" in settings.ALLOWED_HOSTS and not settings.DEBUG:
        told = "ALLOWED_HOSTS allows every host, so a stranger decides what links in pages say."
        yield trouble(told, "Name the hosts of the site alone.")


def encryption() -> Iterator[Finding]:
    """Whether pages and cookies go by https, and whether Django knows that they do."""
    https = settings.SITE_URL.startswith("https://")
    if settings.DEBUG:
        told = "DEBUG is on: errors show their insides, and development values are accepted."
        yield note(told, "Set DEBUG=0 wherever customers are.")
        return
    if not https and urlsplit(settings.SITE_URL).hostname in NEAR:
        yield note("The site is this machine alone.", "Set SITE_URL to its public address wherever customers are.")
    elif not https:
        told = "SITE_URL is not https: passwords and sessions go over the wire in the clear."
        yield trouble(told, "Put a proxy with a certificate before ARS, set SITE_URL to https and BEHIND_TLS_PROXY=1.")
    elif not settings.BEHIND_TLS_PROXY and settings.SECURE_SSL_REDIRECT:
        told = "SECURE_SSL_REDIRECT is on and BEHIND_TLS_PROXY is off: behind a proxy every page leads to itself."
        yield trouble(told, "Set BEHIND_TLS_PROXY=1, and let the proxy set X-Forwarded-Proto.")
    elif not settings.BEHIND_TLS_PROXY:
        told = "The site is https, but BEHIND_TLS_PROXY is off: through a proxy, requests count as plain."
        yield note(told, "Set it where TLS ends in a proxy before ARS.")
    else:
        yield ok("Pages go by https.")
    if len(settings.SECRET_KEY) < SHORT:
        told = f"SECRET_KEY has fewer than {SHORT} characters: who guesses it signs what he likes."
        yield trouble(told, "Set a long random one; people sign in again, and links in mails end.")


def static_files() -> Iterator[Finding]:
    """Whether what pages refer to was collected, and is of this version."""
    if settings.DEBUG:
        yield ok("Static files come from the source: DEBUG is on.")
        return
    manifest, do = Path(settings.STATIC_ROOT, MANIFEST), "Run manage.py collectstatic --no-input, and start web again."
    try:
        kept = json.loads(manifest.read_text())["paths"]
    except FileNotFoundError:
        yield trouble(f"Static files were not collected into {settings.STATIC_ROOT}: every page is an error.", do)
        return
    except (OSError, ValueError, KeyError) as error:
        yield trouble(f"{manifest} cannot be read: {type(error).__name__}.", do)
        return
    needed = {name.replace(os.sep, "/") for finder in get_finders() for name, _ in finder.list([])}
    if missing := sorted(needed - kept.keys()):
        yield trouble(f"{len(missing)} static files were not collected, the first is {missing[0]}.", do)
    else:
        yield ok(f"All {len(needed)} static files are collected.")


def room() -> Iterator[Finding]:
    """Whether the places ARS writes to can be written, and have room."""
    for what, place in _places():
        existing = next(each for each in (place, *place.parents) if each.exists())
        free = shutil.disk_usage(existing).free
        if not os.access(existing, os.W_OK):
            yield trouble(f"{place}, for {what}, cannot be written.", "Give it to the user that runs ARS.")
        elif free < LEAST_FREE:
            told = f"{place}, for {what}, has {free // 1024**2} MB left."
            yield trouble(told, f"Make room, at least {LEAST_FREE // 1024**2} MB: look for logs and old backups.")
        else:
            yield ok(f"{place}, for {what}, has {free // 1024**3} GB left.")


def _places() -> Iterator[tuple[str, Path]]:
    yield "files of a moment", Path(tempfile.gettempdir())
    if http.FOLDER:
        yield "the counts of web processes", Path(http.FOLDER)
    if settings.EMAIL_URL.startswith("filemail:"):
        yield "mails", Path(unquote(urlsplit(settings.EMAIL_URL).path))


def figures() -> Iterator[Finding]:
    """Whether Prometheus may read, and reads what is so."""
    if settings.METRICS_TOKEN and len(settings.METRICS_TOKEN) < SHORT // 2:
        told = f"METRICS_TOKEN has fewer than {SHORT // 2} characters: it can be guessed."
        yield trouble(told, "Set a long random one, here and in Prometheus.")
    elif not settings.METRICS_TOKEN and settings.ALLAUTH_TRUSTED_PROXY_COUNT:
        yield note("Nobody may read /metrics.", "Set METRICS_TOKEN to let Prometheus read it.")
    elif not http.FOLDER:
        told = "PROMETHEUS_MULTIPROC_DIR is not set, so /metrics tells the requests of one web process alone."
        yield note(told, "Set it to a folder that is empty at each start where more than one runs.")
    else:
        yield ok("Figures are told at /metrics.")
