"""Ink over time: how long it lasts, its chart and its table; nothing that a former owner printed."""

import re
from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.test import Client

from ars.account import level_history, overview
from ars.account.level_history import MOST_POINTS
from ars.account.tanks import Supply
from enrollment.models import Plan, User
from orders.clock import Clock
from orders.models import Replenishment
from printers.forecast import Forecast, Point
from printers.models import Slot
from tests.ars.account.conftest import make_order, report, text_of
from tests.factories import NOW, DecisionFactory, PlanFactory, ReadingFactory

DAY = timedelta(days=1)
HOME = "/account/"


@pytest.fixture
def plan(plan: Plan) -> Plan:
    """Hers since a hundred days."""
    Plan.objects.filter(pk=plan.pk).update(created_at=NOW - 100 * DAY)
    return plan


def readings(plan: Plan, levels: dict[int, int | None], new: int | None = None) -> None:
    """What its one supply said, so many days ago."""
    slot = plan.model.slots.get()
    for days, level in levels.items():
        at = NOW - days * DAY
        ReadingFactory.create(printer=plan.printer, slot=slot, observed_at=at, level=level, replaced=days == new)


def page_of(client: Client, plan: Plan) -> str:
    return text_of(client, f"/account/replenishment/{plan.pk}/")


def chart(*points: Point, level: int = 50) -> level_history.LevelHistory:
    slot = Slot(name="Black", code="K", colorant="k", low_threshold=15)
    return level_history.LevelHistory(Supply(slot, None, Clock(NOW)), points)


def ago(days: float, level: int | None, *, replaced: bool = False) -> Point:
    return Point(NOW - days * DAY, level, replaced)


def test_a_cartridge_says_how_long_it_lasts(client: Client, plan: Plan) -> None:
    readings(plan, {28: 80, 21: 70, 14: 60, 7: 50})
    report(plan, level=40)
    assert "40\u00a0% left. We order at 15\u00a0%. Enough for about 3 to 5 weeks at your pace." in page_of(client, plan)


def test_the_overview_says_it_of_the_lowest(client: Client, plan: Plan) -> None:
    readings(plan, {28: 80, 21: 70, 14: 60, 7: 50})
    report(plan, level=40)
    said = "Lowest is Black in Front desk, about 40\u00a0%: enough for roughly 3 to 5 weeks."
    assert said in text_of(client, HOME)


def test_what_a_former_owner_printed_is_not_shown(client: Client, plan: Plan) -> None:
    readings(plan, {140: 80, 130: 3, 120: 99})
    page = page_of(client, plan)
    assert "at your pace" not in page
    assert "Show chart and table" not in page


def test_a_plan_started_again_keeps_its_history(client: Client, plan: Plan, ana: User) -> None:
    Plan.objects.filter(pk=plan.pk).update(status="cancelled", ended_at=NOW)
    again = PlanFactory.create(user=ana, model=plan.model, printer=plan.printer)
    readings(plan, {28: 80, 14: 60})
    assert "Show chart and table" in page_of(client, again)


def test_a_printer_of_three_steps_says_so_and_promises_nothing(client: Client, plan: Plan) -> None:
    readings(plan, {40: 100, 20: 10})
    report(plan, level=10)
    page = page_of(client, plan)
    assert "Low. This printer reports three steps." in page
    assert "at your pace" not in page


def test_a_silent_printer_promises_nothing(client: Client, plan: Plan) -> None:
    readings(plan, {40: 80, 30: 60})
    report(plan, level=50, at=NOW - 9 * DAY)
    assert "at your pace" not in page_of(client, plan)


def test_the_table_says_what_the_chart_draws(client: Client, plan: Plan) -> None:
    readings(plan, {60: 30, 50: None, 40: 8, 30: 98}, new=30)
    report(plan, level=64)
    page = page_of(client, plan)
    table = page[page.index("Black as a table") :]
    rows = ["Mon 23 Nov 64\u00a0%", "Sat 24 Oct 98\u00a0% New cartridge", "Wed 14 Oct 8\u00a0%", "Sun 4 Oct not known"]
    assert [table.index(row) for row in rows] == sorted(table.index(row) for row in rows)


