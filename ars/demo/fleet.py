"""The simulated fleet: three printers of different temperaments that print, report, and get their new cartridges."""

import json
import secrets
import sys
import time
import uuid
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ars.demo.asking import Json, Service

REPORT_SECONDS = 4.0
UNPACKING = timedelta(seconds=8)  # from the doorstep into the printer
NEARLY_FULL = 88.0


@dataclass(frozen=True)
class Temperament:
    """How a printer uses up ink and reports it: percents, and percent points a report."""

    starts: Mapping[str, float]
    thirst: Mapping[str, float]
    says_low: bool = False
    repeats: bool = False
    belated: bool = False


# By the nickname the printer has in its plan.
TEMPERAMENTS = {
    "Front desk": Temperament({"PGBK": 18, "C": 55, "Y": 71}, {"PGBK": 1.4, "C": 0.3, "Y": 0.2}, says_low=True),
    "Accounting": Temperament({"K": 27, "C": 64}, {"K": 0.9, "C": 0.2}),
    "Studio": Temperament({"GY": 33, "PM": 48}, {"GY": 0.8, "PM": 0.4}, repeats=True, belated=True),
}
EASY_GOING = Temperament({}, {})


@dataclass
class Cartridge:
    """What is in a slot: `level` in percent."""

    serial_number: str
    level: float = 100.0

    def reading(self, slot: str, *, says_low: bool) -> Json:
        """As the printer reports it."""
        supply: Json = {"slot": slot, "level": round(self.level), "genuine": True, "serial_number": self.serial_number}
        return supply | ({"low": self.level <= 15} if says_low else {})


@dataclass
class SimulatedPrinter:
    """One printer with its cartridges, by slot."""

    service: Service
    temperament: Temperament
    skus: Mapping[str, str]
    cartridges: dict[str, Cartridge] = field(default_factory=dict)
    sent: deque[Json] = field(default_factory=lambda: deque(maxlen=5))

    def __post_init__(self) -> None:
        for slot in self.skus:
            self.install(slot, self.temperament.starts.get(slot, NEARLY_FULL))

    def install(self, slot: str, level: float = 100.0) -> None:
        """Every cartridge has a serial number of its own: a new one is known at once."""
        self.cartridges[slot] = Cartridge(secrets.token_hex(4).upper(), level)

    def print_some_pages(self) -> None:
        """A slot of no known thirst uses next to nothing."""
        for slot, cartridge in self.cartridges.items():
            cartridge.level = max(1.0, cartridge.level - self.temperament.thirst.get(slot, 0.02))

    def report(self, now: datetime) -> None:
        """Now, and then again or something old, if that is its temper."""
        readings = [c.reading(slot, says_low=self.temperament.says_low) for slot, c in self.cartridges.items()]
        message: Json = {"message_id": str(uuid.uuid4()), "observed_at": now.isoformat(), "supplies": readings}
        self._send(message)
        if self.temperament.repeats:
            self._send(message)
        if self.temperament.belated and len(self.sent) == self.sent.maxlen:
            self._send(self.sent[0] | {"message_id": str(uuid.uuid4())})
        self.sent.append(message)

    def _send(self, message: Json) -> None:
        status, answer = self.service.post("/api/v1/telemetry", message)
        said = answer.get("display_message") or answer.get("errors", "")
        print(f"{message['observed_at']} {status} {said}", flush=True)


class Mailroom:
    """Takes parcels from the doorstep to the printer they are for."""

    def __init__(self, service: Service, printers: Mapping[str, SimulatedPrinter], since: datetime) -> None:
        self._service = service
        self._printers = printers
        self._since = since
        self._unpacked: set[str] = set()

    def work(self, now: datetime) -> None:
        """Install what was delivered a moment ago."""
        moment = self._since.strftime("%Y-%m-%dT%H:%M:%SZ")
        for order in self._service.pages(f"/api/v1/fulfilment/orders?status=delivered&updated_since={moment}"):
            delivered = max(datetime.fromisoformat(event["at"]) for event in order["history"])
            if order["number"] not in self._unpacked and delivered + UNPACKING <= now:
                self._unpacked.add(order["number"])
                self._install(order)

    def _install(self, order: Json) -> None:
        printer = self._printers.get(order["ship_to"].get("attention", ""))
        skus = {line["sku"] for line in order["lines"]}
        for slot, sku in printer.skus.items() if printer else ():
            if printer and sku in skus:
                printer.install(slot)
                print(f"{order['number']} is in {slot}", flush=True)


def main(parts: Path) -> None:
    """Until told to stop."""
    told = json.loads(parts.read_text())
    printers = {
        part["nickname"]: SimulatedPrinter(
            Service(told["base_url"], f"Bearer {part['token']}"),
            TEMPERAMENTS.get(part["nickname"], EASY_GOING),
            part["skus"],
        )
        for part in told["printers"]
    }
    mailroom = Mailroom(Service(told["base_url"], f"Api-Key {told['warehouse_api_key']}"), printers, datetime.now(UTC))
    while True:
        for printer in printers.values():
            printer.print_some_pages()
            printer.report(datetime.now(UTC))
        mailroom.work(datetime.now(UTC))
        time.sleep(REPORT_SECONDS)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
