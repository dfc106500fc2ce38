"""Shall we order? asked at once and on days 2 and 5; ink that is not recognised, told once."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.utils import translation

from enrollment import lifecycle as plans
from enrollment.models import Plan
from notifications.models import Message
from notifications.tasks import sweep_decisions
from orders import replenishment
from orders.models import Decision, Replenishment
from tests.factories.orders import TaxRateFactory
from tests.factories.printers import NOW
from tests.notifications import shop
from tests.orders.world import World

DAY = timedelta(days=1)


def read(now: datetime = NOW) -> list[Message]:
    """Read every decision that is due, as the worker does; all mails there are then."""
    with time_machine.travel(now, tick=False):
        sweep_decisions()
    return list(Message.objects.order_by("pk"))


@pytest.fixture
def asking(world: World) -> Replenishment:
    """Black is low, and the plan asks first."""
    Plan.objects.update(when_low=Plan.WhenLow.ASK)
    world.low()
    assert world.decide() == []
    return world.need()


def test_the_question_says_why_what_and_what_it_costs(asking: Replenishment) -> None:
    (mail,) = read()
    assert (mail.kind, mail.to, mail.subject) == ("asking", "ana@example.com", "Shall we order Black for Front desk?")
    assert mail.text.startswith(
        "Black was at 9\N{NO-BREAK SPACE}%, below this printer's mark of 15\N{NO-BREAK SPACE}%. You asked us to ask "
        "first, so nothing is ordered yet. We would send one Black XL: $24.99 today, charged when it ships.\n"
    )
    assert "Answer yes or no:\nhttps://ink.example/mail/asked/.../" in shop.without_signatures(mail.text)
    assert "We ask again on Wed 25 Nov." in mail.text


def test_tax_that_comes_on_top_is_said(world: World) -> None:
    TaxRateFactory.create()
    Plan.objects.update(when_low=Plan.WhenLow.ASK)
    world.low()
    world.decide()
    (mail,) = read()
    assert "We would send one Black XL: $24.99 today plus tax, charged when it ships." in mail.text


def test_it_is_asked_again_on_days_two_and_five_and_then_no_more(asking: Replenishment) -> None:
    counts = [len(read(NOW + days * DAY)) for days in (0, 1, 2, 3, 4, 5, 6, 30)]
    assert counts == [1, 1, 2, 2, 2, 3, 3, 3]
    assert "We do not ask about this one again." in read()[-1].text
    assert not Decision.objects.filter(due_at__isnull=False).exists()


def test_a_worker_that_was_down_asks_once_not_thrice(asking: Replenishment) -> None:
    assert len(read(NOW + 3 * DAY)) == 1
    assert len(read(NOW + 5 * DAY)) == 2


def test_read_twice_it_is_one_mail(asking: Replenishment) -> None:
    read()
    Decision.objects.update(due_at=NOW)
    assert len(read()) == 1


def test_answered_it_is_not_asked_again(world: World, asking: Replenishment) -> None:
    read()
    assert replenishment.order_now(world.plan, asking.slot_id, NOW)
    world.decide(minute=1)
    assert [mail.kind for mail in read(NOW + 2 * DAY)] == ["asking"]


def test_declined_it_is_not_asked_again(asking: Replenishment) -> None:
    read()
    assert replenishment.decline(asking, NOW)
    assert len(read(NOW + 2 * DAY)) == 1


def test_a_plan_that_ended_asks_nothing(world: World, asking: Replenishment) -> None:
    plans.cancel(world.plan, "", NOW, "customer")
    assert read() == []
    assert not Decision.objects.filter(due_at__isnull=False).exists()


def test_asked_anew_after_a_pause_it_is_the_new_question_alone(world: World, asking: Replenishment) -> None:
    read()
    plans.pause(world.plan, None, NOW)
    world.decide(minute=1)
    plans.resume(world.plan, NOW)
    world.decide(minute=2)
    assert len(read(NOW + DAY)) == 2
    assert [len(read(NOW + days * DAY)) for days in (2, 2.1, 5.1)] == [2, 3, 4]


def test_a_cartridge_that_is_not_recognised_is_told_once(world: World) -> None:
    world.low()
    world.say(genuine=False)
    world.decide()
    (mail,) = read()
    assert mail.subject == "Not reordered: Front desk does not recognise its Black"
    assert "You may use any ink you like" in mail.text
    plans.pause(world.plan, None, NOW)
    world.say(genuine=True)
    world.decide(minute=1)
    world.say(genuine=False)
    plans.resume(world.plan, NOW)
    world.decide(minute=2)
    assert world.need().decision == "not_genuine"
    assert len(read(NOW + DAY)) == 1


def test_an_order_makes_no_mail_of_its_decision(world: World) -> None:
    world.order("PGBK")
    assert read() == []


@pytest.mark.parametrize("language", ["de", "fr"])
def test_the_thread_that_writes_it_does_not_choose_the_language(asking: Replenishment, language: str) -> None:
    with translation.override(language):
        (mail,) = read()
    assert "We ask again on Wed 25 Nov." in mail.text
    assert '<html lang="en"' in mail.html
