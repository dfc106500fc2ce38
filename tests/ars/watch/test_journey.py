"""One low report, followed to the doorstep by its id alone; and nothing in the log that nobody is to read."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from billing import cards
from billing import tasks as billing
from billing.models import Charge, PlanCard
from enrollment import keys
from enrollment.models import ApiKey
from notifications import tasks as notifications
from notifications.models import Message
from orders import tasks as orders
from orders.models import Order
from printers import facts, tokens
from printers.models import LowSignal
from tests.ars.watch.lines import Lines, logged
from tests.billing.conftest import shop, standin, stripe_process
from tests.factories import NOW
from tests.orders.world import World
from tests.printers.device import Device
from tests.standin.shop import Shop

__all__ = ["shop", "standin", "stripe_process"]
REPORT = "report-of-the-printer-1"
PARCEL = "parcel-of-the-warehouse-1"


@dataclass
class Journey:
    """What a report became, and all that was logged on its way."""

    lines: Lines
    order: Order
    secrets: list[str]
    intent: dict[str, Any]


Commits = Callable[..., AbstractContextManager[object]]


def sweep(commits: Commits, *sweeps: Callable[[], int]) -> None:
    """Each as a worker runs it, an hour after whatever woke it."""
    for each in sweeps:
        with commits(execute=True):
            each()


@pytest.fixture
def journey(world: World, shop: Shop, django_capture_on_commit_callbacks: Commits) -> Journey:
    printer, user = world.plan.printer, world.plan.user
    assert printer is not None
    token, key = tokens.issue(printer), keys.issue(world.partner, ApiKey.Scope.WAREHOUSE)
    PlanCard.objects.create(plan=world.plan, card=cards.save_card(user, "pm_card_visa"))
    client, commits = Client(), django_capture_on_commit_callbacks
    said = {"X-Request-ID": REPORT}
    with logged() as lines, facts.without_nudges():
        with commits(execute=True):
            Device(printer, token, Client(headers=said)).send({"slot": "PGBK", "level": 9})
        with time_machine.travel(NOW + timedelta(hours=1), tick=False):
            sweep(commits, orders.sweep_signals, notifications.sweep_order_events, notifications.sweep_messages)
            order = Order.objects.get()
            parcel = {"dispatch_id": "d-1", "carrier": "UPS", "tracking_number": "1Z1"}
            with commits(execute=True):
                client.post(
                    f"/api/v1/fulfilment/orders/{order.display_number}/dispatch",
                    parcel,
                    content_type="application/json",
                    headers={"Authorization": f"Api-Key {key}", "X-Request-ID": PARCEL},
                )
            sweep(commits, billing.sweep_dispatches, billing.sweep_charges)
            sweep(commits, notifications.sweep_order_events, notifications.sweep_messages)
    name = str(Charge.objects.get().payment_intent_id)
    intent = shop.sdk.payment_intents.retrieve(name).to_dict()
    secrets = [token, key, user.email, user.full_name, "12 Elm Street", "4242424242424242", intent["client_secret"]]
    return Journey(lines, order, secrets, intent)


def test_one_id_leads_from_the_report_to_the_parcel_and_its_mails(journey: Journey) -> None:
    order, charge = journey.order, Charge.objects.get()
    first, second = Message.objects.order_by("pk")
    assert journey.lines.of(REPORT) == [
        f"order {order.display_number}: released",
        f"low signal {LowSignal.objects.get().pk} decided: ordered",
        f"mail {first.pk} sent: order_confirmation",
        f"order {order.display_number}: packed",
        f"order {order.display_number}: charge {charge.pk}, attempt 1: pending",
        f"order {order.display_number}: charge {charge.pk}, attempt 1: paid",
        f"order {order.display_number}: shipped",
        f"mail {second.pk} sent: shipped",
    ]


def test_each_request_is_named_by_its_own_id_too(journey: Journey) -> None:
    by_request = {line["request_id"]: line["event"] for line in journey.lines.all if "request_id" in line}
    assert by_request.keys() == {REPORT, PARCEL}
    assert by_request[REPORT] == "report taken: what is low changed"
    assert by_request[PARCEL].startswith("POST api/v1/fulfilment/orders/<str:number>/dispatch 202 in ")


def test_the_rows_keep_it_and_stripe_shows_it(journey: Journey) -> None:
    assert (LowSignal.objects.get().trace, Order.objects.get().trace) == (REPORT, REPORT)
    assert journey.intent["metadata"] == {"order": journey.order.number, "attempt": "1", "trace": REPORT}


def test_nothing_is_logged_that_nobody_is_to_read(journey: Journey) -> None:
    assert len(journey.lines.all) > 8
    assert [secret for secret in journey.secrets if secret in journey.lines.text] == []
