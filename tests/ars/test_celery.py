"""The workers' own manners."""

import pytest
from celery.signals import task_postrun, task_prerun
from django.db import connection

from orders.tasks import sweep_signals


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_died_costs_no_task() -> None:
    connection.ensure_connection()
    other = connection.copy()
    with other.cursor() as cursor:
        assert connection.connection is not None
        cursor.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
    other.close()
    task_prerun.send(sender=sweep_signals, task_id="1", task=sweep_signals)
    assert sweep_signals() == 0
    task_postrun.send(sender=sweep_signals)
