"""Staff add endpoints, see their secret once, and send again; nobody makes us speak to our own network."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from enrollment import keys
from enrollment.models import ApiKey, Partner, User
from notifications.models import Delivery, Endpoint
from notifications.webhooks import deliveries
from tests.ars.test_admin import act, page, said
from tests.factories import NOW, DeliveryFactory, EndpointFactory, PartnerFactory, UserFactory
from tests.notifications.listener import Listener
from tests.staff import with_second_factor

SECRET = r"whsec_[\w+/]{43}="
URL = "https://8.8.8.8/hooks"


@pytest.fixture
def staff(client: Client, db: None) -> Client:
    client.force_login(with_second_factor(User.objects.create_superuser("boss@example.com", "correct horse")))
    return client


@pytest.fixture
def partner(db: None) -> Partner:
    """Holds a warehouse's key."""
    made = PartnerFactory.create()
    keys.issue(made, ApiKey.Scope.WAREHOUSE)
    return made


def add(staff: Client, partner: Partner, **changed: Any) -> Any:
    form = {"partner": partner.pk, "url": URL, "types": ["order.shipped"], **changed}
    return staff.post(page(Endpoint, "add"), form, follow=True)


def test_the_secret_is_shown_once_when_it_is_made(staff: Client, partner: Partner) -> None:
    page_of_secret = add(staff, partner)
    shown = re.findall(SECRET, page_of_secret.text)
    endpoint = Endpoint.objects.get()
    assert "no-store" in page_of_secret.headers["Cache-Control"]
    assert (shown, endpoint.types, endpoint.url) == ([endpoint.secret], ["order.shipped"], URL)
    for address in (page(Endpoint, "changelist"), page(Endpoint, "change", endpoint.pk)):
        assert not re.search(SECRET, staff.get(address).content.decode())
    answer = act(staff, Endpoint, "rotate", endpoint)
    assert re.findall(SECRET, answer.text) == [Endpoint.objects.get().secret]
    assert "no-store" in answer.headers["Cache-Control"]
    assert said(answer) == ""  # a message would wait in a cookie
    assert Endpoint.objects.get().old_secret == endpoint.secret


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"url": "http://8.8.8.8/"}, "The address must begin with https://"),
        ({"url": "https://127.0.0.1/"}, "127.0.0.1 is at 127.0.0.1, which is not an address of the public internet."),
        ({"types": ["enrollment.activated"]}, "holds no key for: store."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(
    staff: Client, partner: Partner, changed: dict[str, Any], sentence: str
) -> None:
    assert sentence in add(staff, partner, **changed).content.decode()
    assert not Endpoint.objects.exists()


def test_an_edit_changes_address_and_events_alone(staff: Client, partner: Partner) -> None:
    endpoint = EndpointFactory.create(partner=partner)
    form = {"partner": PartnerFactory.create().pk, "url": URL, "types": []}
    assert staff.post(page(Endpoint, "change", endpoint.pk), form).status_code == 302
    changed = Endpoint.objects.get()
    assert (changed.url, changed.types, changed.partner, changed.secret) == (URL, [], partner, endpoint.secret)


def test_a_paused_endpoint_is_shown_and_resumed(staff: Client) -> None:
    endpoint = EndpointFactory.create()
    assert said(act(staff, Endpoint, "pause", endpoint)) == "1 paused."
    listed = staff.get(page(Endpoint, "changelist"), {"paused_at__isempty": 0}).content.decode()
    assert "Paused, so that nothing is sent: https://hooks.example/ars of" in listed
    assert listed.count("By boss@example.com.") == 2
    assert said(act(staff, Endpoint, "resume", endpoint)) == "1 resumed."
    act(staff, Endpoint, "ping", endpoint)
    assert Delivery.objects.get().type == "ping"


@pytest.mark.parametrize("state", Delivery.STATES)
def test_messages_are_found_by_what_became_of_them(staff: Client, state: str) -> None:
    DeliveryFactory.create(webhook_id="msg_delivered", due_at=None, delivered_at=NOW)
    DeliveryFactory.create(webhook_id="msg_given_up", due_at=None, given_up_at=NOW)
    DeliveryFactory.create(webhook_id="msg_waits_until_resumed", endpoint__paused_at=NOW, endpoint__paused_cause="410")
    DeliveryFactory.create(webhook_id="msg_to_be_sent")
    (found,) = staff.get(page(Delivery, "changelist"), {"state": state}).context["cl"].result_list
    assert (found.webhook_id, found.state) == (f"msg_{state.replace(' ', '_')}", state)


def test_the_warehouse_role_sends_again_and_changes_no_endpoint(client: Client, db: None) -> None:
    lost = DeliveryFactory.create(due_at=None, given_up_at=NOW)
    clerk = with_second_factor(UserFactory.create(is_staff=True))
    client.force_login(clerk)
    for role, status in (("Support", 403), ("Warehouse", 200)):
        clerk.groups.set([Group.objects.get(name=role)])
        assert client.get(page(Delivery, "changelist")).status_code == status
        act(client, Delivery, "send_again", lost)
        lost.refresh_from_db()
        assert (lost.due_at is not None) == (role == "Warehouse")
    assert "order.shipped" in client.get(page(Endpoint, "change", lost.endpoint_id)).content.decode()
    act(client, Endpoint, "pause", lost.endpoint)
    assert client.post(page(Endpoint, "change", lost.endpoint_id), {"url": URL}).status_code == 403
    assert not Endpoint.objects.exclude(paused_at=None).exists()


def test_one_message_is_sent_again_and_what_became_of_it_shows(
    staff: Client, listener: Listener, settings: Settings
) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = True
    lost = DeliveryFactory.create(
        endpoint__url=listener.url(), due_at=None, given_up_at=NOW, attempts=13, last_status=500, last_error="500: no"
    )
    other = DeliveryFactory.create(endpoint=lost.endpoint, due_at=None, given_up_at=NOW, attempts=13)
    assert said(act(staff, Delivery, "send_again", lost)) == "1 sent again."
    assert deliveries.send_next(timezone.now())
    assert [taken.id for taken in listener.taken] == [lost.webhook_id]
    (row,) = staff.get(page(Delivery, "changelist"), {"q": lost.webhook_id}).context["cl"].result_list
    assert (row.state, row.attempts, row.last_status, row.last_error) == ("delivered", 1, 204, "")
    other.refresh_from_db()
    assert other.state == "given up"


FAILED = "/admin/notifications/delivery/failed/"
SINCE = {"since_0": "2026-11-23", "since_1": "09:00:00"}


def four_messages() -> tuple[Delivery, ...]:
    """Given up, tried once, not tried yet, and given up long ago."""
    lost = DeliveryFactory.create(due_at=None, given_up_at=NOW, attempts=13)
    tried = DeliveryFactory.create(attempts=1, due_at=NOW + timedelta(days=1))
    fresh = DeliveryFactory.create(due_at=NOW + timedelta(days=1))
    old = DeliveryFactory.create(due_at=None, given_up_at=NOW, attempts=13, created_at=NOW - timedelta(days=2))
    return lost, tried, fresh, old


def again(*messages: Delivery) -> list[bool]:
    """Of which it is asked that they are sent at once."""
    return [bool(Delivery.objects.filter(pk=each.pk, due_at__lte=timezone.now(), attempts=0)) for each in messages]


def test_what_failed_since_a_time_is_shown_and_then_sent_again(staff: Client) -> None:
    messages = four_messages()
    shown = staff.get(FAILED, SINCE)
    assert shown.context["found"] == [("https://hooks.example/ars", 2)]
    with time_machine.travel(NOW, tick=False):
        assert again(*messages) == [False] * 4
        answer = staff.post(FAILED, SINCE, follow=True)
        assert again(*messages) == [True, True, False, False]
    assert "2 sent again." in answer.text


def test_it_may_be_one_endpoint_alone_and_nothing_is_sent_without_a_time(staff: Client) -> None:
    lost, tried, *_ = four_messages()
    with time_machine.travel(NOW, tick=False):
        staff.post(FAILED, {**SINCE, "endpoint": tried.endpoint_id})
        assert again(lost, tried) == [False, True]
        assert "This field is required." in staff.post(FAILED, {"since_0": ""}).text
        assert again(lost, tried) == [False, True]


def test_who_may_not_send_again_sends_nothing(client: Client, db: None) -> None:
    lost, clerk = four_messages()[0], with_second_factor(UserFactory.create(is_staff=True))
    client.force_login(clerk)
    for role, status in (("Support", 403), ("Warehouse", 302)):
        clerk.groups.set([Group.objects.get(name=role)])
        assert client.post(FAILED, SINCE).status_code == status
        lost.refresh_from_db()
        assert (lost.given_up_at is None) == (role == "Warehouse")
