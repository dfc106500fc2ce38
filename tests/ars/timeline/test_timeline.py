"""One story of an order and of a supply: customers read it in plain words, staff with all that proves it."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from ars.timeline import backoffice, story
from ars.timeline.entry import Entry, told
from billing.models import Charge
from enrollment import lifecycle as plans
from enrollment.models import Plan, User
from notifications.models import Message
from orders import lifecycle
from orders.clock import Clock
from orders.models import Decision, Order, OrderEvent
from printers.models import LowSignal
from tests.factories import NOW, PlanFactory, PriceFactory, UserFactory
from tests.notifications import shop
from tests.orders.world import World, make_world
from tests.staff import with_second_factor

HOUR = timedelta(hours=1)
ORDERED, PACKED, CAME, IN = NOW + HOUR, NOW + 3 * HOUR, NOW + 50 * HOUR, NOW + 60 * HOUR
SECRET = "<b>Caller was rude</b>"  # what staff noted is not the customer's to read

# The newest first, as Ana reads it in Oregon.
JOURNEY = [
    ("Wed 25 Nov, 2:00 pm", "A new Black was put in."),
    ("Wed 25 Nov, 4:00 am", "Delivered."),
    ("Mon 23 Nov, 5:00 am", "We wrote to you: “On its way: arrives Fri 27 Nov - Thu 3 Dec”."),
    ("Mon 23 Nov, 5:00 am", "Left the warehouse. UPS, tracking number 1Z999AA10123456784."),
    ("Mon 23 Nov, 5:00 am", "Charged $22.99 to Visa 4242."),
    (
        "Mon 23 Nov, 5:00 am",
        "When we ordered it, we wrote $24.99. You pay $2.00 less than we wrote: the price fell before shipping.",
    ),
    ("Mon 23 Nov, 5:00 am", "Packed."),
    ("Mon 23 Nov, 3:00 am", "We wrote to you: “Ordered: Black for Front desk, $24.99”."),
    ("Mon 23 Nov, 3:00 am", "In stock, and on the warehouse's list."),
    ("Mon 23 Nov, 3:00 am", "We wrote $24.99. You never pay more than that."),
    ("Mon 23 Nov, 3:00 am", "Ordered."),
    (
        "Mon 23 Nov, 3:00 am",
        "Black was at 9\u00a0%, below this printer's mark of 15\u00a0%. We ordered one on Mon 23 Nov.",
    ),
    ("Mon 23 Nov, 2:00 am", "Black is low. The plan is paused, so nothing was ordered."),
    ("Mon 23 Nov, 2:00 am", "Your printer reported Black low, at 9\u00a0%."),
]


@pytest.fixture
def world(db: None) -> Iterator[World]:
    with time_machine.travel(IN, tick=False):
        made = make_world(nickname="Front desk", user__email="ana@example.com")
        Plan.objects.update(created_at=NOW - 100 * HOUR)
        made.plan.refresh_from_db()
        made.stock("PGBK", 10)
        yield made


@pytest.fixture
def order(world: World) -> Order:
    """Low while the plan was paused; resumed and ordered; cheaper when packed; delivered and put in; a staff note."""
    plans.pause(world.plan, None, NOW)
    world.low()
    world.decide()
    plans.resume(world.plan, ORDERED)
    (order,) = world.decide(60)
    shop.read_steps(ORDERED)
    PriceFactory.create(sku=world.sku(), amount_cents=2299, valid_from=NOW + 2 * HOUR)
    shop.ship(world, order, PACKED)
    Charge.objects.update(created_at=PACKED, settled_at=PACKED, payment_intent_id="pi_1")
    shop.read_steps(PACKED)
    order.refresh_from_db()
    lifecycle.note(order, SECRET, PACKED + HOUR, "boss@example.com")
    lifecycle.deliver(order, CAME, CAME, "UPS")
    LowSignal.objects.update(closed_at=IN, closed_cause="replaced")
    Message.objects.update(sent_at=PACKED, due_at=None)
    return order


def own(plan: Plan) -> Client:
    client = Client()
    client.force_login(plan.user)
    return client


def staff(role: str = "") -> User:
    user = UserFactory.create(is_staff=True, is_superuser=not role)
    if role:
        user.groups.add(Group.objects.get(name=role))
    return with_second_factor(user)


def read(entries: list[Entry]) -> list[tuple[str, str]]:
    return [(entry.when, entry.text) for entry in entries]


def listed(html: str) -> list[tuple[str, str]]:
    """The entries of a page's timeline: when, and what."""
    found = re.findall(r"<time[^>]*>(.*?)</time>\s*<p>(.*?)(?: <a.*?)?</p>", html, re.DOTALL)
    return [(when, unescape(strip_tags(text)).strip()) for when, text in found]


