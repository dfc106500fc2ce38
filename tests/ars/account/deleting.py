"""Deleting one's account as a person does it, and what the worker does then."""

from datetime import timedelta
from typing import Any

import time_machine
from django.test import Client

from enrollment.models import Closure, User
from notifications.tasks import sweep_closures, sweep_order_events, sweep_plan_events
from tests.factories import NOW
from tests.post import arrived

DELETE, DELETED = "/account/data/delete/", "/account/data/deleted/"
PASSWORD = "correct horse battery"


def signed_in(user: User) -> Client:
    """Just now, as one signs in."""
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    client = Client()
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    return client


def delete(client: Client, user: User, **more: str) -> Any:
    return client.post(DELETE, {"email": user.email, **more})


def see_off(after: timedelta = timedelta(0)) -> None:
    """What the worker does, so long after."""
    with time_machine.travel(NOW + after, tick=False):
        for sweep in (sweep_plan_events, sweep_order_events, sweep_closures):
            sweep()
        arrived()
        Closure.objects.filter(forgotten_at=None).update(due_at=NOW)
        sweep_closures()
