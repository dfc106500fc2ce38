"""A complaint that staff decline: with an answer the customer reads, by who may decide."""

from typing import Any

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.test import Client
from pytest_django import Settings

from notifications import tasks
from notifications.models import Message
from orders.models import Complaint
from tests.billing.paid import staff
from tests.orders.parcels import LATE, complain, delivered
from tests.orders.world import World

pytestmark = pytest.mark.django_db
LIST = "/admin/orders/complaint/"


@pytest.fixture
def complaint(world: World, settings: Settings) -> Complaint:
    settings.REPLACEMENT_LIMIT_CENTS = 0
    world.stock()
    return complain(delivered(world))


def clerk(role: str) -> Client:
    client = Client()
    client.force_login(staff(role, "eve@example.com"))
    return client


def act(client: Client, complaint: Complaint, **typed: str) -> Any:
    return client.post(LIST, {"action": "decline", "_selected_action": complaint.pk} | typed)


def test_an_answer_is_asked_for_and_then_mailed(complaint: Complaint) -> None:
    lead = clerk("Support lead")
    with time_machine.travel(LATE, tick=False):
        page = act(lead, complaint)
        assert f"Order {complaint.order}, {complaint.order.user.email}: it is damaged" in " ".join(page.text.split())
        assert "Say why nothing is sent" in act(lead, complaint, answer=" ").text
        assert Complaint.objects.waiting().count() == 1
        answers = [act(lead, complaint, answer="It was in its box.") for _ in range(2)]
        tasks.sweep_order_events()
    assert [str(*get_messages(each.wsgi_request)) for each in answers[:1]] == ["1 answered."]
    mail = Message.objects.get(kind="complaint_answered")
    assert "It was in its box." in mail.text
    assert mail.to == complaint.order.user.email


@pytest.mark.parametrize("role", ["Support", "Warehouse", "Finance"])
def test_who_may_not_decide_declines_nothing(complaint: Complaint, role: str) -> None:
    act(clerk(role), complaint, answer="No.")
    assert Complaint.objects.waiting().count() == 1
