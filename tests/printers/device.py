"""A printer that speaks to the telemetry endpoint through Django's test client."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.test import Client

from printers import tokens
from printers.models import Printer, Slot
from tests.factories.printers import NOW, PrinterFactory, SlotFactory

URL = "/api/v1/telemetry"


@dataclass
class Device:
    """Reports on behalf of `printer`; times are minutes after NOW."""

    printer: Printer
    token: str
    client: Client = field(default_factory=Client)

    def send(self, *supplies: dict[str, Any], minute: float = 0, **body: Any) -> Any:
        """Post a report and return Django's response."""
        at: datetime = NOW + timedelta(minutes=minute)
        report = {"message_id": "m-1", "observed_at": at.isoformat(), "supplies": list(supplies)} | body
        return self.client.post(URL, report, content_type="application/json", headers=self.headers)

    def post(self, body: bytes, content_type: str = "application/json") -> Any:
        """Post raw bytes."""
        return self.client.post(URL, body, content_type=content_type, headers=self.headers)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def state(self, code: str = "PGBK") -> dict[str, Any]:
        """What the printer's row keeps of a slot."""
        self.printer.refresh_from_db()
        kept: dict[str, Any] = self.printer.supplies[code]
        return kept

    def slot(self, code: str = "PGBK") -> Slot:
        return self.printer.model.slots.get(code=code)


def make_device(*codes: str) -> Device:
    """A printer with these slots (PGBK and C), each low at 15 %."""
    printer = PrinterFactory.create()
    for position, code in enumerate(codes or ("PGBK", "C")):
        SlotFactory.create(
            model=printer.model, code=code, name={"PGBK": "Black", "C": "Cyan"}.get(code, code), position=position
        )
    return Device(printer, tokens.issue(printer))
