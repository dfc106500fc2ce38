"""One printer's turn: read it, keep what is worth telling, send what waits; each problem told in one sentence."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, replace
from typing import Any, Callable, Optional

from agent import address, reports
from agent.errors import ASLEEP, NO_ANSWER, PrinterError
from agent.outbox import Outbox
from agent.paired import Paired, State, state_of
from agent.read import Read
from agent.service import Answer, Service, ServiceError, number
from agent.supplies import Reading

TELEMETRY, HEARTBEAT = "/api/v1/telemetry", "/api/v1/device/heartbeat"
REPORT_EVERY = 4 * 3600.0  # seconds, unless the service says otherwise
SOONEST, LATEST = 1.0, 24 * 3600.0
JITTER = 0.05  # of the time between reports: not all printers at once
RETRY_FIRST, RETRY_MOST = 60.0, 3600.0
ASK_AGAIN = 24 * 3600.0  # after a 401: somebody may have mended it
UNWANTED = (400, 413, 422)  # the service will not have this report, however often it is sent

Say = Callable[[str], None]
Search = Callable[[str], Optional[str]]  # the address of the printer with this UUID, if it is found


@dataclass
class Outside:
    """What a turn needs of the world: who hears of it, how printers are read, and how one that moved is found."""

    say: Say
    complain: Say
    read: Read
    search: Search


class Turn:
    """One printer, now."""

    def __init__(self, printer: Paired, outside: Outside, *, now_or_never: bool = False) -> None:
        self.printer, self.outside, self.insist = printer, outside, now_or_never
        self.state: State = state_of(printer)
        self.service, self.outbox = Service(printer.server), Outbox(printer)
        self.went_well, self.is_refused = True, False

    def take(self) -> bool:
        """Whether all went well: the printer was read, and nothing is left to send."""
        if self.state.refused_at and not self.insist and time.time() - self.state.refused_at < ASK_AGAIN:
            return False
        self.state.problem = ""
        reading = self._read()
        if reading is not None:
            self._keep(reading)
        self._send()
        self.state.keep(self.printer)
        return self.went_well

    def _read(self) -> Reading | None:
        """The reading; None, and the service told, when there is none or it is another printer's."""
        problem: PrinterError | None = None
        for attempt in (self._read_here, self._read_elsewhere):
            try:
                return attempt()
            except PrinterError as error:
                problem = problem or error
        assert problem is not None  # else it was read
        self._fail(f"{self.printer.name} was not read: {problem}")
        self._heartbeat({"printer_reachable": False, "reason": problem.reason})
        return None

    def _read_here(self) -> Reading:
        return self._read_as(self.printer)

    def _read_as(self, printer: Paired) -> Reading:
        reading = self.outside.read(address.parse(printer.uri), address.second(printer.also))
        if printer.is_another(reading):
            raise PrinterError(f"another printer answers at {printer.uri} now.", NO_ANSWER)
        return reading

    def _read_elsewhere(self) -> Reading:
        """Routers give a printer another address now and then; it is known by its UUID."""
        elsewhere = self.outside.search(self.printer.printer_uuid) if self.printer.printer_uuid else None
        if elsewhere in (None, self.printer.uri):
            raise PrinterError("it is nowhere else", NO_ANSWER)
        there = replace(self.printer, uri=str(elsewhere), also=self._also_at(str(elsewhere)))
        reading = self._read_as(there)
        there.keep()  # it is the one, not only by what it announces
        self.printer = there
        return reading

    def _also_at(self, uri: str) -> str:
        """Its address for SNMP, on the host where it is now."""
        also = address.second(self.printer.also)
        return str(replace(also, host=address.parse(uri).host)) if also else ""

    def _keep(self, reading: Reading) -> None:
        """A report where one is due or something has just become low; a sign of life where there is nothing to tell."""
        now, low = time.time(), reports.lows(reading)
        has_crossed = not set(low) <= set(self.state.low)
        if not reading.supplies or reading.says_nothing:
            body = {"printer_reachable": False, "reason": ASLEEP} if reading.supplies else {"printer_reachable": True}
            self._heartbeat(body)
            return
        self.state.low = low
        if self.insist or has_crossed or not now < self.state.next_at < now + 2 * LATEST:
            self.outbox.add(reports.report(reading, now))
            self.state.next_at = now + _jittered(REPORT_EVERY)

    def _heartbeat(self, body: dict[str, Any]) -> None:
        if time.time() < self.state.not_before:
            return
        try:
            answer = self.service.post(HEARTBEAT, body, self.printer.token)
        except ServiceError as error:
            self._fail(str(error))
            return
        if answer.status == 401:
            self._refused()
        elif answer.status in (200, 204):
            self.state.refused_at = 0
        else:
            self._fail(f"{self.printer.server} did not take a sign of life: {answer.problem}.")

    def _send(self) -> None:
        """Oldest first, until one does not get through; a person who asks for it need not wait for our patience."""
        if self.is_refused or (not self.insist and time.time() < self.state.retry_at):
            return
        for file, report in self.outbox.waiting():
            if time.time() < self.state.not_before:
                wait = self.state.not_before - time.time()
                self._fail(f"{self.printer.server} asked to wait: the reports go in {wait:.0f} seconds.")
                return
            try:
                answer = self.service.post(TELEMETRY, report, self.printer.token)
            except ServiceError as error:
                self._later(str(error), None)
                return
            if not self._settle(answer):
                return
            self.outbox.drop(file)

    def _settle(self, answer: Answer) -> bool:
        """Whether the service is done with this report."""
        if answer.status == 202:
            self._taken(answer)
        elif answer.status in UNWANTED:
            self._fail(f"{self.printer.server} refused a report of {self.printer.name}: {answer.problem}.")
        elif answer.status == 401:
            self._refused()
            return False
        else:
            self._later(f"{self.printer.server} took no report: {answer.problem}.", answer.retry_after)
            return False
        return True

    def _taken(self, answer: Answer) -> None:
        wait = number(answer.body.get("next_report_seconds"), REPORT_EVERY)
        now, message = time.time(), str(answer.body.get("display_message") or "")
        self.state.reported_at, self.state.failures = now, 0
        self.state.refused_at = self.state.not_before = self.state.retry_at = 0
        self.state.next_at = now + _jittered(min(max(wait, SOONEST), LATEST))
        self.state.display_message = message
        self.outside.say(f"{self.printer.name}: reported. {message}".rstrip())
        if answer.skew:
            minutes = abs(answer.skew) / 60
            self.outside.complain(f"The clock of this computer is {minutes:.0f} minutes off the service's: set it.")

    def _later(self, problem: str, retry_after: float | None) -> None:
        """Not before the service wants it; and less often the longer it fails."""
        self.state.failures += 1
        patience = min(RETRY_FIRST * 2 ** min(self.state.failures - 1, 10), RETRY_MOST)
        if retry_after is not None:
            self.state.not_before = time.time() + min(retry_after, LATEST)
        self.state.retry_at = time.time() + _jittered(patience)
        self._fail(problem)

    def _refused(self) -> None:
        self.is_refused, self.state.refused_at = True, time.time()
        self._fail(f"{self.printer.server} does not know {self.printer.name} any more: pair it again.")

    def _fail(self, problem: str) -> None:
        self.went_well = False
        self.state.problem = problem
        self.outside.complain(problem)


def _jittered(seconds: float) -> float:
    return seconds * (1 + random.random() * JITTER)  # noqa: S311 - spreads the load, guards nothing
