"""Has it come, and is it in: asked once it is time, answered once."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from orders import questions, tasks
from orders.models import Order, OrderEvent, Question, Replenishment
from printers.models import LowSignal
from tests.factories.printers import NOW
from tests.orders.parcels import DAY, LATE, complain, delivered, shipped
from tests.orders.world import World

Kind = Question.Kind
WINDOW_ENDS = datetime(2026, 12, 4, 17, tzinfo=UTC)  # the morning after Thu 3 Dec, in Oregon
STILL_LOW = datetime(2026, 12, 8, 17, tzinfo=UTC)  # three business days after it


def sweep(at: datetime) -> list[str]:
    """What is asked at a moment."""
    with time_machine.travel(at, tick=False):
        tasks.sweep_questions()
    return list(Question.objects.filter(asked_at=at).order_by("pk").values_list("kind", flat=True))


def told() -> list[str]:
    return [event.note for event in OrderEvent.objects.filter(note__startswith="Asked").order_by("pk")]


def is_it_in() -> Question:
    return Question.objects.get(kind=Kind.IS_IT_IN)


def test_a_parcel_nobody_reports_is_asked_about_when_it_is_late(world: World) -> None:
    shipped(world)
    assert sweep(WINDOW_ENDS - timedelta(seconds=1)) == []
    assert sweep(WINDOW_ENDS) == ["has_it_come"]
    assert sweep(WINDOW_ENDS + DAY) == []
    assert told() == ["Asked whether it has come."]


def test_one_that_is_delivered_is_not(world: World) -> None:
    delivered(world, NOW + 9 * DAY)
    assert sweep(WINDOW_ENDS) == []


def test_yes_it_has_come_delivers_it_once(world: World) -> None:
    order = shipped(world)
    sweep(WINDOW_ENDS)
    assert [questions.has_come(order, LATE), questions.has_come(order, LATE)] == [True, False]
    order.refresh_from_db()
    assert (order.status, order.delivered_at) == ("delivered", LATE)
    assert order.events.filter(status="delivered").get().by == "customer"


def test_still_low_a_week_after_delivery_is_asked_about(world: World) -> None:
    delivered(world, NOW + DAY)
    assert sweep(NOW + 8 * DAY - timedelta(seconds=1)) == []
    assert sweep(NOW + 8 * DAY) == ["is_it_in"]


def test_without_a_delivery_it_is_three_business_days_after_the_window(world: World) -> None:
    shipped(world)
    sweep(WINDOW_ENDS)
    assert sweep(STILL_LOW) == ["is_it_in"]


def test_what_was_put_in_meanwhile_is_not_asked_about(world: World) -> None:
    delivered(world)
    LowSignal.objects.update(closed_at=NOW, closed_cause="replaced")
    world.decide()
    assert sweep(LATE) == []
    assert Question.objects.filter(due_at__isnull=False).count() == 0


def test_what_is_not_low_any_more_is_not_asked_about(world: World) -> None:
    delivered(world)
    world.say(low=False, level=40)
    assert sweep(LATE) == []


def test_it_is_in_meets_the_need_and_the_next_low_report_opens_another(world: World) -> None:
    delivered(world)
    sweep(LATE)
    assert [questions.is_in(is_it_in(), LATE), questions.is_in(is_it_in(), LATE)] == [True, False]
    assert LowSignal.objects.get().closed_cause == "replaced"
    assert (Replenishment.objects.get().closed_cause, world.told()) == ("replaced", "none")
    world.low(minute=60 * 24 * 13)
    assert [order.status for order in world.decide(60 * 24 * 13)] == ["released"]


def test_not_yet_is_asked_again_twice(world: World) -> None:
    delivered(world)
    asked = []
    for week in range(0, 10, 2):
        asked += sweep(LATE + week * 7 * DAY)
        questions.not_yet(is_it_in(), LATE + week * 7 * DAY)
    assert (asked, is_it_in().times, is_it_in().due_at) == (["is_it_in"] * 3, 3, None)


def test_two_cartridges_of_one_parcel_are_one_mail(world: World) -> None:
    world.stock("C", 5)
    world.low("C")
    delivered(world)
    assert Order.objects.count() == 1
    assert sweep(LATE) == ["is_it_in", "is_it_in"]
    assert told() == ["Asked whether it is in the printer."]


def test_a_plan_that_ended_is_not_asked(world: World) -> None:
    delivered(world)
    type(world.plan).objects.update(status="cancelled", ended_at=NOW)
    assert sweep(LATE) == []


def test_a_lost_parcel_is_not_asked_about(world: World) -> None:
    order = shipped(world)
    complain(order, "not_come", LATE)
    assert sweep(STILL_LOW + 9 * DAY) == []


@pytest.mark.parametrize("days", [20, 21])
def test_staff_see_what_is_not_answered(world: World, days: int) -> None:
    delivered(world)
    sweep(LATE)
    waited = Question.objects.open().filter(asked_at__lte=LATE + days * DAY - questions.STAFF_AFTER)
    assert waited.exists() == (days == 21)
