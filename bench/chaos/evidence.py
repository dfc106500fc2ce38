"""What the world outside knows of a run, as rows beside the service's own: the auditor then asks both in SQL."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from urllib.request import Request, urlopen

from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class
from psycopg2.extras import execute_values

from bench.chaos.asking import Json
from bench.chaos.fleet import Heard
from bench.chaos.post import Taken
from bench.chaos.trouble import Incident
from bench.chaos.warehouse import Accepted

# What each is, column by column.
TABLES = {
    "heard": "printer text, slot text, cartridge text, at timestamptz",  # 202 to a report of a low cartridge
    "accepted": "kind text, id text, number text, sku text, quantity int",  # 2xx to the warehouse
    "taken": "intent text, number text, cents int",  # a payment at the card service that took money
    "given": "number text, cents int",  # a refund there
    "delivered": "message bigint, at timestamptz",  # a mail that came
    "incident": "kind text, target text, at timestamptz",  # what was done to whom
}


@dataclass(frozen=True)
class Evidence:
    """Each list is the rows of one of TABLES."""

    heard: Sequence[Heard] = ()
    accepted: Sequence[Accepted] = ()
    taken: Sequence[tuple[str, str, int]] = ()
    given: Sequence[tuple[str, int]] = ()
    delivered: Sequence[Taken] = ()
    incidents: Sequence[Incident] = field(default=())

    def load(self, cursor: Cursor) -> None:
        """Into temporary tables of this connection."""
        for name, columns in TABLES.items():
            cursor.execute(f"CREATE TEMPORARY TABLE {name} ({columns})")
        _insert(cursor, "heard", [(each.printer, each.slot, each.cartridge, each.at) for each in self.heard])
        rows = [(each.kind, each.id, each.number, each.sku, each.quantity) for each in self.accepted]
        _insert(cursor, "accepted", rows)
        _insert(cursor, "taken", self.taken)
        _insert(cursor, "given", self.given)
        moments = [(each.message, each.at) for each in self.delivered]
        _insert(cursor, "delivered", moments, "(%s, to_timestamp(%s))")
        told = [(each.kind, each.target, each.at) for each in self.incidents]
        _insert(cursor, "incident", told, "(%s, %s, to_timestamp(%s))")


def _insert(cursor: Cursor, table: str, rows: Sequence[tuple[object, ...]], template: str | None = None) -> None:
    if rows:
        execute_values(cursor, f"INSERT INTO {table} VALUES %s", rows, template)


def money_at_stripe(url: str, key: str) -> tuple[list[tuple[str, str, int]], list[tuple[str, int]]]:
    """Payments that took money and refunds, each by the order that its intent names; read from the card service."""
    intents = {intent["id"]: intent["metadata"].get("order", "") for intent in _every(url, key, "payment_intents")}
    taken = [
        (charge["payment_intent"], intents.get(charge["payment_intent"], ""), charge["amount_captured"])
        for charge in _every(url, key, "charges")
        if charge["paid"] and charge["captured"]
    ]
    given = [
        (intents.get(refund["payment_intent"], ""), refund["amount"])
        for refund in _every(url, key, "refunds")
        if refund["status"] == "succeeded"
    ]
    return taken, given


def _every(url: str, key: str, what: str) -> Iterable[Json]:
    after = ""
    while True:
        address = f"{url}/v1/{what}?limit=100{after}"
        with urlopen(Request(address, headers={"Authorization": f"Bearer {key}"}), timeout=30) as answer:
            page = json.load(answer)
        yield from page["data"]
        if not page["has_more"]:
            return
        after = f"&starting_after={page['data'][-1]['id']}"
