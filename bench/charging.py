"""The case of the charges: the same parcels' cards asked by our pipeline, and by a loop that does nothing else."""

import json
import statistics
from typing import Any

from ars.standin.process import Handle
from bench import crew, packing
from billing.models import Charge, PlanCard
from orders.models import Order

ROUNDS = 3  # of the loop: before, between and after would need parcels of their own


def measure(standin: Handle, orders: int, processes: int) -> dict[str, Any]:
    """What was found, by name: charges a second of both, and their ratio."""
    packing.pack(orders, refused_every=0)
    payers = list(PlanCard.objects.values_list("card__stripe_id", "card__user__stripe_customer__stripe_id"))
    bare = [orders / _timed("bare", processes, payers) for _ in range(ROUNDS)]
    before = len(standin.requests(everything=True))
    ours = orders / _timed("ours", processes, [])
    calls = len(standin.requests(everything=True)) - before
    return {
        "ratio_to_stand_in": round(ours / statistics.median(bare), 2),
        "charges_per_second": round(ours, 1),
        "bare_loop_per_second": round(statistics.median(bare), 1),
        "bare_loop_from": round(min(bare), 1),
        "bare_loop_to": round(max(bare), 1),
        "calls_a_charge": round(calls / orders, 2),
        "charged": Order.objects.filter(status=Order.Status.SHIPPED, charges__status=Charge.Status.PAID).count(),
        "processes": processes,
    }


def _timed(way: str, processes: int, payers: list[tuple[str, str]]) -> float:
    """Seconds until all is charged, each process with its share of the payers."""
    return crew.timed("bench.charger", way, told=[json.dumps(payers[place::processes]) for place in range(processes)])