def why(world: World) -> str:
    return reverse("cartridge_why", args=[world.plan.pk, world.plan.model.slots.get(code="PGBK").pk])


def test_an_order_tells_the_whole_way_from_the_signal_to_the_printer(world: World, order: Order) -> None:
    html = own(world.plan).get(f"/account/orders/{order.number}/").content.decode()
    assert listed(html[html.index('aria-labelledby="history"') :]) == JOURNEY
    assert 'datetime="2026-11-23T10:00:00+00:00"' in html


def test_a_supply_tells_the_same_with_a_way_to_its_order(world: World, order: Order) -> None:
    html = own(world.plan).get(why(world)).content.decode()
    assert listed(html) == JOURNEY
    assert f'<a href="/account/orders/{order}/">Order {order}' in html
    assert '<h1 id="why">' in html
    assert 'reversed\n    aria-labelledby="why"' in html


def test_the_plans_page_leads_to_it(world: World) -> None:
    world.low()
    world.decide()
    page = own(world.plan).get(f"/account/replenishment/{world.plan.pk}/").content.decode()
    assert f'<a href="{why(world)}">Why?<span class="vh"> Black</span></a>' in page


def test_staff_read_every_sentence_of_the_customer_and_more(world: World, order: Order) -> None:
    full = backoffice.of_order(order.pk, staff(), IN)
    assert [(entry.when, entry.text) for entry in full if entry.text] == JOURNEY
    silent = {re.sub(r"[\d-]+", "#", entry.ref) for entry in full if not entry.text}
    assert silent == {"step #", "line #", "dispatch #", "stock movement #"}
    need = order.lines.get().replenishment
    assert need is not None
    assert {entry.ref for entry in backoffice.of_need(need.pk, staff(), IN)} == {entry.ref for entry in full}


def test_staff_read_the_evidence(world: World, order: Order) -> None:
    full = {entry.ref: dict(entry.details) for entry in backoffice.of_order(order.pk, staff(), IN)}
    decision = Decision.objects.get(kind="ordered")
    evidence = full[f"decision {decision.pk}"]
    assert (evidence["level"], evidence["threshold"], evidence["orders"]) == ("9", "15", str(order))
    assert evidence["reason"] == decision.reason
    charge = full[f"charge {Charge.objects.get().pk}"]
    assert (charge["payment intent id"], charge["amount cents"]) == ("pi_1", "2299")
    noted = OrderEvent.objects.get(note=SECRET)
    assert (full[f"step {noted.pk}"]["note"], full[f"step {noted.pk}"]["by"]) == (SECRET, "boss@example.com")


@pytest.mark.parametrize("page", ["order", "supply"])
def test_customers_read_no_word_of_staffs(world: World, order: Order, page: str) -> None:
    address = why(world) if page == "supply" else f"/account/orders/{order.number}/"
    said = unescape(own(world.plan).get(address).content.decode())
    theirs = ("rude", "boss@example.com", "pi_1", "threshold", "Stripe", world.partner.name, f"D-{order.number}")
    assert [word for word in theirs if word in said] == []


def test_what_came_before_the_plan_is_for_staff_alone(world: World) -> None:
    Plan.objects.update(status="pending")
    world.low()
    world.decide()
    Plan.objects.update(status="active", created_at=NOW + HOUR)
    world.plan.refresh_from_db()
    world.decide(61)
    entries = story.of_needs(world.plan, [world.need()], Clock(IN, "OR"))
    texts = [entry.text for entry in told(entries)]
    assert not any("the plan is not active" in text for text in texts)
    assert any(dict(entry.details).get("decision") == "not_enrolled" for entry in entries)


