"""The first page and the reports: made from counted rows, in as few queries as ever, and each role sees its own."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from ars import tasks
from ars.backoffice import counting, dashboard, figures, marks, reports
from ars.models import Figure
from billing.models import Charge
from enrollment.models import User
from orders.models import Order
from tests.ars.backoffice.troubles import TROUBLES
from tests.billing.paid import paid, staff
from tests.factories import (
    NOW,
    LowSignalFactory,
    MessageFactory,
    OrderEventFactory,
    OrderFactory,
)
from tests.staff import with_second_factor

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def now() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def boss() -> Client:
    client = Client()
    client.force_login(with_second_factor(User.objects.create_superuser("boss@example.com", "correct horse")))
    return client


def text_of(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.text).split())


def values(name: str) -> dict[datetime, int]:
    return dict(Figure.objects.filter(name=name).values_list("hour", "value"))


def test_the_first_page_says_how_full_the_queues_are(boss: Client) -> None:
    TROUBLES["held"]()
    counting.count(NOW - DAY)
    TROUBLES["held"]()
    tasks.count()
    page = text_of(boss.get("/admin/"))
    assert "Orders on hold 2 0 2026-11-22 10:00 +1" in page
    assert "Work the next one: orders on hold" in page
    assert "Nothing has been counted yet" not in page
    assert "the counter has stopped" not in page


def test_the_first_page_says_when_the_counter_stands_still(boss: Client, now: time_machine.Traveller) -> None:
    assert "Nothing has been counted yet. The counter runs every minute." in text_of(boss.get("/admin/"))
    counting.count(NOW)
    now.shift(timedelta(minutes=6))
    page = text_of(boss.get("/admin/"))
    assert "These counts are from 2026-11-23 10:00 UTC; the counter has stopped. Orders are not affected." in page
    assert "Nothing waits." in page


def test_yours_are_what_you_took_and_what_is_awake_again(boss: Client) -> None:
    me = User.objects.get(email="boss@example.com")
    marks.claim("held", 1, me, NOW)
    marks.put_off("claims", 2, me, NOW + DAY, "They call back.", NOW)
    marks.claim("refunds", 3, staff("Support", "eve@example.com"), NOW)
    yours = dashboard.context(me, NOW)["yours"]
    assert [(queue.slug, mark.key) for queue, mark in yours] == [("held", 1)]
    yours = dashboard.context(me, NOW + DAY)["yours"]
    assert [(queue.slug, mark.reason) for queue, mark in yours] == [("claims", "They call back.")]


@pytest.mark.parametrize(("waited", "word"), [(0, "flowing"), (60, "slow"), (600, "standing still")])
def test_flow_has_a_word_for_each_kind_of_work(waited: int, word: str) -> None:
    LowSignalFactory.create(due_at=NOW - timedelta(seconds=waited))
    flow = {each.title: each.word for each in dashboard.context(staff("Support", "eve@example.com"), NOW)["flow"]}
    assert flow == dict.fromkeys(dashboard.FLOW, "flowing") | {"Printer reports": word}


@pytest.mark.parametrize(("role", "sees"), [("Support", True), ("Warehouse", False), ("Finance", True)])
def test_money_is_for_those_who_see_charges(role: str, sees: bool) -> None:
    person = staff(role, "eve@example.com")
    assert ("Revenue" in [title for title, _, _ in dashboard.context(person, NOW)["today"]]) == sees
    assert ("revenue" in [chart.name for chart in reports.charts(person, "7d", NOW)]) == sees


def test_the_first_page_takes_less_than_ten_queries(boss: Client, django_assert_max_num_queries: Any) -> None:
    for make in TROUBLES.values():
        if make is not TROUBLES["disputes"] and make is not TROUBLES["stuck-charges"]:
            make()
    counting.count(NOW)
    boss.get("/admin/")  # what a process reads once: the sites and permissions
    with django_assert_max_num_queries(9):
        assert boss.get("/admin/").status_code == 200


def test_an_hour_is_counted_once_to_its_end() -> None:
    at = [NOW - HOUR, NOW - timedelta(seconds=1), NOW]
    for moment in at:
        LowSignalFactory.create(received_at=moment, observed_at=moment)
        OrderFactory.create(placed_at=moment)
        OrderEventFactory.create(at=moment, status=Order.Status.SHIPPED)
    MessageFactory.create(created_at=NOW, sent_at=None, due_at=NOW, last_error="No such box.")
    Charge.objects.filter(pk=paid().pk).update(settled_at=NOW)
    for later in (timedelta(0), timedelta(minutes=5)):
        figures.count(NOW + later)
    assert values("signals") == {NOW - HOUR: 2, NOW: 1}
    assert [values(name)[NOW - HOUR] for name in ("orders", "shipments")] == [2, 2]
    named = ("revenue", "charges", "declines", "mails", "mail-failures")
    assert [values(name)[NOW] for name in named] == [6497, 1, 0, 1, 1]


def test_hours_nobody_counted_are_counted_afterwards_but_no_gauge_is() -> None:
    figures.count(NOW - 6 * HOUR)
    LowSignalFactory.create(received_at=NOW - 3 * HOUR, observed_at=NOW - 3 * HOUR)
    OrderFactory.create(status=Order.Status.BACKORDERED, placed_at=NOW - 9 * HOUR)
    figures.count(NOW)
    assert sorted(values("signals").values()) == [*[0] * 7, 1]
    assert values("signals")[NOW - 3 * HOUR] == 1
    assert values("backorder-age") == {NOW - 6 * HOUR: 0, NOW: 9}


def test_a_day_is_the_sum_of_its_hours_and_of_a_gauge_the_highest() -> None:
    midnight = datetime(2026, 11, 23, tzinfo=UTC)
    figures.keep(("orders", midnight + n * HOUR, n) for n in (1, 2, 3))
    figures.keep(("backorders", midnight + n * HOUR, n) for n in (1, 4, 3))
    assert figures.daily(["orders", "backorders"], midnight) == {"orders": {midnight: 6}, "backorders": {midnight: 4}}


@pytest.mark.parametrize(
    ("span", "bars", "total"), [("24h", 24, "7"), ("7d", 7, "9"), ("90d", 90, "14"), ("x", 7, "9")]
)
def test_a_report_draws_a_bar_an_hour_or_a_day(boss: Client, span: str, bars: int, total: str) -> None:
    figures.keep([("orders", NOW, 7), ("orders", NOW - 3 * DAY, 2), ("orders", NOW - 60 * DAY, 5)])
    page = boss.get("/admin/reports/", {"span": span})
    assert f"Orders placed: {total}" in page.text
    assert page.text.count("<rect") == bars * len(figures.FIGURES)
    assert page.text.count('<th scope="row">') == bars * len(figures.FIGURES)
