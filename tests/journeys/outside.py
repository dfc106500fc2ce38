"""The world outside the service, as it sees it: a printer, a warehouse, a mailbox, the card service's books."""

import email
import email.policy
import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import stripe

from ars.demo.asking import Service
from tests.journeys.running import Demo
from tests.waiting import eventually

ORDERS = "/api/v1/fulfilment/orders"
Json = dict[str, Any]
PATIENCE = 90.0  # seconds: a worker that was just killed is started, and takes up what it held after a minute


class Printer:
    """A paired printer."""

    def __init__(self, base_url: str, token: str) -> None:
        self._service = Service(base_url, f"Bearer {token}", tries=1)

    def report(self, slot: str, level: int, at: datetime | None = None) -> Json:
        """One report of one slot; the answer, which is always 202."""
        message = report_of(slot, level, at)
        status, answer = self.send(message)
        assert status == 202, answer
        return answer

    def send(self, message: Json) -> tuple[int, Json]:
        return self._service.post("/api/v1/telemetry", message)


def report_of(slot: str, level: int, at: datetime | None = None) -> Json:
    """The body of a report."""
    observed_at = (at or datetime.now(UTC)).isoformat()
    return {"message_id": str(uuid.uuid4()), "observed_at": observed_at, "supplies": [{"slot": slot, "level": level}]}


class Warehouse:
    """The partner that packs, ships, and books what arrives."""

    def __init__(self, base_url: str, key: str) -> None:
        self._service = Service(base_url, f"Api-Key {key}")

    def numbers(self) -> set[str]:
        return {order["number"] for order in self._service.pages(ORDERS)}

    def order(self, number: str) -> Json:
        status, order = self._service.get(f"{ORDERS}/{number}")
        assert status == 200, order
        return order

    def new_orders(self, act: Callable[[], object], status: str, seconds: float = PATIENCE) -> list[Json]:
        """The orders that `act` has made, once one of them has this status."""
        before = self.numbers()
        act()

        def found() -> list[Json]:
            return [self.order(number) for number in sorted(self.numbers() - before)]

        assert eventually(lambda: any(order["status"] == status for order in found()), seconds), found()
        return found()

    def dispatch(self, number: str) -> Json:
        """Packed and labelled; what was sent."""
        parcel = {
            "dispatch_id": str(uuid.uuid4()),
            "carrier": "UPS",
            "tracking_number": f"1Z{uuid.uuid4().int % 10**16:016}",
        }
        status, answer = self._service.post(f"{ORDERS}/{number}/dispatch", parcel)
        assert status == 202, answer
        return parcel

    def receive(self, sku: str, quantity: int) -> None:
        receipt = {"receipt_id": str(uuid.uuid4()), "sku": sku, "quantity": quantity}
        status, answer = self._service.post("/api/v1/fulfilment/stock/receipts", receipt)
        assert status == 201, answer

    def deliver(self, number: str) -> None:
        delivered = {"delivered_at": datetime.now(UTC).isoformat()}
        status, answer = self._service.post(f"{ORDERS}/{number}/delivery", delivered)
        assert status == 200, answer

    def becomes(self, number: str, status: str, seconds: float) -> bool:
        return eventually(lambda: self.order(number)["status"] == status, seconds)


class World:
    """Everything outside one demo."""

    def __init__(self, demo: Demo) -> None:
        told = demo.credentials
        self.demo = demo
        self.base_url: str = told["base_url"]
        self.device: Json = told["device"]
        self.declining_device: Json = told["declining_device"]
        self.warehouse = Warehouse(self.base_url, told["warehouse_api_key"])
        self._mail = Path(told["mail_dir"])
        self._stripe_base: str = told["stripe_api_base"]
        self._stripe = stripe.StripeClient(
            told["stripe_secret_key"], base_addresses={"api": self._stripe_base}, max_network_retries=5
        )

    def printer(self, device: Json) -> Printer:
        return Printer(self.base_url, device["token"])

    def decline_next(self, code: str) -> None:
        """The next charge is declined, whatever its card."""
        wish = {"match": "POST /v1/payment_intents/*/confirm", "kind": "decline", "decline_code": code}
        with urlopen(f"{self._stripe_base}/_fault", json.dumps(wish).encode(), timeout=60) as answer:
            assert answer.status == 200

    def release(self, device: Json, slot: str) -> str:
        """The number of the one order that a low report of this slot makes."""
        orders = self.warehouse.new_orders(lambda: self.printer(device).report(slot, 7), "released")
        assert len(orders) == 1, orders
        return str(orders[0]["number"])

    def mails_about(self, number: str) -> list[EmailMessage]:
        """The mails that name this order, oldest first."""
        mails = [read_mail(path) for path in sorted(self._mail.glob("*.eml"))]
        return [mail for mail in mails if number in f"{mail['Subject']} {text_of(mail)}"]

    def mails_arrive(self, number: str, count: int) -> bool:
        """Whether as many mails name this order, within the time mails may take."""
        return eventually(lambda: len(self.mails_about(number)) >= count, PATIENCE)

    def charges_of(self, number: str) -> list[stripe.Charge]:
        """What the card service tried for this order, failed attempts included."""
        intents = self._stripe.v1.payment_intents.list({"limit": 100}).data
        mine = [intent for intent in intents if intent.metadata["order"] == number.replace("-", "")]
        return [charge for intent in mine for charge in self._charges_of(intent.id)]

    def _charges_of(self, intent: str) -> list[stripe.Charge]:
        return self._stripe.v1.charges.list({"payment_intent": intent, "limit": 100}).data

    def paid_cents(self, number: str) -> list[int]:
        """The amount of every charge that took money."""
        return [charge.amount_captured for charge in self.charges_of(number) if charge.paid]


def answers(address: str) -> bool:
    """Whether somebody serves there."""
    try:
        with urlopen(address, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def read_mail(path: Path) -> EmailMessage:
    return email.message_from_bytes(path.read_bytes(), policy=email.policy.default)


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    return str(part.get_content()) if part else ""
