"""The fleet: printers that print, report, repeat themselves, come late, and get new cartridges; what they know is kept.

The truth of a run is what was in a slot: a cartridge is told from the next by its key here, and every report of one
that was low and that the service accepted is kept under it.
"""

import threading
from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from random import Random
from time import monotonic

from bench.chaos.asking import Caller, Json

REPORTS_APART = (2.0, 4.0)  # seconds
THIRST = (2, 8)  # percent points a report, at most
SPARE = 0.01  # of a report in which a cartridge is low: its owner had one in the drawer
UNPACKING = (2.0, 8.0)
SENDING_LEFT_SECONDS = 60.0


@dataclass
class Cartridge:
    """What is in a slot: `level` in percent."""

    key: str
    serial: str
    level: float


@dataclass(frozen=True)
class Heard:
    """The service said 202 to a report in which this cartridge was low."""

    printer: str
    slot: str
    cartridge: str
    at: datetime


@dataclass
class Parcel:
    """On its way from the doorstep into the printer."""

    skus: list[str]
    in_at: float


@dataclass
class Printer:
    """One printer on a thread of its own. `part`: as bench.chaos.people made it."""

    part: Json
    caller: Caller
    dice: Random
    heard: list[Heard] = field(default_factory=list)
    accepted: int = 0
    refused: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.names_serials = self.dice.random() < 0.6
        self.says_low = self.dice.random() < 0.5
        self.repeats = self.dice.random() < 0.3
        self.is_late = self.dice.random() < 0.3
        self._made = 0
        self._unsent: deque[tuple[Json, list[Heard]]] = deque()
        self._held: tuple[Json, list[Heard]] | None = None
        self._parcels: deque[Parcel] = deque()
        self._cartridges = {slot: self._new(slot, self.dice.uniform(25, 100)) for slot in self.part["skus"]}
        self._thirst = {slot: self.dice.uniform(*THIRST) for slot in self._cartridges}

    def receive(self, skus: list[str]) -> None:
        """A parcel came."""
        self._parcels.append(Parcel(skus, monotonic() + self.dice.uniform(*UNPACKING)))

    def live(self, stop: threading.Event) -> None:
        """Print and report until it is time to stop; then send what was not taken yet."""
        while not stop.wait(self.dice.uniform(*REPORTS_APART)):
            self._install_parcels()
            self._print()
            self._report(datetime.now(UTC))
            self._send()
        if self._held:
            self._unsent.append(self._held)
        deadline = monotonic() + SENDING_LEFT_SECONDS
        while self._unsent and monotonic() < deadline:
            self._send()

    def _new(self, slot: str, level: float = 100.0) -> Cartridge:
        self._made += 1
        return Cartridge(f"{self.part['serial']} {slot} {self._made}", f"{self.dice.randrange(16**8):08X}", level)

    def _install_parcels(self) -> None:
        while self._parcels and self._parcels[0].in_at <= monotonic():
            skus = self._parcels.popleft().skus
            for slot, fitting in self.part["skus"].items():
                if any(sku in fitting for sku in skus):
                    self._cartridges[slot] = self._new(slot)

    def _print(self) -> None:
        for slot, cartridge in self._cartridges.items():
            if cartridge.level <= self.part["thresholds"][slot] and self.dice.random() < SPARE:
                self._cartridges[slot] = self._new(slot)
            else:
                cartridge.level = max(1.0, cartridge.level - self.dice.uniform(0, self._thirst[slot]))

    def _report(self, now: datetime) -> None:
        """Queue a report of this moment; one that is late comes after its successor."""
        supplies, lows = [], []
        for slot, cartridge in self._cartridges.items():
            level = round(cartridge.level)
            supply: Json = {"slot": slot, "level": level}
            if self.names_serials:
                supply["serial_number"] = cartridge.serial
            if self.says_low:
                supply["low"] = level <= self.part["thresholds"][slot]
            supplies.append(supply)
            if level <= self.part["thresholds"][slot]:
                lows.append(Heard(self.part["serial"], slot, cartridge.key, now))
        message = {
            "message_id": f"{self.dice.randrange(16**12):x}",
            "observed_at": now.isoformat(),
            "supplies": supplies,
        }
        if self.is_late and self._held is None and self.dice.random() < 0.2:
            self._held = (message, lows)
            return
        self._unsent.append((message, lows))
        if self.repeats and self.dice.random() < 0.3:
            self._unsent.append((message, lows))
        if self._held and self.dice.random() < 0.5:
            self._unsent.append(self._held)
            self._held = None

    def _send(self) -> None:
        """What waits, oldest first; what nobody takes now stays, as with the agent."""
        while self._unsent:
            message, lows = self._unsent[0]
            answer = self.caller.ask("POST", "/api/v1/telemetry", message)
            if answer is None:
                return
            self._unsent.popleft()
            if answer[0] == HTTPStatus.ACCEPTED:
                self.accepted += 1
                self.heard += lows
            else:
                self.refused.append(f"{answer[0]} {answer[1]}")

    @property
    def left(self) -> int:
        """Reports that nobody took."""
        return len(self._unsent)


class Fleet:
    """All printers, each on its thread."""

    def __init__(self, parts: list[Json], ports: list[int], seed: int) -> None:
        self._stop = threading.Event()
        self.printers = {
            part["nickname"]: Printer(
                part, Caller(list(ports), f"Bearer {part['token']}", place), Random(f"{seed} {place}")
            )
            for place, part in enumerate(parts)
        }
        self._threads = [
            threading.Thread(target=printer.live, args=(self._stop,), name=name, daemon=True)
            for name, printer in self.printers.items()
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """No more is printed; returns when all reports that can be sent are."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def receive(self, nickname: str, skus: list[str]) -> None:
        """A parcel for the attention of a printer."""
        self.printers[nickname].receive(skus)

    def heard(self) -> list[Heard]:
        return [each for printer in self.printers.values() for each in printer.heard]

    def figures(self) -> dict[str, object]:
        every = self.printers.values()
        return {
            "reports_accepted": sum(each.accepted for each in every),
            "reports_refused": sum(len(each.refused) for each in every),
            "reports_left": sum(each.left for each in every),
            "asked_in_vain": sum(each.caller.unanswered for each in every),
            "answered_by": list(sum((each.caller.answered for each in every), Counter()).values()),
            "low_cartridges_reported": len({each.cartridge for each in self.heard()}),
        }