def test_the_same_decision_again_is_told_once_and_shown_to_staff_each_time(world: World) -> None:
    world.low()
    world.decide()
    latest = Decision.objects.get()
    for hours in (1, 2):
        Decision.objects.create(
            signal=latest.signal,
            replenishment=latest.replenishment,
            kind="paused",
            reason="r",
            evidence={},
            at=NOW + hours * HOUR,
        )
    client, boss = told(story.of_needs(world.plan, [world.need()], Clock(IN, "OR"))), staff()
    paused = [entry for entry in client if "paused" in entry.text]
    assert [(entry.when, entry.note) for entry in paused] == [("Mon 23 Nov, 3:00 am", "Checked 1 time since.")]
    assert sum(entry.kind == "decision" for entry in backoffice.of_need(world.need().pk, boss, IN)) == 3


def test_a_refused_card_is_told_by_the_banks_answer(world: World) -> None:
    order = world.order()
    shop.decline(world, order, "stolen_card")
    html = own(world.plan).get(f"/account/orders/{order.number}/").content.decode()
    texts = [text for _, text in listed(html)]
    assert "The bank refused Visa 4242. Nothing was charged." in texts
    assert "The card could not be charged." not in texts
    assert "stolen_card" not in html


def test_a_mail_that_could_not_be_sent_is_told(world: World) -> None:
    order = world.order()
    shop.read_steps()
    Message.objects.update(due_at=None, last_error="SMTPRecipientsRefused: no such user")
    html = own(world.plan).get(f"/account/orders/{order.number}/").content.decode()
    assert "We could not reach you by mail: “Ordered: Black for Front desk, $24.99”." in html
    assert "SMTP" not in html


# The back office


def page(user: User, name: str, pk: int) -> str:
    client = Client()
    client.force_login(user)
    answer = client.get(reverse(f"admin:orders_{name}_change", args=[pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_back_office_says_what_to_say_and_escapes_it(world: World, order: Order) -> None:
    need = order.lines.get().replenishment
    assert need is not None
    for name, pk in (("order", order.pk), ("replenishment", need.pk)):
        html = page(staff(), name, pk)
        for _, text in JOURNEY:
            assert f"Say: {text}" in unescape(html)
        assert "&lt;b&gt;Caller was rude&lt;/b&gt;" in html
        assert "<b>Caller" not in html


@pytest.mark.parametrize(
    ("role", "kinds"),
    [
        ("Support", {"signal", "decision", "order", "price", "stock", "charge", "parcel", "mail"}),
        ("Warehouse", {"order", "price", "stock", "parcel"}),
        ("Finance", {"order", "price", "stock", "charge", "parcel"}),
    ],
)
def test_a_role_reads_what_it_may_see(world: World, order: Order, role: str, kinds: set[str]) -> None:
    assert {entry.kind for entry in backoffice.of_order(order.pk, staff(role), IN)} == kinds
    assert ("pi_1" in page(staff(role), "order", order.pk)) == ("charge" in kinds)


# Access


def test_anybody_elses_supply_is_not_there(world: World, order: Order) -> None:
    assert own(PlanFactory.create()).get(why(world)).status_code == 404
    assert Client().get(why(world))["Location"].startswith("/accounts/login/")
    other = PlanFactory.create(user=world.plan.user)
    foreign = reverse("cartridge_why", args=[other.pk, world.plan.model.slots.get(code="PGBK").pk])
    assert own(other).get(foreign).status_code == 404


def test_a_former_owners_story_stays_theirs(world: World, order: Order) -> None:
    Plan.objects.filter(pk=world.plan.pk).update(status="cancelled", ended_at=IN)
    next_one = PlanFactory.create(model=world.plan.model, printer=world.plan.printer)
    slot = world.plan.model.slots.get(code="PGBK")
    said = own(next_one).get(reverse("cartridge_why", args=[next_one.pk, slot.pk])).content.decode()
    assert listed(said) == []
    assert "Nothing yet: since you have this plan, it was not low." in said
    assert listed(own(world.plan).get(why(world)).content.decode()) == JOURNEY


def test_no_story_asks_more_the_longer_it_is(world: World, django_assert_max_num_queries: Any) -> None:
    def grow(at: datetime) -> None:
        minute = (at - NOW) / timedelta(minutes=1)
        world.low(minute=minute)
        (order,) = world.decide(minute)
        shop.ship(world, order, at)
        LowSignal.objects.filter(closed_at=None).update(closed_at=at, closed_cause="replaced")
        world.decide(minute)

    for number in range(5):
        grow(NOW + number * HOUR)
    client = own(world.plan)
    with django_assert_max_num_queries(12):
        assert len(listed(client.get(why(world)).content.decode())) > 30
