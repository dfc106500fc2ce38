"""The Celery application and its timetable: every sweep, how often, and which fact nudges it early."""

import os
import time
from typing import Any

from celery import Celery
from celery.signals import before_task_publish, task_postrun, task_prerun
from django.db import close_old_connections
from structlog.contextvars import bind_contextvars, clear_contextvars

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ars.settings")

app = Celery("ars")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf["CELERY_DB_REUSE_MAX"] = 500  # read by Celery's Django fixup under this very name; else every task reconnects
app.autodiscover_tasks()


@before_task_publish.connect
def note_when(headers: dict[str, Any], **_: object) -> None:
    """Each message says when it was sent, so that who takes it knows how long it lay in its queue."""
    headers["sent_at"] = time.time()


@task_prerun.connect
def look_at_connections(task: Any, **_: object) -> None:
    """As before a request: a connection that the database has cut is opened anew.

    Celery itself only counts to 500 tasks, and until then every task of a worker would fail after a restart of
    PostgreSQL. A task that is called in place stands in its caller's transaction.
    """
    if not task.request.is_eager:
        close_old_connections()


@task_prerun.connect
def begin(task: Any, task_id: str, **_: object) -> None:
    """What a task logs has its name and its id, and the id of the request whose nudge woke it."""
    clear_contextvars()
    woken_by = getattr(task.request, "woken_by", None)
    bind_contextvars(task=task.name, task_id=task_id, **({"woken_by": woken_by} if woken_by else {}))


@task_postrun.connect
def end(**_: object) -> None:
    """Nothing of it is left to the next."""
    clear_contextvars()
