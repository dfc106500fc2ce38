"""One run: the house and the world outside begin, trouble is played, all comes to rest, the auditor looks."""

import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812 - a class

from ars.demo.surroundings import free_port
from bench.chaos import auditor
from bench.chaos.asking import Caller, Json
from bench.chaos.evidence import Evidence, money_at_stripe
from bench.chaos.fleet import Fleet
from bench.chaos.house import House, Wishes, standing
from bench.chaos.plan import Step
from bench.chaos.post import Catcher
from bench.chaos.trouble import Trouble
from bench.chaos.warehouse import Warehouse

START_SECONDS = 180.0
LOOK_SECONDS = 2.0
QUIET_LOOKS = 3  # in a row: between two facts that follow each other there may be a moment without any
# What is under way: nothing of it may be left, but what waits for a person, a day or a delivery of stock.
UNDER_WAY = """
    SELECT (SELECT count(*) FROM orders_order WHERE status IN ('placed', 'released', 'packed'))
         + (SELECT count(*) FROM billing_charge WHERE status = 'pending')
         + (SELECT count(*) FROM notifications_message WHERE due_at IS NOT NULL)
"""
COUNTED = {
    "low_signals": "SELECT count(*) FROM printers_lowsignal",
    "decisions": "SELECT count(*) FROM orders_decision",
    "orders": "SELECT count(*) FROM orders_order",
    "parcels_shipped": "SELECT count(*) FROM orders_order WHERE shipped_at IS NOT NULL",
    "parcels_held_unpaid": "SELECT count(*) FROM orders_order WHERE status = 'payment_failed'",
    "attempts_to_charge": "SELECT count(*) FROM billing_charge",
    "mails": "SELECT count(*) FROM notifications_message",
}


class Run:
    """What happened is kept in `trouble.incidents`; nothing of a run outlives it but its folder."""

    def __init__(self, root: Path, seed: int, steps: list[Step], wishes: Wishes) -> None:
        self._root, self._seed, self._steps, self._wishes = root, seed, steps, wishes
        self._post = Catcher(free_port())

    def play(self, printers: int, seconds: float, drain: float) -> tuple[dict[str, object], dict[str, list[str]]]:
        """Figures by name, and what breaks each promise."""
        self._post.open()
        try:
            with standing(self._root, self._wishes, self._post.port) as house:
                parts = people(house, printers)
                house.start()
                wait_for_web(house)
                return self._play_in(house, parts, seconds, drain)
        finally:
            self._post.close()

    def _play_in(
        self, house: House, parts: Json, seconds: float, drain: float
    ) -> tuple[dict[str, object], dict[str, list[str]]]:
        ports = list(house.ports.values())
        fleet = Fleet(parts["printers"], ports, self._seed)
        warehouse = Warehouse(ports, parts["warehouse_api_key"], fleet, self._seed)
        trouble = Trouble(house, self._post, self._steps, self._seed)
        fleet.start()
        warehouse.start()
        trouble.play(seconds)
        print("The trouble is over; all comes to rest.", flush=True)
        began = time.monotonic()
        fleet.stop()
        in_time = rest(house, began + drain)
        warehouse.stop()
        quiet = time.monotonic() - began
        taken, given = money_at_stripe(house.standin.url, house.environment["STRIPE_SECRET_KEY"])
        accepted = list(warehouse.accepted.values())
        evidence = Evidence(fleet.heard(), accepted, taken, given, self._post.taken, trouble.incidents)
        with psycopg2.connect(house.database_url) as connection:
            figures, broken = judge(connection, evidence)
        if house.failure or not in_time:
            broken["it came to rest"] = [house.failure or f"Not quiet after {drain:.0f} s."]
        done = Counter(incident.kind for incident in trouble.incidents)
        figures = {"seed": self._seed, "seconds_of_trouble": round(seconds), "seconds_to_quiet": round(quiet)} | figures
        return figures | fleet.figures() | {"mails_turned_away": self._post.refused} | dict(
            sorted(done.items())
        ), broken


def people(house: House, printers: int, crowd: int = 0) -> Json:
    """The schema, the catalogue, the customers, and a crowd: what an outsider needs to be them."""
    told = house.home.root / "parts.json"
    house.run("bench.chaos.people", str(printers), str(crowd), str(told))
    found: Json = json.loads(told.read_text())
    return found


def wait_for_web(house: House) -> None:
    """Until every web server answers."""
    deadline = time.monotonic() + START_SECONDS
    for port in house.ports.values():
        caller = Caller([port], "")
        while caller.ask("GET", "/healthz") is None:
            if time.monotonic() > deadline or house.failure:
                raise SystemExit(house.failure or "The web servers do not answer.")
            time.sleep(0.5)


def rest(house: House, deadline: float) -> bool:
    """Wait until nothing is under way, here or at the card service; False when the time is up before."""
    looks = 0
    while time.monotonic() < deadline and house.failure is None:
        looks = looks + 1 if house.standin.is_quiet() and not _under_way(house) else 0
        if looks >= QUIET_LOOKS:
            return True
        time.sleep(LOOK_SECONDS)
    return False


def _under_way(house: House) -> int:
    try:
        connection = psycopg2.connect(house.database_url)
    except psycopg2.OperationalError:
        return 1  # it is starting again
    try:
        with connection.cursor() as cursor:
            cursor.execute(UNDER_WAY)
            row = cursor.fetchone()
            return int(row[0] if row else 0) + len(auditor.undone(cursor))
    finally:
        connection.close()


def judge(connection: Connection, evidence: Evidence) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """Figures by name, and what breaks each promise."""
    with connection.cursor() as cursor:
        evidence.load(cursor)
        figures: dict[str, Any] = {}
        for name, query in COUNTED.items():
            cursor.execute(query)
            figures[name] = (cursor.fetchone() or [0])[0]
        cents = sum(cents for _, _, cents in evidence.taken)
        figures |= {"payments_at_stripe": len(evidence.taken), "cents_taken": cents, "refunds": len(evidence.given)}
        figures["mails_that_came_twice"] = auditor.doubled_mails(cursor)
        return figures, auditor.audit(cursor)
