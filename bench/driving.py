"""Drives a server with reports, by wrk or, where there is none, by threads; and reads what its processes have used."""

import http.client
import json
import os
import shutil
import statistics
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

SCRIPT = Path(__file__).parent / "report.lua"
CONNECTIONS = 8
TICK = os.sysconf("SC_CLK_TCK")  # of the kernel's clock, in a second


@dataclass(frozen=True)
class Case:
    """What is sent, to which printers (their numbers), and what must come back."""

    name: str
    url: str
    offset: int
    printers: int
    slots: list[str]
    status: int


@dataclass(frozen=True)
class Run:
    """What came of driving one case for a while."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    not_2xx: int
    broken: int

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


def drive(case: Case, counted: int, seconds: int) -> Run:
    """Send for so many seconds over eight connections; `counted` reports of the case were sent before."""
    return (_by_wrk if shutil.which("wrk") else _by_threads)(case, counted, seconds)


def cpu_seconds(pids: set[int]) -> float:
    """What these processes have used, their own and the system's on their behalf; one that has ended counts nothing."""
    used = 0
    for pid in pids:
        if fields := _stat(pid):
            used += int(fields[11]) + int(fields[12])
    return used / TICK


def group(leader: int) -> set[int]:
    """The processes of a group."""
    every = (int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit())
    return {pid for pid in every if (fields := _stat(pid)) and int(fields[2]) == leader}


def megabytes(pids: set[int]) -> float:
    """What the largest of these processes holds in memory."""
    pages = max(int(fields[21]) for pid in pids if (fields := _stat(pid)))
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)


def _stat(pid: int) -> list[str]:
    """What follows the name in /proc/PID/stat (proc(5)); empty when there is no such process any more."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _by_wrk(case: Case, counted: int, seconds: int) -> Run:
    arguments = [case.name, case.offset, case.printers, counted, ",".join(case.slots)]
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}", "-s", str(SCRIPT), case.url, "--"]
    done = subprocess.run([*command, *map(str, arguments)], capture_output=True, text=True, check=True)
    return Run(**json.loads(done.stdout.rpartition("JSON ")[2]))


def _by_threads(case: Case, counted: int, seconds: int) -> Run:
    """The same by this process: it takes more of the machine than wrk, of the floor as of every case."""
    until = time.monotonic() + seconds
    began = time.monotonic()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        lanes = [
            pool.submit(_lane, case, range(counted + lane, 1 << 62, CONNECTIONS), until) for lane in range(CONNECTIONS)
        ]
        answers = [answer for lane in lanes for answer in lane.result()]
    times = sorted(1000 * spent for _, spent in answers)
    return Run(
        requests=len(answers),
        seconds=time.monotonic() - began,
        p50_ms=statistics.median(times),
        p99_ms=times[int(len(times) * 0.99)],
        not_2xx=sum(status >= 300 for status, _ in answers),
        broken=0,
    )


def _lane(case: Case, numbers: range, until: float) -> list[tuple[int, float]]:
    """Status and seconds of each answer on one connection."""
    url = urlsplit(case.url)
    connection = http.client.HTTPConnection(url.netloc)
    answers = []
    for number in numbers:
        if (began := time.monotonic()) >= until:
            break
        if case.name == "floor":
            connection.request("GET", url.path)
        else:
            token, body = report(case, number)
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
            connection.request("POST", url.path, body, headers)
        answer = connection.getresponse()
        answer.read()
        answers.append((answer.status, time.monotonic() - began))
    connection.close()
    return answers


def report(case: Case, number: int) -> tuple[str, str]:
    """Token and body of a report, as report.lua has them."""
    printer = case.offset + number % case.printers + 1
    level = {"changed": 90 - number // case.printers % 60, "tutorial": 90 - number // case.printers % 60}
    levels = [level.get(case.name, 101 if case.name == "refused" else 60)] * len(case.slots)
    if case.name == "low":
        levels[0] = 10
    now = "2026-01-01T00:00:00Z" if case.name == "repeated" else datetime.now(UTC).isoformat()
    supplies: list[dict[str, Any]] = [
        {"slot": slot, "level": level} for slot, level in zip(case.slots, levels, strict=True)
    ]
    owner = f"nobody_{number}" if case.name == "bad_token" else f"bench_{printer}"
    body = {"message_id": f"m{number}", "observed_at": now, "supplies": supplies}
    return f"ars_device_{owner}", json.dumps(body, separators=(",", ":"))
