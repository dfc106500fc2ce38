"""The auditor of the chaos suite on rows of its own: silent where all is well, and each broken promise is told."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from bench.chaos import auditor
from bench.chaos.evidence import Evidence
from bench.chaos.fleet import Heard
from bench.chaos.post import Taken
from bench.chaos.trouble import Incident
from bench.chaos.warehouse import Accepted

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SKU = 3
# The tables that the auditor reads, without their constraints: the real ones refuse much of what it looks for.
TABLES = (
    "billing_charge",
    "notifications_message",
    "orders_decision",
    "orders_dispatch",
    "orders_order",
    "orders_orderevent",
    "orders_orderline",
    "orders_receipt",
    "orders_replenishment",
    "orders_reservation",
    "orders_returnreceipt",
    "orders_returnreceiptline",
    "orders_short",
    "orders_stockitem",
    "orders_stockmovement",
    "printers_lowsignal",
    "printers_printer",
    "printers_sku",
    "printers_slot",
)


class Books:
    """One cartridge that was low, ordered, packed, paid, delivered and taken back; another order waits for a card."""

    def __init__(self, cursor: Any) -> None:
        self.cursor = cursor
        self.evidence = Evidence(
            heard=[Heard("A1", "C", "A1 C 1", NOW)],
            accepted=[
                Accepted("dispatch", "D1", "111"),
                Accepted("delivery", "111", "111"),
                Accepted("return", "R1", "111"),
                Accepted("receipt", "S1", sku="CLI", quantity=9),
                Accepted("short", "M1", "222"),
            ],
            taken=[("pi_1", "111", 1999)],
            given=[("111", 1999)],
            delivered=[Taken(1, NOW.timestamp()), Taken(2, NOW.timestamp()), Taken(3, NOW.timestamp())],
            incidents=[Incident("killed", "worker-3", NOW.timestamp() + 2)],
        )
        self._fill()

    def put(self, table: str, **row: Any) -> None:
        names = ", ".join(f'"{name}"' for name in row)
        self.cursor.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join(['%s'] * len(row))})", [*row.values()])

    def audit(self) -> dict[str, list[str]]:
        """What is broken, by promise."""
        return {promise: keys for promise, keys in auditor.audit(self.cursor).items() if keys}

    def _fill(self) -> None:
        self.put("printers_printer", id=1, serial_number="A1", model_id=1)
        self.put("printers_slot", id=1, model_id=1, code="C")
        self.put("printers_sku", id=SKU, code="CLI")
        self.put("printers_lowsignal", id=1, printer_id=1, slot_id=1, observed_at=NOW, closed_cause="")
        self.put("orders_decision", id=1, signal_id=1, replenishment_id=1, kind="ordered")
        self.put("orders_replenishment", id=1, plan_id=1, slot_id=1, signal_id=1, decision="ordered")
        self._order(1, "111", "returned", ["placed", "released", "packed", "shipped", "delivered", "returned"])
        self._order(2, "222", "payment_failed", ["placed", "released", "packed", "payment_failed"])
        self.put("orders_orderline", id=1, order_id=1, replenishment_id=1, sku_id=SKU, quantity=1)
        self.put("orders_orderline", id=2, order_id=2, sku_id=SKU, quantity=1)
        self.put("orders_reservation", line_id=2, sku_id=SKU, quantity=1)
        self.put("orders_dispatch", id=1, dispatch_id="D1", order_id=1)
        self.put("orders_short", id=1, short_id="M1", order_id=2)
        self.put("orders_returnreceipt", id=1, return_id="R1", order_id=1)
        self.put("orders_returnreceiptline", id=1, receipt_id=1, refund_cents=1999)
        self.put("billing_charge", id=1, order_id=1, status="paid", amount_cents=1999, payment_intent_id="pi_1")
        self.put("orders_receipt", id=1, receipt_id="S1", sku_id=SKU, quantity=9)
        self.put("orders_stockitem", sku_id=SKU, on_hand=8, reserved=1)
        self.put("orders_stockmovement", id=1, sku_id=SKU, kind="receipt", quantity=9)
        self.put("orders_stockmovement", id=2, sku_id=SKU, kind="shipment", quantity=-1, order_id=1)
        for key, order, kind in ((1, 1, "order_confirmation"), (2, 1, "shipped"), (3, 2, "backordered")):
            self.put("notifications_message", id=key, order_id=order, kind=kind, sent_at=NOW)
        self.put("notifications_message", id=4, order_id=2, kind="payment_failed", sent_at=NOW)
        self.evidence.load(self.cursor)
        self.put("delivered", message=4, at=NOW)
        self.put("delivered", message=4, at=NOW + timedelta(seconds=90))  # its sender was killed two seconds after

    def _order(self, key: int, number: str, status: str, steps: list[str]) -> None:
        shipped_at = NOW if "shipped" in steps else None
        self.put(
            "orders_order",
            id=key,
            number=number,
            status=status,
            kind="refill",
            total_cents=1999,
            is_test=False,
            shipped_at=shipped_at,
            delivered_at=shipped_at,
        )
        for place, step in enumerate(steps):
            self.put("orders_orderevent", id=10 * key + place, order_id=key, status=step, note="")


@pytest.fixture
def books(db: None) -> Iterator[Books]:
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA audited")
        for table in TABLES:
            cursor.execute(f"CREATE TABLE audited.{table} AS TABLE public.{table} WITH NO DATA")
        cursor.execute("SET LOCAL search_path = audited")
        yield Books(cursor)


def test_all_is_well(books: Books) -> None:
    assert books.audit() == {}
    assert auditor.doubled_mails(books.cursor) == 1


BREAKS = {
    "every accepted low signal led to a decision": (
        "DELETE FROM orders_decision",
        "UPDATE printers_lowsignal SET observed_at = observed_at + interval '1 second'",
    ),
    "what was decided to be ordered was ordered": ("DELETE FROM orders_orderline WHERE id = 1",),
    "no supply has two open orders": (
        "UPDATE orders_orderline SET replenishment_id = 1",
        "INSERT INTO orders_replenishment (id, plan_id, slot_id, signal_id) VALUES (2, 1, 1, 1)",
        """INSERT INTO orders_replenishment (id, plan_id, slot_id, signal_id) VALUES (2, 2, 1, 1);
           UPDATE orders_orderline SET replenishment_id = 2 WHERE id = 2""",
    ),
    "paid charges are paid shipments, to the cent": (
        "INSERT INTO taken VALUES ('pi_2', '111', 1999)",
        "INSERT INTO taken VALUES ('pi_2', '222', 1999)",
        "UPDATE taken SET cents = 1998",
        "DELETE FROM taken",
    ),
    "our paid charges are the card service's": ("UPDATE billing_charge SET payment_intent_id = 'pi_2'",),
    "what came back was given back, to the cent": ("UPDATE given SET cents = 1998", "DELETE FROM given"),
    "what the warehouse was told yes to is kept, once": (
        "DELETE FROM orders_dispatch",
        "DELETE FROM orders_short",
        "DELETE FROM orders_returnreceipt",
        "INSERT INTO orders_receipt SELECT * FROM orders_receipt",
        "UPDATE orders_order SET delivered_at = NULL",
    ),
    "what was packed was shipped, or is held": ("UPDATE orders_order SET status = 'packed' WHERE id = 1",),
    "each mail came": (
        "UPDATE notifications_message SET sent_at = NULL WHERE id = 1",
        "DELETE FROM delivered WHERE message = 1",
        "INSERT INTO delivered VALUES (99, now())",
    ),
    "no mail came twice but where its sender was killed": (
        "INSERT INTO delivered SELECT message, at + interval '1 minute' FROM delivered WHERE message = 4",
        "DELETE FROM incident",
        "UPDATE incident SET target = 'web-1'",
    ),
    "what happened was told": (
        "DELETE FROM notifications_message WHERE kind = 'order_confirmation'",
        "DELETE FROM notifications_message WHERE kind = 'shipped'",
        "INSERT INTO notifications_message SELECT * FROM notifications_message WHERE kind = 'shipped'",
        "DELETE FROM notifications_message WHERE kind = 'payment_failed'",
    ),
    "stock adds up": (
        "UPDATE orders_stockitem SET on_hand = 9",
        "UPDATE orders_stockitem SET reserved = 0",
        "UPDATE orders_reservation SET line_id = 1",
        "DELETE FROM orders_stockmovement WHERE kind = 'shipment'",
        "UPDATE orders_receipt SET quantity = 10",
    ),
    "every chain of facts is legal": (
        "DELETE FROM orders_orderevent WHERE status = 'packed'",
        "DELETE FROM orders_orderevent WHERE status = 'returned'",
        "DELETE FROM orders_dispatch",
        "UPDATE printers_lowsignal SET closed_at = now()",
        "UPDATE billing_charge SET status = 'pending'",
        "UPDATE orders_order SET status = 'placed'",
    ),
    "what is due is done": (
        "UPDATE orders_replenishment SET due_at = now()",
        "UPDATE notifications_message SET due_at = now() + interval '1 minute' WHERE id = 1",
    ),
}


@pytest.mark.parametrize(("promise", "harm"), [(promise, harm) for promise, harms in BREAKS.items() for harm in harms])
def test_what_is_broken_is_told(books: Books, promise: str, harm: str) -> None:
    books.cursor.execute(harm)
    assert promise in books.audit()


def test_every_promise_is_seen_broken() -> None:
    assert {*auditor.PROMISES, auditor.DONE} == set(BREAKS)
