"""A small warehouse: packs what is released, brings what is paid, takes some of it back, buys what runs short."""

import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from random import Random
from time import monotonic
from zlib import crc32

from bench.chaos.asking import Caller, Json
from bench.chaos.fleet import Fleet

ORDERS = "/api/v1/fulfilment/orders"
STOCK = "/api/v1/fulfilment/stock"
LOOKS_APART = 1.0  # seconds
ON_THE_ROAD = (2.0, 8.0)
TWICE, SHORT, RETURNED = 0.1, 0.03, 0.1  # of requests, of orders
STOCKTAKING_SECONDS = 8.0
FEW, LOAD = 2, 6  # pieces: below so many it buys so many


@dataclass(frozen=True)
class Accepted:
    """The service said yes (2xx) to something under an id of ours: 'dispatch', 'delivery', 'return', 'receipt'."""

    kind: str
    id: str
    number: str = ""
    sku: str = ""
    quantity: int = 0


class Warehouse:
    """Works on one thread until it is told to stop."""

    def __init__(self, ports: list[int], key: str, fleet: Fleet, seed: int) -> None:
        self._caller = Caller(list(ports), f"Api-Key {key}")
        self._fleet = fleet
        self._dice = Random(f"{seed} warehouse")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="warehouse", daemon=True)
        self._made = 0
        self._on_the_road: dict[str, float] = {}
        self._waiting: dict[tuple[str, str], tuple[str, Json, Accepted]] = {}  # requests that were not answered yet
        self._stocktaking_at = 0.0
        self._done: set[str] = set()
        self.accepted: dict[tuple[str, str], Accepted] = {}
        self.refused = 0

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._stop.wait(LOOKS_APART):
            for path, body, accepted in list(self._waiting.values()):
                self._post(path, body, accepted)
            for order in self._caller.pages(f"{ORDERS}?status=released"):
                self._pack(order)
            for order in self._caller.pages(f"{ORDERS}?status=shipped"):
                self._bring(order)
            if monotonic() >= self._stocktaking_at:
                self._stocktaking_at = monotonic() + STOCKTAKING_SECONDS
                self._buy()

    def _pack(self, order: Json) -> None:
        number = order["number"]
        if self._dice.random() < SHORT and f"short {number}" not in self._done:
            self._done.add(f"short {number}")
            line = order["lines"][0]
            lines = [{"sku": line["sku"], "quantity": line["quantity"]}]
            body = {"short_id": f"short {number}", "lines": lines}
            self._post(f"{ORDERS}/{number}/short", body, Accepted("short", f"short {number}", plain(number)))
            return
        dispatch_id = f"{number} revision {order['revision']} {len(order['history'])}"
        body = {
            "dispatch_id": dispatch_id,
            "carrier": "UPS",
            "tracking_number": f"1Z{crc32(dispatch_id.encode()):012}",
            "revision": order["revision"],
        }
        self._post(f"{ORDERS}/{number}/dispatch", body, Accepted("dispatch", dispatch_id, plain(number)))

    def _bring(self, order: Json) -> None:
        """Some seconds after it was seen to be paid, the parcel is at its door; some of them come back."""
        number = order["number"]
        arrives = self._on_the_road.setdefault(number, monotonic() + self._dice.uniform(*ON_THE_ROAD))
        if monotonic() < arrives:
            return
        body = {"delivered_at": datetime.now(UTC).isoformat()}
        if not self._post(f"{ORDERS}/{number}/delivery", body, Accepted("delivery", number, plain(number)), keep=False):
            return
        if number not in self._done:
            self._done.add(number)
            if self._dice.random() < RETURNED:
                lines = [
                    {"sku": each["sku"], "quantity": each["quantity"], "accepted": True} for each in order["lines"]
                ]
                back = {"return_id": f"back {number}", "lines": lines}
                self._post(f"{ORDERS}/{number}/return", back, Accepted("return", f"back {number}", plain(number)))
            self._fleet.receive(order["ship_to"]["attention"], [each["sku"] for each in order["lines"]])

    def _buy(self) -> None:
        for row in self._caller.pages(STOCK):
            if row["backordered"] or row["on_hand"] - row["reserved"] < FEW:
                self._made += 1
                receipt = f"receipt {self._made}"
                body = {"receipt_id": receipt, "sku": row["sku"], "quantity": LOAD}
                self._post(f"{STOCK}/receipts", body, Accepted("receipt", receipt, sku=row["sku"], quantity=LOAD))

    def _post(self, path: str, body: Json, accepted: Accepted, *, keep: bool = True) -> bool:
        """Whether it was accepted. What nobody answered is asked again, the very same; some is said twice anyway."""
        key = (accepted.kind, accepted.id)
        answer = self._caller.ask("POST", path, body)
        if answer is None:
            if keep:
                self._waiting[key] = (path, body, accepted)
            return False
        self._waiting.pop(key, None)
        if answer[0] >= HTTPStatus.BAD_REQUEST:
            self.refused += 1
            return False
        self.accepted[key] = accepted
        if self._dice.random() < TWICE:
            self._caller.ask("POST", path, body)
        return True


def plain(number: str) -> str:
    """Of 4827-1936-5 the digits."""
    return number.replace("-", "")
