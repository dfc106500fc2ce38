"""How requests went, by route: the one figure that no row holds, so each web process counts it.

A scrape reaches one process and asks for all. So each writes its counts to a file of its own in
PROMETHEUS_MULTIPROC_DIR, as prometheus_client does by itself where that is set, and whoever is asked adds the files up.
Without the folder a process tells of itself alone: right for one web process.
"""

import os
from functools import lru_cache
from pathlib import Path

from prometheus_client import CollectorRegistry, Histogram, disable_created_metrics
from prometheus_client.multiprocess import MultiProcessCollector

FOLDER = os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")
NO_ROUTE = "none"  # an address there is not: what people type must not become names of figures
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
if FOLDER:
    Path(FOLDER).mkdir(parents=True, exist_ok=True)

disable_created_metrics()  # a third line for each histogram, of no use here
registry = CollectorRegistry()
duration = Histogram(
    "ars_http_request_duration_seconds",
    "How long requests took, and by _count how many there were.",
    ["route", "method", "status"],
    buckets=SECONDS,
    registry=registry,
)


def observe(route: str, method: str, status: int, seconds: float) -> None:
    """Count one request."""
    _of(route, method, status).observe(seconds)


@lru_cache(maxsize=4096)
def _of(route: str, method: str, status: int) -> Histogram:
    return duration.labels(route, method if method in METHODS else "other", str(status))


def all_processes() -> CollectorRegistry:
    """What to tell: the counts of every process of this machine, or of this one."""
    if not FOLDER:
        return registry
    together = CollectorRegistry()
    MultiProcessCollector(together, FOLDER)
    return together
