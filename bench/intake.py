"""The case of the hot path: what a report costs beside a view that does nothing, and beside the tutorial's way."""

import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from django.core.management import call_command
from django.db import connection
from django.db.models import Count, Q

from bench import driving
from bench.driving import Case, Run
from printers import catalogue
from printers.models import PrinterModel, Slot

FLEET = Path(__file__).parent / "fleet.sql"
SLOTS = 6
REQUESTS = 100_000  # after which memory is read
MARGIN = 1_000  # wrk makes more requests than it hears answers to
WORKERS = ("--workers", "2", "--blocking-threads", "4")


def measure(printers: int, rounds: int, seconds: int, *, memory: bool) -> dict[str, Any]:
    """By case: medians, and the range of what varies. Reports of each kind come from so many printers of their own."""
    slots = prepare(printers)
    with ExitStack() as servers:
        ours, our_url = servers.enter_context(serving("bench.production:application"))
        plain, plain_url = servers.enter_context(serving("bench.plain.wsgi:application"))
        telemetry = f"{our_url}/api/v1/telemetry"
        kinds = {"repeated": 202, "unchanged": 202, "changed": 202, "low": 202, "bad_token": 401, "refused": 400}
        cases = [
            Case("floor", f"{plain_url}/floor", 0, printers, slots, 204),
            Case("tutorial", f"{plain_url}/readings/", 0, printers, slots, 201),
            *(
                Case(name, telemetry, place * printers, printers, slots, status)
                for place, (name, status) in enumerate(kinds.items())
            ),
        ]
        servers_of = {case.name: plain if case.url.startswith(plain_url) else ours for case in cases}
        runs = _in_turn(cases, rounds, seconds, lambda case: driving.group(servers_of[case.name]) | _backends())
        told = _told(runs)
        if memory:
            told["memory"] = _memory(ours, next(case for case in cases if case.name == "unchanged"))
    return told


def prepare(printers: int) -> list[str]:
    """The schema, the catalogue and so many printers for each case; the codes of their six slots."""
    call_command("migrate", verbosity=0)
    catalogue.load()
    Slot.objects.update(mapping_confirmed=True)
    inks = Count("slots", filter=Q(slots__consumable=True))
    model = PrinterModel.objects.annotate(inks=inks).filter(inks=SLOTS).order_by("pk")[0]
    slots = list(model.slots.filter(consumable=True).values_list("code", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(FLEET.read_text(), {"model": model.pk, "slots": slots, "printers": 6 * printers})
        cursor.execute("ANALYZE")
    subprocess.run([sys.executable, "-m", "bench.plain.tables", str(printers), ",".join(slots)], check=True)
    return slots


@contextmanager
def serving(application: str) -> Iterator[tuple[int, str]]:
    """The production server with an application, once it answers; its process group and its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    command += [*WORKERS, "--no-ws", "--log-level", "warning", application]
    server = subprocess.Popen(command, start_new_session=True)
    try:
        url = f"http://127.0.0.1:{port}"
        _until(lambda: _answers(f"{url}/healthz"))
        yield server.pid, url
    finally:
        server.terminate()
        server.wait()


def _in_turn(
    cases: list[Case], rounds: int, seconds: int, processes: Callable[[Case], set[int]]
) -> dict[str, list[tuple[Run, float]]]:
    """Every case once a round, one after the other, each with the microseconds of CPU a request took."""
    counted = dict.fromkeys((case.name for case in cases), 0)
    runs: dict[str, list[tuple[Run, float]]] = {case.name: [] for case in cases}
    for case in cases:  # connections, plans and caches are there before anything is counted
        counted[case.name] += driving.drive(case, 0, 1).requests + MARGIN
    for _ in range(rounds):
        for case in cases:
            before = driving.cpu_seconds(processes(case))
            run = driving.drive(case, counted[case.name], seconds)
            used = driving.cpu_seconds(processes(case)) - before
            counted[case.name] += run.requests + MARGIN
            _refuse_others(case, run)
            runs[case.name].append((run, 1e6 * used / run.requests))
    return runs


def _memory(server: int, case: Case) -> dict[str, float]:
    """Resident megabytes of the largest web process halfway and at the end."""
    sent, halfway, counted = 0, 0.0, 1 << 30
    while sent < REQUESTS:
        run = driving.drive(case, counted, 5)
        sent, counted = sent + run.requests, counted + run.requests + MARGIN
        if not halfway and sent > REQUESTS / 2:
            halfway = driving.megabytes(driving.group(server))
    return {"requests": sent, "web_mb": driving.megabytes(driving.group(server)), "web_mb_halfway": halfway}


def _refuse_others(case: Case, run: Run) -> None:
    """A figure of answers that are not the case's would be none."""
    wrong = run.not_2xx if case.status < 300 else run.requests - run.not_2xx
    if wrong or run.broken:
        raise SystemExit(f"{case.name}: {wrong} of {run.requests} answers were not {case.status}, {run.broken} broke.")


def _told(runs: dict[str, list[tuple[Run, float]]]) -> dict[str, Any]:
    floor = [run.per_second for run, _ in runs["floor"]]
    tutorial = [run.per_second for run, _ in runs["tutorial"]]
    told = {}
    for name, each in runs.items():
        speeds = [run.per_second for run, _ in each]
        told[name] = {
            "requests_per_second": _middle(speeds, 0),
            "ratio_to_floor": _middle([a / b for a, b in zip(speeds, floor, strict=True)], 3),
            "ratio_to_drf": _middle([a / b for a, b in zip(speeds, tutorial, strict=True)], 1),
            "cpu_us": _middle([cpu for _, cpu in each], 0),
            "p50_ms": _middle([run.p50_ms for run, _ in each], 2),
            "p99_ms": _middle([run.p99_ms for run, _ in each], 1),
        }
    return told


def _middle(values: list[float], digits: int) -> dict[str, float]:
    return {
        "median": round(statistics.median(values), digits),
        "from": round(min(values), digits),
        "to": round(max(values), digits),
    }


def _backends() -> set[int]:
    """The database's processes that serve this database, but for our own."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return {pid for (pid,) in cursor.fetchall()}


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5):
            return True
    except URLError as error:
        return getattr(error, "code", None) is not None
    except OSError:
        return False


def _until(happens: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not happens():
        if time.monotonic() > deadline:
            raise SystemExit("The server does not answer.")
        time.sleep(0.1)
