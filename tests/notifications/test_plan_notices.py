"""Mails about what its owner changed: each told once, true when it is read, and the same words as HTML."""

from collections.abc import Iterator

import pytest
import time_machine

from enrollment import lifecycle
from enrollment.models import Address, Plan, PlanEvent
from notifications.models import Message
from notifications.tasks import sweep_plan_events
from orders import wishes
from tests.factories.printers import NOW
from tests.orders.test_wishes import ELSEWHERE
from tests.orders.world import World


@pytest.fixture(autouse=True)
def _at_now() -> Iterator[None]:
    """What happens at NOW is due."""
    with time_machine.travel(NOW, tick=False):
        yield


def read() -> list[Message]:
    sweep_plan_events()
    return list(Message.objects.order_by("pk"))


def test_an_ended_plan_is_told_once(world: World) -> None:
    wishes.leave(world.plan, [], "", "", NOW)
    assert [mail.kind for mail in read()] == ["plan_cancelled"]
    PlanEvent.objects.update(due_at=NOW)
    assert len(read()) == 1


def test_with_nothing_under_way_it_says_so(world: World) -> None:
    wishes.leave(world.plan, [], "", "", NOW)
    (mail,) = read()
    assert "Nothing is under way." in mail.text
    assert "What still comes" not in mail.html
    assert "Reference: plan" in mail.html


def test_what_was_cancelled_before_is_not_told_again(world: World) -> None:
    world.order("C")
    lifecycle.cancel(world.plan, "", NOW, "customer")
    (mail,) = read()
    assert "Cancelled with the plan" not in mail.text
    assert "Cyan, $18.99: Waiting for stock" in mail.text


def test_a_printer_that_cannot_come_back_gets_no_promise(world: World) -> None:
    wishes.leave(world.plan, [], "gone", "", NOW)
    assert "Changed your mind?" not in read()[0].text


def test_a_changed_address_says_the_new_one_and_whom_to_call(world: World) -> None:
    wishes.readdress(world.plan, ELSEWHERE, NOW)
    (mail,) = read()
    assert mail.subject == "New shipping address for Front desk"
    assert "7 Oak Avenue<br" in mail.html
    assert "Was it not you? Call us at 1-800-555-0100" in mail.text


def test_a_reason_that_reads_like_our_own_note_changes_no_mail(world: World) -> None:
    lifecycle.cancel(world.plan, lifecycle.ADDRESS_CHANGED, NOW, "customer")
    assert [mail.kind for mail in read()] == ["plan_cancelled"]


def test_what_people_typed_is_text_in_both(world: World) -> None:
    Plan.objects.update(nickname="<b>Desk</b>\r\nBcc: x")
    world.plan.refresh_from_db()
    wishes.readdress(world.plan, ELSEWHERE | {"attention": "<script>"}, NOW)
    (mail,) = read()
    assert mail.subject == "New shipping address for <b>Desk</b> Bcc: x"
    assert "<script>" not in mail.html
    assert "  <script>\n" in mail.text
    assert Address.objects.filter(attention="<script>").exists()
