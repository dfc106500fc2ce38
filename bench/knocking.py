"""Printers that report and people who look, all the while: what they were answered, and what they were promised."""

import http.client
import json
import ssl
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from typing import Any

TELEMETRY = "/api/v1/telemetry"
PAGES = ("/", "/printers/", "/accounts/login/", "/api/docs/")
LOW, FULL = 9, 64
PATIENCE = 120.0  # seconds that a printer tries to be rid of one report


@dataclass(frozen=True)
class Supply:
    """What can become low, once: of a printer, by its token."""

    token: str
    printer: int
    slot: str


@dataclass
class Heard:
    """What came back: `answers` by kind of visitor and status or error, `promised` what was accepted as low."""

    answers: Counter[str] = field(default_factory=Counter)
    promised: set[tuple[int, str]] = field(default_factory=set)
    told_to_wait: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    longest_until_accepted: float = 0.0


class Knocking:
    """Threads with a connection each: `printers` of them report one supply after the other low, `people` read pages."""

    def __init__(
        self, port: int, certificate: Path, supplies: list[Supply], printers: int = 4, people: int = 2
    ) -> None:
        self.heard = Heard()
        self._port, self._trust = port, ssl.create_default_context(cafile=str(certificate))
        self._over, self._lock = threading.Event(), threading.Lock()
        lanes = [supplies[number::printers] for number in range(printers)]
        self._threads = [threading.Thread(target=self._printer, args=(lane,)) for lane in lanes]
        self._threads += [threading.Thread(target=self._person) for _ in range(people)]

    def __enter__(self) -> "Knocking":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _printer(self, supplies: list[Supply]) -> None:
        """Each supply once low; then what was said before, again and again. What is refused is sent again as it was."""
        connection = self._connect()
        for number, (supply, level) in enumerate(_reports(supplies)):
            if self._over.is_set():
                break
            body = {
                "message_id": f"m{number}",
                "observed_at": datetime.now(UTC).isoformat(),
                "supplies": [{"slot": supply.slot, "level": level}],
            }
            headers = {"Authorization": f"Bearer {supply.token}", "Content-Type": "application/json"}
            began, status = time.monotonic(), 0
            while status != 202 and time.monotonic() < began + PATIENCE:
                status = self._ask(connection, "printer", "POST", TELEMETRY, json.dumps(body), headers)
            with self._lock:
                if status == 202 and level == LOW:
                    self.heard.promised.add((supply.printer, supply.slot))
                self.heard.longest_until_accepted = max(self.heard.longest_until_accepted, time.monotonic() - began)

    def _person(self) -> None:
        connection = self._connect()
        for page in cycle(PAGES):
            if self._over.is_set():
                break
            self._ask(connection, "person", "GET", page, None, {})

    def _connect(self) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection("localhost", self._port, context=self._trust, timeout=60)

    def _ask(
        self,
        connection: http.client.HTTPSConnection,
        who: str,
        method: str,
        path: str,
        body: Any,
        headers: dict[str, str],
    ) -> int:
        """The status; 0 for no answer. What is refused is waited for as a device does, but for a shorter while."""
        began, wait, status = time.monotonic(), None, 0
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            answer.read()
            status, wait = answer.status, answer.headers["Retry-After"]
            told = str(status)
        except (OSError, http.client.HTTPException) as error:
            told = type(error).__name__
            connection.close()
        with self._lock:
            self.heard.answers[f"{who} {told}"] += 1
            self.heard.slowest = max(self.heard.slowest, time.monotonic() - began)
            if status >= 500:
                self.heard.told_to_wait[f"{who} {told} Retry-After: {wait}"] += 1
        if status not in (200, 202):
            time.sleep(0.2)
        return status


def _reports(supplies: list[Supply]) -> Iterator[tuple[Supply, int]]:
    """Every supply full, then low; after that they say it again."""
    for supply in supplies:
        yield supply, FULL
        yield supply, LOW
    for supply in cycle(supplies):
        yield supply, LOW
