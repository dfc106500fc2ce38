"""Is the process up (`/healthz`), and can it do its work (`/readyz`)."""

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Literal

from django.db import DatabaseError, InterfaceError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ars.stuck import SETTLES_WITHIN, WORK, stuck
from ars.watch import broker

DATABASE_MILLISECONDS = 2000

Status = Literal["ok", "degraded", "unavailable"]
WORST_FIRST: tuple[Status, ...] = ("unavailable", "degraded", "ok")


@dataclass(frozen=True)
class Check:
    """What was looked at, how it is, and a sentence for the person on call."""

    name: str
    status: Status
    detail: str


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """The process is up. Touches nothing: a database that is down is no reason to restart it."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """503 without database or migrations, for then no request can be served; all else is told and served with 200."""
    checks = database_checks()
    checks.append(check_broker())
    status = next(each for each in WORST_FIRST if any(check.status == each for check in checks))
    body = {"status": status, "checks": [asdict(check) for check in checks]}
    return JsonResponse(body, status=503 if status == "unavailable" else 200)


def database_checks() -> list[Check]:
    """The database and what is in it; no look into tables that may not be there yet."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(DATABASE_MILLISECONDS)])
            migrations = check_migrations()
            work = [check_work()] if migrations.status == "ok" else []
    except (DatabaseError, InterfaceError):
        return [Check("database", "unavailable", "The database does not answer.")]
    return [Check("database", "ok", "The database answers."), migrations, *work]


def check_migrations() -> Check:
    """Whether the database is as this code expects it."""
    if missing := missing_migrations():
        return Check("migrations", "unavailable", f"Not applied yet: {', '.join(missing)}. Run manage.py migrate.")
    return Check("migrations", "ok", "All migrations are applied.")


def missing_migrations() -> list[str]:
    """Those this code needs and the database has not, in the order in which they are to be applied."""
    executor = MigrationExecutor(connection)
    return [str(migration) for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]


def check_work() -> Check:
    """Whether work is being done, or a worker, beat, Stripe or the mail server stands still."""
    now = timezone.now()
    counts = {str(model._meta.verbose_name_plural): stuck(model, now).count() for model in WORK}
    waiting = {name: count for name, count in counts.items() if count}
    if not waiting:
        return Check("work", "ok", "Nothing waits longer than it should.")
    told = ", ".join(f"{count} {name}" for name, count in waiting.items())
    minutes = SETTLES_WITHIN // timedelta(minutes=1)
    return Check("work", "degraded", f"Not settled for over {minutes} minutes: {told}. Are worker and beat running?")


def check_broker() -> Check:
    """Whether somebody can be woken. Without a broker everything waits for it, and nothing is lost."""
    try:
        with broker.connected():
            pass
    except broker.AwayError:
        return Check("broker", "degraded", "The broker does not answer: reports are taken, orders wait for it.")
    return Check("broker", "ok", "The broker answers.")
