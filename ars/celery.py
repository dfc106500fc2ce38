"""The Celery application and its timetable: every sweep, how often, and which fact nudges it early."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ars.settings")

app = Celery("ars")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf["CELERY_DB_REUSE_MAX"] = 500  # read by Celery's Django fixup under this very name; else every task reconnects
app.autodiscover_tasks()
