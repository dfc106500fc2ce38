"""The Celery application and its timetable: every sweep, how often, and which fact nudges it early."""

import os

from celery import Celery, signals
from django.db import close_old_connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ars.settings")

app = Celery("ars")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf["CELERY_DB_REUSE_MAX"] = 500  # read by Celery's Django fixup under this very name; else every task reconnects
# As before a request: a connection that the database has cut is opened anew. Celery itself only counts to 500 tasks,
# and until then every task of a worker would fail after a restart of PostgreSQL.
signals.task_prerun.connect(close_old_connections)
app.autodiscover_tasks()