def test_a_level_holds_until_the_next_is_heard() -> None:
    assert chart(ago(10, 80), ago(8, 70), ago(6, 60)).line == "M30.0 34.0H86.4V44.0H142.8V54.0"


@pytest.mark.parametrize(
    ("points", "pieces"),
    [
        ((ago(10, 80), ago(9, None), ago(8, 70)), 2),
        ((ago(30, 80), ago(8, 40)), 2),
        ((ago(30, 80), ago(8, 78)), 1),
        ((ago(10, 80), ago(8, 40)), 1),
    ],
    ids=["level unknown", "nobody listened", "nobody printed", "a long print"],
)
def test_where_nobody_was_listening_no_line_is_drawn(points: tuple[Point, ...], pieces: int) -> None:
    assert chart(*points).line.count("M") == pieces


def test_a_new_cartridge_is_a_tick_with_its_day() -> None:
    (tick,) = chart(ago(60, 20), ago(10, 99, replaced=True)).replacements
    assert (tick.text, tick.flip) == ("new 13 Nov", True)


def test_a_long_history_is_thinned_and_keeps_every_new_cartridge() -> None:
    points = [ago(180 - day, 99 - day % 90, replaced=day % 90 == 7) for day in range(180)]
    drawn = level_history.of(Supply(Slot(), None, Clock(NOW)), points).points
    assert len(drawn) <= MOST_POINTS + 4
    assert (drawn[0], drawn[-1]) == (points[0], points[-1])
    assert sum(point.replaced for point in drawn) == 2


@pytest.mark.parametrize(
    ("least", "most", "said"),
    [
        (0, 2, "2 days at most"),
        (0, 1, "1 day at most"),
        (9, 14, "9 to 14 days"),
        (23, 33, "3 to 5 weeks"),
        (55, 90, "1 to 3 months"),
        (300, 730, "10 to 25 months"),
    ],
)
def test_a_range_is_said_in_the_unit_one_thinks_in(least: int, most: int, said: str) -> None:
    assert level_history.span(Forecast(least, most)) == said


def test_older_decisions_are_there_for_who_asks(client: Client, plan: Plan) -> None:
    need = make_order(plan).lines.get().replenishment
    kinds = (Replenishment.Kind.PAUSED, Replenishment.Kind.SKIPPED)
    for hour in range(7):
        DecisionFactory.create(replenishment=need, kind=kinds[hour % 2], at=NOW - timedelta(hours=hour))
    html = client.get(f"/account/replenishment/{plan.pk}/").content.decode()
    shown, older = re.split("Show older", html[html.index('id="happened"') :])
    assert (shown.count("<time"), older.count("<time")) == (5, 2)


def test_a_first_reading_that_is_late_says_what_to_do(client: Client, ana: User) -> None:
    plan = PlanFactory.create(user=ana)
    assert plan.printer is not None
    type(plan.printer).objects.update(created_at=NOW - timedelta(minutes=31))
    page = page_of(client, plan)
    assert "Still no reading. The printer may be asleep: wake it or print any page. Check the connection" in page


def test_when_orders_cannot_be_read_the_rest_stands(
    client: Client, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise DatabaseError("canceling statement due to statement timeout")

    monkeypatch.setattr(overview.SHOWN, "read", fail)
    page = text_of(client, HOME)
    assert page.count("We could not load your orders just now. Nothing is lost. Reload in a minute.") == 2
    assert "Nothing on order" not in page
    assert "View Plan for Front desk" in page


def test_the_next_delivery_says_until_when_it_can_be_cancelled(client: Client, plan: Plan) -> None:
    make_order(plan, "released", listed_at=NOW + DAY)
    assert "You can cancel it until we pack it, on Tue 24 Nov, 2:00 am at the earliest." in text_of(client, HOME)
