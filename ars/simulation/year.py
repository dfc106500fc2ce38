"""The year itself: each day the printers report, people act, the sweeps run, the parcels travel, the auditor looks."""

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from urllib.parse import urlsplit
from wsgiref.types import WSGIApplication

import time_machine
from django.conf import settings

from ars.simulation import cast
from ars.simulation.audit import Audit
from ars.simulation.owners import Owners
from ars.simulation.shop import Warehouse
from ars.simulation.truth import Machine, Said
from ars.wsgi import application
from orders import tasks
from printers import facts
from printers.tasks import make_partitions

BEGAN = datetime(2027, 1, 1, 12, tzinfo=UTC)
DAYS = 365
Progress = Callable[[str], object]


def run(printers: int, seed: int, progress: Progress, days: int = DAYS) -> Audit:
    """Let `days` pass for so many printers in the database at hand, which must be an empty one; what was found."""
    dice = random.Random(seed)
    with time_machine.travel(BEGAN, tick=False) as clock, facts.without_nudges():
        make_partitions()
        shop = cast.gather(printers, dice, BEGAN)
        audit = Audit(shop.orderable)
        warehouse = Warehouse(shop.machines, shop.partner, dice, audit)
        owners = Owners(shop.machines, warehouse)
        for day in range(days):
            now = BEGAN + timedelta(days=day)
            clock.move_to(now)
            for machine in shop.machines:
                _report(machine, now, audit)
            cast.mend(shop, day, now)
            sweep()
            owners.act(day, now)
            sweep()
            warehouse.open(day, now)
            warehouse.answer(now)
            for machine in shop.machines:
                audit.look(machine, day, now.date())
            if day % 30 == 0:
                make_partitions()
                progress(f"day {day}: {audit.ordered} ordered, {len(audit.doubles)} double, {len(audit.missed)} missed")
        sweep()  # what the last evening left behind
    return audit


def sweep() -> None:
    """What beat would have run by now, several times over."""
    for _ in range(2):
        tasks.sweep_signals()
        tasks.sweep_plans()
        tasks.sweep_replenishments()
    tasks.sweep_questions()
    tasks.sweep_waits()
    tasks.sweep_stock()


def _report(machine: Machine, now: datetime, audit: Audit) -> None:
    machine.live(now.date())
    for said in machine.sent(now):
        audit.reports += 1
        if post(application, machine.token, said) == 202:
            machine.hear(said, now)
        else:
            audit.refused += 1


def post(app: WSGIApplication, token: str, said: Said) -> int:
    """One report over the real handler, middleware and view; the status of the answer."""
    body = json.dumps(
        {"message_id": "simulated", "observed_at": said.observed.isoformat(), "supplies": said.supplies}
    ).encode()
    answered: list[int] = []

    def start_response(status: str, headers: object, failed: object = None) -> Callable[[bytes], object]:
        answered.append(int(status.split(maxsplit=1)[0]))
        return BytesIO().write

    site = urlsplit(settings.SITE_URL)
    response = app(
        {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/api/v1/telemetry",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_AUTHORIZATION": f"Bearer {token}",
            "HTTP_HOST": site.netloc,
            "SERVER_NAME": site.hostname or "localhost",
            "SERVER_PORT": "443",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.url_scheme": site.scheme,
            "wsgi.input": BytesIO(body),
            "wsgi.errors": BytesIO(),
        },
        start_response,
    )
    for _ in response:
        pass
    if hasattr(response, "close"):
        response.close()
    return answered[-1]
