"""The case of the order sweep: makes signals that wait, lets workers at them, times empty sweeps, looks for losses."""

import os
import resource
import statistics
import time
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from bench import crew
from orders import pricelist, shelf, tasks
from orders.models import Decision, Order, Reservation, StockItem
from printers import catalogue
from printers.models import LowSignal, Slot

WAITING = Path(__file__).parent / "waiting_signals.sql"
EMPTY_SWEEPS = 200


def measure(signals: int, processes: int) -> dict[str, Any]:
    """What was found, by name; times in seconds or milliseconds as the name says."""
    prepare(signals)
    seconds, cpu_seconds = sweep(processes)
    placed = Order.objects.count()
    first, *others = _empty_sweeps()
    return {
        "placed_per_minute": round(60 * placed / seconds),
        "orders_placed": placed,
        "seconds": round(seconds, 2),
        "processes": processes,
        "workers_cpu_ms_per_order": round(1000 * cpu_seconds / placed, 2),
        "load_of_the_machine": round(os.getloadavg()[0], 1),
        "first_empty_sweep_ms": round(first, 2),
        "empty_sweep_ms_fastest": round(min(others), 2),
        "empty_sweep_ms_median": round(statistics.median(others), 2),
        "empty_sweep_ms_p99": round(statistics.quantiles(others, n=100)[98], 2),
        "nothing_lost_or_doubled": _whole(signals),
    }


def prepare(signals: int) -> None:
    """The real catalogue with its demonstration prices, plenty on the shelf, and so many customers who wait."""
    call_command("migrate", verbosity=0)
    catalogue.load()
    pricelist.load(pricelist.DEFAULT, timezone.now())
    Slot.objects.update(mapping_confirmed=True)
    with connection.cursor() as cursor:
        cursor.execute(WAITING.read_text(), {"signals": signals})
        cursor.execute("ANALYZE")


def sweep(processes: int) -> tuple[float, float]:
    """Seconds from the start of the workers' work to the end of the last, and of CPU that they took themselves."""
    seconds = crew.timed("bench.worker", told=["go"] * processes)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, used.ru_utime + used.ru_stime


def _empty_sweeps() -> list[float]:
    """Milliseconds of each; nothing is due, and all that was is still there."""
    times = []
    tasks.sweep_plans()  # so that the first does not pay for what any first sweep of a process loads
    for _ in range(EMPTY_SWEEPS + 1):
        begun = time.perf_counter()
        tasks.sweep_signals()
        times.append((time.perf_counter() - begun) * 1000)
    return times


def _whole(signals: int) -> bool:
    """One order, decision and reservation a signal, each piece promised once, and no signal left due."""
    released = Order.objects.filter(status=Order.Status.RELEASED).values("plan").distinct().count()
    reserved = sum(StockItem.objects.values_list("reserved", flat=True))
    counts = {Order.objects.count(), released, Decision.objects.count(), Reservation.objects.count(), reserved}
    left = LowSignal.objects.filter(due_at__isnull=False).exists()
    return counts == {signals} and not left and not shelf.differences()
