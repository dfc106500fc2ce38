"""A customer who calls, and staff who speak with them."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.core import mail
from django.test import Client
from django.utils import timezone

from billing.models import Charge
from enrollment.models import User
from notifications import outbox
from tests.billing.paid import paid, staff
from tests.factories import NOW
from tests.orders.world import World, make_world

MINUTE = timedelta(minutes=1)


@pytest.fixture(name="world")
def calling_world(db: None) -> Iterator[World]:
    """A customer with an order that is got ready."""
    with time_machine.travel(NOW, tick=False):
        made = make_world(nickname="Front desk")
        made.stock("PGBK", 10)
        made.order()
        yield made


def clerk(role: str = "Support", email: str = "dana@ink.example") -> Client:
    client = Client()
    client.force_login(User.objects.filter(email=email).first() or staff(role, email))
    return client


def page(user: User, below: str = "") -> str:
    return f"/admin/customers/{user.pk}/{below}"


def said(response: Any) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def post(client: Client, user: User, below: str, **typed: object) -> str:
    answer = client.post(page(user, below), typed)
    assert answer.status_code == 302
    assert answer.headers["Location"] == page(user)
    return said(answer)


def mailed_code() -> str:
    """What their mailbox has got."""
    while outbox.send_next(timezone.now()):
        pass
    found = re.search(r"^\s*(\d{6})$", str(mail.outbox[-1].body), re.MULTILINE)
    assert found is not None
    return found[1]


def verify(client: Client, user: User) -> None:
    post(client, user, "code/")
    assert "The caller is verified" in post(client, user, "code/read/", code=mailed_code())


def charged(world: World) -> Charge:
    return paid(plan=world.plan)
