"""Somebody who acts, as a request of the back office names them to the database."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.test import Client

from enrollment import acting
from printers.models import PrinterModel
from tests.ars.test_admin import inline, page
from tests.factories import PrinterModelFactory


@contextmanager
def somebody() -> Iterator[None]:
    """boss@example.com acts."""
    actor = {"who": "boss@example.com", "id": str(uuid.uuid4()), "from": "203.0.113.7", "request": "", "action": ""}
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('ars.actor', %s, false)", [json.dumps(actor)])
    yield
    acting.end()


def close_a_model(staff: Client) -> PrinterModel:
    """TS9999, closed to new plans on its page."""
    model = PrinterModelFactory.create(name="TS9999")
    staff.post(page(PrinterModel, "change", model.pk), inline("slots", 0))
    return model
