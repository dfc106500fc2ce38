"""The simulated warehouse: packs what is released, hands over what is paid, unpacks what is not."""

import hashlib
import json
import sys
import time
from pathlib import Path

from ars.demo.asking import Json, Service

POLL_SECONDS = 1.5
FILL_A_PARCEL = 3  # cartridges; more go in two
ORDERS = "/api/v1/fulfilment/orders"
ENDS = {"shipped": "handed over", "delivered": "handed over", "payment_failed": "unpacked", "cancelled": "unpacked"}


def parcel(order: Json) -> Json:
    """The dispatch of an order, in one parcel or two. Packed again after a restart of ours, it makes the same one."""
    packed = f"{order['number']} revision {order['revision']}"
    digits = int(hashlib.sha256(packed.encode()).hexdigest(), 16) % 10**8
    first = {"carrier": "UPS", "tracking_number": f"1Z45E01803{digits:08}"}
    body = {"dispatch_id": f"parcel {packed}", **first, "revision": order["revision"]}
    if len(order["lines"]) > FILL_A_PARCEL:
        body["parcels"] = [first, {"carrier": "UPS", "tracking_number": f"1Z45E01804{digits:08}"}]
    return body


class PackingTable:
    """What is packed and waits for its card to be charged."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._waiting: set[str] = set()

    def work(self) -> None:
        """One round."""
        for order in self._service.pages(f"{ORDERS}?status=released"):
            self._pack(order)
        for number in sorted(self._waiting):
            self._look_at(number)

    def _pack(self, order: Json) -> None:
        status, answer = self._service.post(f"{ORDERS}/{order['number']}/dispatch", parcel(order))
        print(f"{order['number']} packed: {status} {answer if status >= 400 else ''}", flush=True)
        if status < 400:
            self._waiting.add(order["number"])

    def _look_at(self, number: str) -> None:
        _, order = self._service.get(f"{ORDERS}/{number}")
        if order.get("status") in ENDS:
            print(f"{number} {ENDS[order['status']]}", flush=True)
            self._waiting.discard(number)


def main(parts: Path) -> None:
    """Until told to stop."""
    told = json.loads(parts.read_text())
    table = PackingTable(Service(told["base_url"], f"Api-Key {told['warehouse_api_key']}"))
    while True:
        table.work()
        time.sleep(POLL_SECONDS)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
