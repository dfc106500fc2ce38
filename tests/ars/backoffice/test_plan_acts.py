"""A plan changed by phone: disconnected, paused, resumed, ended; shown first, done once, told by mail, by name."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from enrollment.models import Change, Note, PlanEvent
from notifications.models import Message
from notifications.tasks import sweep_plan_events
from orders.models import Order
from orders.tasks import act_on_plans
from printers.models import DeviceToken
from tests.ars.calling import calling_world, clerk, page, verify
from tests.factories import NOW, DeviceTokenFactory, PlanFactory, UserFactory
from tests.orders.world import World

__all__ = ["calling_world"]
pytestmark = pytest.mark.django_db
ACTS = ("disconnect", "pause", "resume", "end")


@pytest.fixture
def known(world: World) -> Client:
    """Of support, and Ana is on the phone; her printer is connected."""
    DeviceTokenFactory.create(printer=world.plan.printer)
    client = clerk()
    verify(client, world.plan.user)
    return client


def address(world: World, act: str) -> str:
    return page(world.plan.user, f"plans/{world.plan.pk}/{act}/")


def typed(**chosen: object) -> dict[str, object]:
    return {"why": "Asked on the phone.", "key": str(uuid4()), **chosen}


def read(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text.partition('class="desk"')[2]).split())


def said(answer: Any) -> str:
    """What was said last."""
    return str(list(get_messages(answer.wsgi_request))[-1])


def do(client: Client, world: World, act: str, **chosen: object) -> list[str]:
    """Twice, as two clicks do; what is said."""
    form = typed(**chosen) | {"act": ""}
    answers = [client.post(address(world, act), form) for _ in range(2)]
    world.plan.refresh_from_db()
    return [said(answer) for answer in answers]


def mails() -> list[Message]:
    Message.objects.all().delete()
    sweep_plan_events()
    return list(Message.objects.order_by("pk"))


def test_a_printer_is_disconnected_and_the_plan_stays(world: World, known: Client) -> None:
    order = Order.objects.get()
    shown = read(known.get(address(world, "disconnect")))
    assert "can tell us its ink no more" in shown
    assert f"Order {order.display_number} (getting ready) comes all the same." in shown
    assert "No mail goes out" in shown
    assert DeviceToken.objects.get().revoked_at is None
    assert do(known, world, "disconnect") == ["Front desk is disconnected.", "That was done before."]
    token = DeviceToken.objects.get()
    assert (token.revoked_at, token.revoked_cause) == (NOW, "disconnected by staff for its owner")
    assert world.plan.status == "active"
    assert mails() == []
    assert Change.objects.filter(model="printers.devicetoken", who="dana@ink.example").exists()
    assert "is not connected" in read(known.get(address(world, "disconnect")))


def test_a_printer_that_is_somebody_elses_by_now_stays_theirs(world: World, known: Client) -> None:
    world.plan.status, world.plan.ended_at = "cancelled", NOW
    world.plan.save()
    PlanFactory.create(printer=world.plan.printer, model=world.plan.model)
    sentence = "This printer is connected to another account by now."
    assert sentence in read(known.get(address(world, "disconnect")))
    assert do(known, world, "disconnect")[0] == sentence
    owner = Client()
    owner.force_login(world.plan.user)
    answer = owner.post(f"/account/replenishment/{world.plan.pk}/disconnect/")
    assert [str(each) for each in get_messages(answer.wsgi_request)] == [sentence]
    assert DeviceToken.objects.get().revoked_at is None


def test_a_plan_is_paused_until_a_day_and_told(world: World, known: Client) -> None:
    until = {"until": "2026-12-24"}
    assert "What will happen" not in read(known.get(address(world, "pause")))
    shown = read(known.post(address(world, "pause"), typed(**until)))
    assert "Nothing is ordered for Front desk until Thu 24 Dec" in shown
    assert "Paused until Thu 24 Dec: plan for Front desk" in shown
    assert "Pause until Thu 24 Dec, and mail them" in shown
    world.plan.refresh_from_db()
    assert (world.plan.paused_at, PlanEvent.objects.filter(note__startswith="Nothing is").count()) == (None, 0)
    assert do(known, world, "pause", **until) == ["Front desk is paused.", "That was done before."]
    assert world.plan.paused_at == NOW
    assert [(mail.kind, "until Thu 24 Dec" in mail.text) for mail in mails()] == [("plan_paused", True)]
    assert [event.by for event in PlanEvent.objects.filter(note__startswith="Nothing is")] == ["dana@ink.example"]
    assert do(known, world, "pause", **until)[0] == "Front desk was paused so before."
    assert mails() == []


def test_a_pause_ends_and_is_told(world: World, known: Client) -> None:
    assert "Front desk is not paused." in read(known.get(address(world, "resume")))
    do(known, world, "pause", until="")
    shown = read(known.get(address(world, "resume")))
    assert "is ordered at once" in shown
    assert "It goes on: plan for Front desk" in shown
    assert do(known, world, "resume") == ["It goes on. What is low is ordered now.", "That was done before."]
    assert world.plan.paused_at is None
    assert ["It goes on" in mail.subject for mail in mails()] == [True]  # the pause was taken back before it was told


@pytest.mark.parametrize("typed_day", ["2026-01-01", "2036-01-01", "soon"])
def test_a_wrong_day_comes_back(world: World, known: Client, typed_day: str) -> None:
    shown = known.post(address(world, "pause"), typed(until=typed_day) | {"act": ""})
    assert shown.status_code == 200
    world.plan.refresh_from_db()
    assert world.plan.paused_at is None


def test_a_plan_is_ended_with_what_waits_and_what_is_ready_comes(world: World, known: Client) -> None:
    ready, waiting = Order.objects.get(), world.order("C")
    act_on_plans([world.plan.pk], NOW)
    shown = read(known.post(address(world, "end"), typed(reason="gone")))
    for sentence in (
        f"Order {waiting.display_number} is cancelled; nothing was charged for it.",
        f"Order {ready.display_number} (getting ready) comes all the same.",
        "The printer is disconnected, free for its next owner.",
        "Cancelled: plan for Front desk",
        f"({waiting.display_number})",
    ):
        assert sentence in shown, sentence
    world.plan.refresh_from_db()
    assert (world.plan.status, Order.objects.get(pk=waiting.pk).status) == ("active", "backordered")
    assert DeviceToken.objects.get().revoked_at is None
    told = do(known, world, "end", reason="gone")
    assert told == ["The plan for Front desk has ended.", "That was done before."]
    assert (world.plan.status, Order.objects.get(pk=waiting.pk).status) == ("cancelled", "cancelled")
    assert Order.objects.get(pk=ready.pk).status == "released"
    act_on_plans([world.plan.pk], NOW)
    assert Order.objects.get(pk=ready.pk).status == "released"
    (mail,) = mails()
    assert mail.kind == "plan_cancelled"
    assert " ".join(mail.text.split())[:200] in shown
    last = world.plan.events.get(status="cancelled")
    assert (last.by, last.note) == ("dana@ink.example", "gone")
    assert DeviceToken.objects.get().revoked_cause == "plan_ended"
    assert "This plan has ended already." in read(known.post(address(world, "end"), typed(reason="gone")))
    assert do(known, world, "end", reason="gone")[0] == "It had ended before."


def test_the_rule_says_no_after_the_end(world: World, known: Client) -> None:
    world.plan.status, world.plan.ended_at = "cancelled", NOW
    world.plan.save()
    assert "cannot be changed" in read(known.post(address(world, "pause"), typed(until="")))
    before = Note.objects.count()
    assert "cannot be changed" in do(known, world, "pause", until="")[0]
    assert Note.objects.count() == before


@pytest.mark.parametrize("act", ACTS)
def test_for_an_unknown_caller_nothing_changes(world: World, act: str) -> None:
    DeviceTokenFactory.create(printer=world.plan.printer)
    client, chosen = clerk(), typed(until="", reason="unsaid")
    assert "Verify the caller first" in client.get(address(world, act)).text
    assert "Verify the caller first" in client.post(address(world, act), chosen | {"act": ""}).text
    world.plan.refresh_from_db()
    assert (world.plan.status, world.plan.paused_at) == ("active", None)
    assert DeviceToken.objects.get().revoked_at is None


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("role", ["Warehouse", "Catalogue", "Finance"])
def test_others_may_not_and_no_plan_of_another_is_found(world: World, act: str, role: str) -> None:
    assert clerk(role, "w@ink.example").post(address(world, act), {}).status_code == 403
    other = UserFactory.create()
    assert clerk().get(page(other, f"plans/{world.plan.pk}/{act}/")).status_code == 404


def test_the_customers_page_leads_to_what_may_be_done(world: World, known: Client) -> None:
    shown = known.get(page(world.plan.user)).text
    assert [address(world, act) in shown for act in ACTS] == [True, True, False, True]
    do(known, world, "pause", until="")
    shown = known.get(page(world.plan.user)).text
    assert [address(world, act) in shown for act in ACTS] == [True, False, True, True]
