"""A call: verified by the code that was mailed or by two facts, each try counted, and seen by all colleagues."""

import pytest
import time_machine
from django.core import mail

from enrollment import callers
from enrollment.models import CallerCheck
from notifications.models import Message
from orders.models import Order
from tests.ars.calling import MINUTE, calling_world, charged, clerk, mailed_code, page, post, verify
from tests.billing.paid import paid
from tests.factories import NOW
from tests.orders.world import World

__all__ = ["calling_world"]
pytestmark = pytest.mark.django_db


def test_a_code_is_mailed_read_out_and_seen_by_all(world: World) -> None:
    user, client = world.plan.user, clerk()
    assert f"A code is on its way to {user.email}" in post(client, user, "code/")
    assert "The code the caller reads out" in client.get(page(user)).text
    code = mailed_code()
    assert mail.outbox[-1].to == [user.email]
    assert "The caller is verified" in post(client, user, "code/read/", code=code)
    with time_machine.travel(NOW + 8 * MINUTE, tick=False):
        seen = clerk("Support lead", "lea@ink.example").get(page(user)).text
        assert "by code (dana@ink.example), 22 min left." in seen
        assert "Verify caller" not in seen
    with time_machine.travel(NOW + 31 * MINUTE, tick=False):
        assert "Verify caller: send a code" in client.get(page(user)).text


def test_staff_cannot_read_the_code_anywhere(world: World) -> None:
    user, client = world.plan.user, clerk()
    post(client, user, "code/")
    waiting = Message.objects.get(kind="caller_code")
    pages = [page(user), f"/admin/notifications/message/{waiting.pk}/change/", "/admin/enrollment/callercheck/"]
    pages.append(f"/admin/enrollment/callercheck/{CallerCheck.objects.get().pk}/change/")
    before = [client.get(address).text for address in pages]
    code = mailed_code()
    after = [client.get(address).text for address in pages]
    assert [address for address, text in zip(pages * 2, before + after, strict=True) if code in text] == []
    waiting.refresh_from_db()
    assert code not in f"{waiting.text} {waiting.html} {waiting.secret}"


def test_a_wrong_code_verifies_nobody_and_tries_run_out(world: World) -> None:
    user, client = world.plan.user, clerk()
    post(client, user, "code/")
    wrong = f"{(int(mailed_code()) + 1) % 10**6:06d}"
    told = [post(client, user, "code/read/", code=wrong) for _ in range(6)]
    assert "4 tries are left" in told[0]
    assert "tried five times" in told[5]
    assert callers.verified(user, NOW) is None
    assert CallerCheck.objects.get().tries == 5


def test_three_codes_an_hour(world: World) -> None:
    user, client = world.plan.user, clerk()
    told = [post(client, user, "code/") for _ in range(4)]
    assert "tried three times within the hour" in told[3]
    assert Message.objects.filter(kind="caller_code").count() == 3


def test_each_step_is_in_the_story(world: World) -> None:
    user, client = world.plan.user, clerk()
    verify(client, user)
    story = client.get(page(user), {"chip": "people"}).text
    assert "dana@ink.example sent a code to the account’s address." in story
    assert "The caller was verified by code (dana@ink.example)." in story


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ({}, True),
        ({"amount": "64.96"}, False),
        ({"amount": "6497"}, False),
        ({"number": "111111110"}, False),
        ({"number": "12"}, False),
        ({"amount": ""}, False),
    ],
)
def test_two_facts_are_compared_by_us(world: World, typed: dict[str, str], right: bool) -> None:
    user, charge = world.plan.user, charged(world)
    known = {"number": charge.order.display_number, "amount": "64.97"} | typed
    told = post(clerk(), user, "facts/", **known)
    assert ("The caller is verified" in told) is right
    assert (callers.verified(user, NOW) is not None) is right


def test_facts_of_another_customer_do_not_count(world: World) -> None:
    charged(world)
    other = paid(number=2)
    told = post(clerk(), world.plan.user, "facts/", number=other.order.number, amount="64.97")
    assert "That is not what we know. 4 tries are left." in told


def test_who_has_paid_nothing_has_no_such_facts(world: World) -> None:
    told = post(clerk(), world.plan.user, "facts/", number=Order.objects.get().number, amount="0")
    assert "not what we know" in told


@pytest.mark.parametrize("below", ["code/", "code/read/", "facts/"])
@pytest.mark.parametrize("role", ["Warehouse", "Catalogue", "Finance"])
def test_who_does_not_speak_with_customers_verifies_nobody(world: World, role: str, below: str) -> None:
    assert clerk(role).post(page(world.plan.user, below)).status_code == 403
    assert not CallerCheck.objects.exists()
