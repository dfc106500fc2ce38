"""Mails that time alone makes: when each is due, that it is told once, and what keeps it back."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from billing.models import Card, PlanCard
from enrollment.models import Plan
from notifications.models import Message
from notifications.reminders import remind
from printers.models import Printer
from tests.factories import NOW, DeviceTokenFactory, PlanFactory, PriceFactory, ReadingFactory
from tests.orders.world import World

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def made(now: datetime = NOW) -> list[Message]:
    """What the sweep keeps at `now`."""
    known = set(Message.objects.values_list("pk", flat=True))
    count = remind(now)
    new = list(Message.objects.exclude(pk__in=known).order_by("pk"))
    assert count == len(new)
    return new


def printer(world: World, **told: Any) -> Printer:
    """A connected printer that last said these things."""
    assert world.plan.printer is not None
    DeviceTokenFactory.create(printer=world.plan.printer)
    Printer.objects.filter(pk=world.plan.printer.pk).update(created_at=NOW, **told)
    return world.plan.printer


# Silence


def test_never_heard_is_told_after_a_day(world: World) -> None:
    printer(world)
    assert made(NOW + DAY) == []
    (mail,) = made(NOW + DAY + HOUR)
    assert mail.subject == "Front desk is connected, but has not told us its ink yet"
    assert mail.text.startswith("You connected Front desk on Mon 23 Nov, and it has not sent a reading yet.")


def test_a_helper_that_stopped_is_told_after_a_week_with_the_one_thing_to_do(world: World) -> None:
    printer(world, seen_at=NOW)
    assert made(NOW + 7 * DAY - HOUR) == []
    (mail,) = made(NOW + 7 * DAY + HOUR)
    assert mail.subject == "Nothing heard of Front desk since Mon 23 Nov"
    assert "turn on the computer with the helper" in mail.text


def test_a_helper_that_lives_and_then_stops_is_missed_from_then_on(world: World) -> None:
    printer(world, seen_at=NOW, heartbeat_at=NOW + 5 * DAY, unreachable_reason="asleep")
    assert made(NOW + 11 * DAY) == []
    assert len(made(NOW + 12 * DAY + HOUR)) == 1


def test_a_printer_that_is_off_is_told_after_two_weeks(world: World) -> None:
    heard = printer(world, seen_at=NOW, unreachable_reason="no_answer")
    for days, expected in ((8, 0), (13.9, 0), (14.1, 1)):
        Printer.objects.filter(pk=heard.pk).update(heartbeat_at=NOW + days * DAY - HOUR)
        assert len(made(NOW + days * DAY)) == expected, days
    assert "Switched off is fine" in Message.objects.get().text


def test_one_used_now_and_then_is_not_missed_so_soon(world: World) -> None:
    off = printer(world, seen_at=NOW, unreachable_reason="asleep")
    slot = world.plan.model.slots.get(code="C")
    for weeks in (0, 2, 4, 6):
        ReadingFactory.create(printer=off, slot=slot, observed_at=NOW - weeks * 7 * DAY)
    for days, expected in ((15, 0), (41, 0), (43, 1)):
        Printer.objects.filter(pk=off.pk).update(heartbeat_at=NOW + days * DAY - HOUR)
        assert len(made(NOW + days * DAY)) == expected, days


def test_it_is_told_once_and_again_only_after_it_was_heard(world: World) -> None:
    silent = printer(world, seen_at=NOW)
    assert [len(made(NOW + days * DAY)) for days in (8, 9, 60)] == [1, 0, 0]
    Printer.objects.filter(pk=silent.pk).update(seen_at=NOW + 61 * DAY)
    assert [len(made(NOW + days * DAY)) for days in (62, 69, 70)] == [0, 1, 0]


@pytest.mark.parametrize(
    "plan", [{"paused_at": NOW}, {"status": "cancelled", "ended_at": NOW}, {"status": "pending"}], ids=str
)
def test_nobody_waits_for_the_printer_of_such_a_plan(world: World, plan: dict[str, Any]) -> None:
    printer(world, seen_at=NOW)
    Plan.objects.update(**plan)
    assert made(NOW + 30 * DAY) == []


def test_what_a_former_owner_heard_is_not_told_to_the_next(world: World) -> None:
    """Theirs since three days, it was last heard by who had it before: for them it has never spoken."""
    silent = printer(world, seen_at=NOW - 20 * DAY)
    before = PlanFactory.create(cancelled=True, model=world.plan.model, printer=silent)
    Plan.objects.filter(pk=before.pk).update(ended_at=NOW - 3 * DAY)
    Printer.objects.update(created_at=NOW - 100 * DAY)
    (mail,) = made(NOW)
    assert mail.text.startswith("You connected Front desk on Fri 20 Nov, and it has not sent a reading yet.")
    assert mail.user == world.plan.user


def test_a_disconnected_printer_is_not_silent(world: World) -> None:
    Printer.objects.update(seen_at=NOW)
    assert made(NOW + 30 * DAY) == []


# Cards


def pay(plan: Plan, year: int, month: int, **fields: Any) -> Card:
    card = Card.objects.create(
        user=plan.user, stripe_id="pm_1", brand="visa", last4="4242", exp_year=year, exp_month=month, **fields
    )
    PlanCard.objects.create(plan=plan, card=card)
    return card


def test_a_card_is_told_a_month_ahead_once_naming_all_it_pays_for(world: World) -> None:
    card = pay(world.plan, 2027, 1)
    attic = PlanFactory.create(user=world.plan.user, nickname="Attic")
    PlanCard.objects.create(plan=attic, card=card)
    assert made(datetime(2026, 11, 30, 23, tzinfo=NOW.tzinfo)) == []
    (mail,) = made(datetime(2026, 12, 1, 1, tzinfo=NOW.tzinfo))
    assert mail.subject == "Visa 4242 expires at the end of January 2027"
    assert "pays for the ink of Front desk and Attic" in mail.text
    assert f"https://ink.example/account/replenishment/{world.plan.pk}/payment-method/" in mail.text
    assert made(datetime(2027, 1, 5, tzinfo=NOW.tzinfo)) == []


def test_a_card_with_a_new_date_is_told_anew(world: World) -> None:
    card = pay(world.plan, 2026, 12)
    assert len(made()) == 1
    Card.objects.filter(pk=card.pk).update(exp_year=2027)
    assert [len(made(NOW + days * DAY)) for days in (0, 345, 346)] == [0, 1, 0]


def test_who_was_never_told_hears_that_it_has_expired_and_once(world: World) -> None:
    pay(world.plan, 2026, 10)
    (mail,) = made()
    assert mail.subject == "Visa 4242 expired at the end of October"
    assert "Ink that is ordered is set aside, and we pack it when there is a card we can charge." in mail.text
    assert made(NOW + 30 * DAY) == []


def test_an_order_that_waits_is_named(world: World) -> None:
    pay(world.plan, 2026, 12)
    order = world.order("C")
    (mail,) = made()
    said = f"Order {order.display_number} is not packed yet: if it ships later than that, it needs the new card."
    assert said in mail.text


def test_an_order_that_waits_for_a_card_that_has_expired_is_named(world: World) -> None:
    pay(world.plan, 2026, 10)
    order = world.order("C")
    (mail,) = made()
    assert f"Order {order.display_number} is not packed yet and waits for a card." in mail.text


@pytest.mark.parametrize("fields", [{"removed_at": NOW}, {"plan": "cancelled"}], ids=["removed", "of an ended plan"])
def test_a_card_that_pays_for_nothing_is_not_told(world: World, fields: dict[str, Any]) -> None:
    if fields.pop("plan", None):
        Plan.objects.update(status="cancelled", ended_at=NOW)
    pay(world.plan, 2026, 12, **fields)
    assert made() == []


# The yearly word


def test_once_a_year_the_terms_are_told(world: World) -> None:
    Plan.objects.update(activated_at=NOW)
    found = {days: [mail.key for mail in made(NOW + days * DAY)] for days in (1, 364, 365, 366, 731, 1096)}
    pk = world.plan.pk
    assert found == {1: [], 364: [], 365: [f"{pk}-1"], 366: [], 731: [f"{pk}-2"], 1096: [f"{pk}-3"]}


def test_the_yearly_word_says_how_it_runs_and_how_to_leave(world: World) -> None:
    Plan.objects.update(activated_at=NOW - 365 * DAY, when_low=Plan.WhenLow.ASK)
    (mail,) = made()
    assert mail.subject == "Still running: your plan for Front desk"
    assert "has been running since Sun 23 Nov 2025." in mail.text
    assert "we ask you, and order when you say yes." in mail.text
    assert "Cancelling costs nothing" in mail.text
    assert "You agreed to version 2026-11 of the terms. They stand at https://ink.example/terms/" in mail.text


def test_a_plan_begun_on_a_leap_day_is_told_on_the_first_of_march(world: World) -> None:
    Plan.objects.update(activated_at=datetime(2024, 2, 29, 12, tzinfo=NOW.tzinfo))
    assert made(datetime(2025, 2, 28, 13, tzinfo=NOW.tzinfo)) == []
    assert len(made(datetime(2025, 3, 1, 13, tzinfo=NOW.tzinfo))) == 1


# Prices


def test_a_rise_is_told_ahead_once_a_plan_and_price(world: World) -> None:
    PriceFactory.create(sku=world.sku(), amount_cents=2649, valid_from=NOW + 30 * DAY)
    (mail,) = made()
    assert mail.subject == "Price change on Wed 23 Dec: Black XL $24.99 to $26.49"
    assert "one Black XL for Front desk costs $26.49 instead of $24.99" in mail.text
    assert f"https://ink.example/account/replenishment/{world.plan.pk}/when-low/" in mail.text
    assert made(NOW + DAY) == []


def test_a_fall_is_no_news_and_neither_is_a_price_of_now(world: World) -> None:
    PriceFactory.create(sku=world.sku(), amount_cents=2399, valid_from=NOW + 30 * DAY)
    PriceFactory.create(sku=world.sku("C"), amount_cents=9900, valid_from=NOW)
    assert made() == []


def test_a_rise_of_what_the_plan_does_not_take_is_no_news(world: World) -> None:
    other = PlanFactory.create()
    PriceFactory.create(sku=world.sku(), amount_cents=2649, valid_from=NOW + 30 * DAY)
    assert [mail.user for mail in made()] == [world.plan.user]
    assert other.user != world.plan.user
