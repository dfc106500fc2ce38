"""The pages behind links of mails: GET shows, POST acts once, and every state meanwhile is told truly."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from billing.models import Charge
from enrollment import lifecycle as plans
from enrollment import links
from enrollment.models import Plan
from notifications import mail_links
from notifications.models import Message
from orders import lifecycle
from orders.models import Order, Replenishment
from printers import facts
from tests.factories import NOW
from tests.notifications import shop
from tests.orders.world import World, make_world

LONG_AFTER = NOW + links.GOOD_FOR + timedelta(days=1)
PURPOSES = (mail_links.ORDER, mail_links.CANCEL, mail_links.WAITING, mail_links.ASKED)


@pytest.fixture
def world(db: None) -> Iterator[World]:
    """Ten blacks in stock, no cyan."""
    with time_machine.travel(NOW, tick=False):
        made = make_world(nickname="Front desk", user__email="ana@example.com")
        made.stock("PGBK", 10)
        yield made


def ask(world: World) -> Replenishment:
    """Black is low, and the plan asks first."""
    Plan.objects.update(when_low=Plan.WhenLow.ASK)
    world.low()
    world.decide()
    return world.need()


@pytest.fixture
def asked(world: World) -> Replenishment:
    return ask(world)


def link_of(world: World, purpose: str) -> str:
    """A link of this purpose to something that can be answered."""
    return path(purpose, ask(world) if purpose == mail_links.ASKED else world.order("C"))


def path(purpose: str, thing: Order | Replenishment) -> str:
    return "/" + mail_links.link(purpose, thing.pk).split("/", 3)[3]


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def press(client: Client, address: str, answer: str = "") -> str:
    """Press a button; the page that comes next."""
    sent_on = client.post(address, {"answer": answer})
    assert (sent_on.status_code, sent_on["Location"]) == (302, address)
    return page(client, address)


def status(order: Order) -> str:
    order.refresh_from_db()
    return order.status


# Every link


@pytest.mark.parametrize("purpose", PURPOSES)
def test_looking_changes_nothing(client: Client, world: World, purpose: str) -> None:
    link = link_of(world, purpose)
    before = (list(Order.objects.values()), list(Replenishment.objects.values()), list(Plan.objects.values()))
    for look in (client.get, client.head, client.get):
        assert look(link).status_code == 200
    after = (list(Order.objects.values()), list(Replenishment.objects.values()), list(Plan.objects.values()))
    assert after == before


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_page_tells_nobody_an_address_or_a_name(client: Client, world: World, purpose: str) -> None:
    said = page(client, link_of(world, purpose))
    for private in ("ana@example.com", "Ana Ruiz", "Elm Street", "97201", "Visa"):
        assert private not in said


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_forged_link_leads_nowhere(client: Client, world: World, purpose: str) -> None:
    for signed in ("forged", "1", links.sign("mail-other", 1), links.sign("welcome", 1)):
        for method in ("GET", "POST"):
            assert client.generic(method, f"/mail/{purpose}/{signed}/").status_code == 404


def test_a_link_opens_no_other_page(client: Client, world: World) -> None:
    order = world.order("C")
    signed = path(mail_links.ORDER, order).split("/")[-2]
    assert client.post(f"/mail/cancel/{signed}/").status_code == 404
    assert status(order) == "backordered"


def test_what_is_gone_is_not_found(client: Client, world: World) -> None:
    for purpose in PURPOSES:
        assert client.get("/" + mail_links.link(purpose, 987654).split("/", 3)[3]).status_code == 404


def test_without_the_token_of_a_form_nothing_happens(world: World) -> None:
    order = world.order("C")
    assert Client(enforce_csrf_checks=True).post(path(mail_links.CANCEL, order)).status_code == 403
    assert status(order) == "backordered"


# The order


def test_not_even_the_card_is_named(client: Client, world: World) -> None:
    order = world.order("PGBK")
    shop.charge(order, shop.pack(world, order), Charge.Status.PAID)
    for purpose in (mail_links.ORDER, mail_links.CANCEL, mail_links.WAITING):
        said = page(client, path(purpose, order))
        assert "We are charging your card." in said
        assert "4242" not in said


def test_an_order_shows_how_it_stands(client: Client, world: World) -> None:
    order = world.order("PGBK")
    link = path(mail_links.ORDER, order)
    assert "Getting ready" in page(client, link)
    shop.ship(world, order)
    said = page(client, link)
    assert "Arrives Fri 27 Nov - Thu 3 Dec" in said
    assert "https://www.ups.com/track?tracknum=1Z999AA10123456784" in said
    assert f"/account/orders/{order.display_number}/" in said


def test_an_order_is_cancelled_once(client: Client, world: World) -> None:
    order = world.order("PGBK")
    link = path(mail_links.CANCEL, order)
    assert "You can cancel it until it is packed" in page(client, link)
    for _ in range(2):
        said = press(client, link)
        assert "Cancelled on Mon 23 Nov. Nothing was charged." in said
        assert "<button" not in said.partition("<main")[2]
    assert order.events.filter(status="cancelled").count() == 1
    assert world.on_hand() == (10, 0)


def test_too_late_it_says_why_and_what_to_do(client: Client, world: World) -> None:
    order = world.order("PGBK")
    shop.pack(world, order)
    said = press(client, path(mail_links.CANCEL, order))
    assert "so it cannot be stopped. You can send it back when it comes" in said
    assert status(order) == "packed"


def test_packed_between_look_and_press_it_is_not_cancelled(
    client: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = world.order("PGBK")
    cancel = lifecycle.cancel

    def packed_first(*args: object, **kwargs: object) -> None:
        shop.pack(world, Order.objects.get())
        cancel(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(lifecycle, "cancel", packed_first)
    assert "so it cannot be stopped" in press(client, path(mail_links.CANCEL, order))
    assert status(order) == "packed"


# Out of stock


def test_keep_waiting_holds_once_and_may_be_changed(client: Client, world: World) -> None:
    order = world.order("C")
    link = path(mail_links.WAITING, order)
    assert "You asked us on Mon 23 Nov to keep it." in press(client, link, "keep")
    order.refresh_from_db()
    first = order.kept_waiting_at
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        press(client, link, "keep")
    order.refresh_from_db()
    assert (order.kept_waiting_at, order.status) == (first, "backordered")
    assert "Nothing was charged." in press(client, link, "cancel")
    assert status(order) == "cancelled"


def test_keep_waiting_and_cancel_are_equals(client: Client, world: World) -> None:
    main = page(client, path(mail_links.WAITING, world.order("C"))).partition("<main")[2]
    assert main.count('class="outline"') == 2


@pytest.mark.parametrize("answer", ["keep", "cancel", "", "nonsense"])
def test_what_came_meanwhile_is_neither_kept_nor_cancelled(client: Client, world: World, answer: str) -> None:
    order = world.order("C")
    world.stock("C", 5)
    assert "It is in stock" in press(client, path(mail_links.WAITING, order), answer)
    order.refresh_from_db()
    assert (order.status, order.kept_waiting_at) == ("released", None)


# Shall we order?


def test_yes_orders_once(client: Client, world: World, asked: Replenishment) -> None:
    link = path(mail_links.ASKED, asked)
    said = page(client, link)
    assert "Shall we order Black for Front desk?" in said
    assert "We would send one Black XL: $24.99 today, charged when it ships." in said
    for _ in range(2):
        assert "You said yes. We order it now, and write when it is done." in press(client, link, "yes")
    (order,) = world.decide(minute=1)
    assert f"We ordered it: order {order.display_number}." in press(client, link, "no")
    assert world.decide(minute=2) == []
    assert Order.objects.get().status == "released"


def test_not_this_one_holds_until_it_is_replaced(client: Client, world: World, asked: Replenishment) -> None:
    link = path(mail_links.ASKED, asked)
    for answer in ("no", "no", "yes"):
        assert "so nothing was ordered" in press(client, link, answer) or "asked us to skip one" in page(client, link)
    assert world.decide(minute=1) == []
    assert [decision.kind for decision in asked.decisions.all()] == ["asking", "skipped"]
    assert world.told() == "none"


def test_replaced_meanwhile_it_says_so(client: Client, asked: Replenishment) -> None:
    Replenishment.objects.update(closed_at=NOW, closed_cause="replaced", due_at=None)
    said = press(client, path(mail_links.ASKED, asked), "yes")
    assert "Black was replaced meanwhile, so nothing needs to be ordered." in said
    assert not Replenishment.objects.exclude(wanted_at=None).exists()


def test_an_ended_plan_orders_nothing(client: Client, world: World, asked: Replenishment) -> None:
    plans.cancel(world.plan, "", NOW, "customer")
    for answer in ("yes", "no"):
        said = press(client, path(mail_links.ASKED, asked), answer)
        assert "The plan for Front desk has ended, so nothing is ordered." in said
    world.decide(minute=1)
    assert not Order.objects.exists()


# Old links


@pytest.mark.parametrize("purpose", [mail_links.ORDER, mail_links.CANCEL])
def test_an_old_link_says_how_to_go_on(client: Client, world: World, purpose: str) -> None:
    order = world.order("PGBK")
    link = path(purpose, order)
    with time_machine.travel(LONG_AFTER, tick=False):
        answers = [client.get(link), client.post(link)]
    assert [answer.status_code for answer in answers] == [410, 410]
    assert "This link has run out" in answers[0].content.decode()
    assert "/accounts/login/" in answers[0].content.decode()
    assert status(order) == "released"
    assert not Message.objects.exists()


@pytest.mark.parametrize("purpose", [mail_links.WAITING, mail_links.ASKED])
def test_an_old_question_is_mailed_anew_once_a_day(client: Client, world: World, purpose: str) -> None:
    link = link_of(world, purpose)
    with time_machine.travel(LONG_AFTER, tick=False):
        assert client.head(link).status_code == 410
        assert "Mail me a new link" in client.get(link).content.decode()
        assert not Message.objects.exists()
        for _ in range(2):
            assert client.post(link)["Location"] == link
        assert "We sent a new one to a...@example.com today." in client.get(link).content.decode()
        mail = Message.objects.get()
        fresh = next(word for word in mail.text.split() if f"/mail/{purpose}/" in word)
        assert client.get(fresh).status_code == 200
    assert (mail.kind, mail.to) == ({"waiting": "backordered", "asked": "asking"}[purpose], "ana@example.com")
    with time_machine.travel(LONG_AFTER + timedelta(days=1), tick=False):
        client.post(link)
    assert Message.objects.count() == 2


def test_an_old_question_that_was_answered_is_not_mailed(client: Client, world: World) -> None:
    order = world.order("C")
    link = path(mail_links.WAITING, order)
    lifecycle.cancel(order, NOW, "support", "Called.", by_customer=True)
    with time_machine.travel(LONG_AFTER, tick=False):
        assert client.post(link).status_code == 410
    assert not Message.objects.exists()


def test_the_mail_again_does_not_stand_in_the_way_of_the_first(client: Client, world: World) -> None:
    link = path(mail_links.WAITING, world.order("C"))
    with time_machine.travel(LONG_AFTER, tick=False):
        client.post(link)
    assert [mail.kind for mail in shop.read_steps()] == ["backordered", "backordered"]
    assert facts.claim(Message, now=LONG_AFTER, lease=timedelta(minutes=1), limit=9)
