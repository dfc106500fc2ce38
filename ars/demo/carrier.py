"""The simulated carrier: brings each parcel to its door some seconds after it was shipped, and reports it."""

import json
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ars.demo.asking import Json, Service

POLL_SECONDS = 1.5
ON_THE_ROAD = timedelta(seconds=5)


def shipped_at(order: Json) -> datetime:
    """When the order says it was handed over."""
    times = [event["at"] for event in order["history"] if event["status"] == "shipped"]
    return datetime.fromisoformat(times[-1])


def deliver_what_is_due(service: Service, now: datetime) -> None:
    """One round."""
    for order in service.pages("/api/v1/fulfilment/orders?status=shipped"):
        if shipped_at(order) + ON_THE_ROAD <= now:
            delivered = {"delivered_at": now.isoformat()}
            status, _ = service.post(f"/api/v1/fulfilment/orders/{order['number']}/delivery", delivered)
            print(f"{order['number']} delivered: {status}", flush=True)


def main(parts: Path) -> None:
    """Until told to stop."""
    told = json.loads(parts.read_text())
    service = Service(told["base_url"], f"Api-Key {told['warehouse_api_key']}")
    while True:
        deliver_what_is_due(service, datetime.now(UTC))
        time.sleep(POLL_SECONDS)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
