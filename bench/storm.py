"""The storm: the service runs as in production while Stripe fails, its workers are killed, and parcels come back."""

import argparse
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db.models import F
from django.utils import timezone

from ars.standin.process import Handle
from ars.supervisor import Child, Supervisor
from bench import packing, storm_books
from bench.charges_under_fault import Surroundings
from billing.models import Charge, Refund
from enrollment.models import Partner
from orders import returns
from orders.models import Dispatch, Order, ReturnReceipt

CALLS: list[dict[str, Any]] = [
    *({"kind": kind} for kind in ("lost_request", "lost_answer", "reset", "reset_after", "429", "409", "garbled")),
    *({"kind": kind} for kind in ("500_before", "500_after", "503")),
    {"kind": "429", "retry_after": 2},
    {"kind": "slow", "seconds": 1.0},
]
WEBHOOKS = ("duplicate", "overtaken", "forged", "stale", "skewed", "lost_event")
RETURNED_EVERY = 20  # every so-manieth parcel comes back
LOOK_SECONDS = 1.0
SPEAKS_TO_STRIPE = "outside"


def run(around: Surroundings, asked: argparse.Namespace) -> tuple[dict[str, Any], list[str]]:
    """What was found, by name, and what is wrong, a sentence each."""
    warehouse = packing.pack(asked.orders)
    begun = time.monotonic()
    plan_faults(around.standin, asked.share, asked.seed)
    with service(around, asked.processes) as supervisor:
        storm = Storm(asked.orders, asked.kills, warehouse, supervisor)
        in_time = storm.follow(begun + 60 * asked.minutes)
        seconds = time.monotonic() - begun
        in_time = _wait_for_webhooks(around.standin) and in_time
    struck = around.standin.faults()
    deliveries = around.standin.webhooks()["deliveries"]
    around.standin.clear_faults()
    found, problems = storm_books.judge(around.standin.url)
    found |= {
        "seconds_to_quiet": round(seconds),
        "workers_killed": storm.killed,
        "parcels_returned": storm.returned,
        "faults_struck": sum(fault["hits"] for fault in struck),
        "load_of_the_machine": round(os.getloadavg()[0], 1),
        "calls_to_stripe": len(around.standin.requests(everything=True)),
        "webhooks_delivered": len(deliveries),
        **{f"{_name(fault)}": fault["hits"] for fault in struck},
    }
    if not in_time:
        problems.append(f"Not quiet after {asked.minutes} minutes: {storm.open_facts()}.")
    if storm.killed < asked.kills:
        problems.append(f"Only {storm.killed} of {asked.kills} workers were killed.")
    problems += [f"{_name(fault)} has never struck." for fault in struck if not fault["hits"]]
    return found, problems


def _name(fault: Mapping[str, Any]) -> str:
    """'struck_429_retry_after'."""
    return f"struck_{fault['kind']}" + ("_retry_after" if fault["retry_after"] else "")


def plan_faults(standin: Handle, share: float, seed: int) -> None:
    """Of all calls and of all webhooks, such a share by each kind of fault."""
    for number, wish in enumerate(CALLS):
        standin.fault("** /v1/**", times=None, share=share, seed=seed + number, **wish)
    for number, kind in enumerate(WEBHOOKS, start=len(CALLS)):
        standin.fault("WEBHOOK **", kind, times=None, share=share, seed=seed + number)


@contextmanager
def service(around: Surroundings, processes: int) -> Iterator[Supervisor]:
    """The processes of production; who dies is started again."""
    celery = ["-m", "celery", "--app", "ars.celery", "--quiet"]
    worker = [*celery, "worker", "--loglevel", "WARNING"]
    granian = ["-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(around.port)]
    programs = {
        "web": [*granian, "--workers", "2", "ars.wsgi:application"],
        "worker": [*worker, "--queues", "celery", "--concurrency", "2", "--hostname", "worker@%h"],
        SPEAKS_TO_STRIPE: [*worker, "--queues", "outside", "--concurrency", str(processes), "--hostname", "outside@%h"],
        "beat": [*celery, "beat", "--schedule", str(around.home / "beat"), "--pidfile", "", "--loglevel", "WARNING"],
    }
    with Supervisor() as supervisor:
        for name, words in programs.items():
            supervisor.start(Child(name, [sys.executable, *words], dict(os.environ), _log(around.home, name)))
        supervisor.watch()
        yield supervisor
        if supervisor.failure:
            raise SystemExit(supervisor.failure)


def _log(home: Path, name: str) -> Path:
    return home / "log" / f"{name}.log"


class Storm:
    """Watches how far the charges are; kills a worker at even distances, and sends parcels back as they leave."""

    def __init__(self, orders: int, kills: int, warehouse: Partner, supervisor: Supervisor) -> None:
        self.killed = self.returned = 0
        self._orders, self._kills, self._warehouse, self._supervisor = orders, kills, warehouse, supervisor

    def follow(self, deadline: float) -> bool:
        """Until nothing is under way any more; False when the time is up before."""
        while time.monotonic() < deadline and not self._supervisor.failure:
            settled = Charge.objects.exclude(status=Charge.Status.PENDING).count()
            if self.killed < self._kills and settled >= self._orders * (self.killed + 1) / (self._kills + 1):
                self._kill(settled)
            self._send_back()
            if settled >= self._orders and not self.open_facts():
                return True
            time.sleep(LOOK_SECONDS)
        return False

    def open_facts(self) -> dict[str, int]:
        """How many of each kind are not done."""
        kinds = (Dispatch, Charge, ReturnReceipt, Refund)
        counts = {kind._meta.verbose_name: kind._default_manager.filter(due_at__isnull=False).count() for kind in kinds}
        return {str(name): count for name, count in counts.items() if count}

    def _kill(self, settled: int) -> None:
        """With all its processes, as a machine that loses its power."""
        os.killpg(self._supervisor.pids()[SPEAKS_TO_STRIPE], signal.SIGKILL)
        self.killed += 1
        print(f"{settled} of {self._orders} settled: worker killed", flush=True)

    def _send_back(self) -> None:
        some = Order.objects.alias(place=F("pk") % RETURNED_EVERY).filter(place=1)  # none whose card is refused
        for order in some.filter(status=Order.Status.SHIPPED).order_by("pk"):
            lines = [{"sku": each.sku.code, "quantity": each.quantity, "accepted": True} for each in order.lines.all()]
            returns.receive(self._warehouse, order, f"B-{order.pk}", lines, timezone.now())
            self.returned += 1


def _wait_for_webhooks(standin: Handle) -> bool:
    """Until none is on its way, those that are tried again included."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if standin.is_quiet():
            return True
        time.sleep(LOOK_SECONDS)
    return False
