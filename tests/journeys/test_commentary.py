"""What the demo says: every fact once, also one that was committed late, and at which step an order hangs."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from ars.demo.commentary import Commentary
from ars.demo.home import Home
from ars.demo.verdict import FirstOrder
from orders.models import Order
from tests.factories import LowSignalFactory, OrderEventFactory, OrderFactory, PlanFactory

pytestmark = pytest.mark.django_db

Said = pytest.CaptureFixture[str]


def test_a_fact_is_told_once(capsys: Said) -> None:
    now = timezone.now()
    LowSignalFactory.create(received_at=now, level=12, slot__name="Black")
    commentary = Commentary(since=now)
    commentary.tell(everything=True)
    commentary.tell(everything=True)
    assert capsys.readouterr().out.count("reports Black low: 12 %") == 1


def test_what_was_there_before_the_start_is_no_news(capsys: Said) -> None:
    now = timezone.now()
    LowSignalFactory.create(received_at=now - timedelta(seconds=1))
    Commentary(since=now).tell(everything=True)
    assert capsys.readouterr().out == ""


def test_a_fact_committed_after_a_later_one_is_told_all_the_same(capsys: Said) -> None:
    now = timezone.now()
    commentary = Commentary(since=now - timedelta(minutes=1))
    OrderEventFactory.create(at=now, status=Order.Status.RELEASED)
    commentary.tell(everything=True)
    OrderEventFactory.create(at=now - timedelta(seconds=30), status=Order.Status.CANCELLED)
    commentary.tell(everything=True)
    assert [line.split()[1] for line in capsys.readouterr().out.splitlines()] == ["released", "cancelled"]


def test_facts_of_one_moment_are_told_in_the_order_in_which_they_follow(capsys: Said) -> None:
    now = timezone.now()
    order = OrderFactory.create(placed_at=now)
    for status in (Order.Status.SHIPPED, Order.Status.RELEASED, Order.Status.PLACED):
        OrderEventFactory.create(order=order, at=now, status=status)
    Commentary(since=now).tell(everything=True)
    assert [line.split()[1] for line in capsys.readouterr().out.splitlines()] == ["placed", "released", "shipped"]


def test_without_any_report_the_fleet_is_to_blame(tmp_path: Path) -> None:
    assert "no printer reported low ink" in missing(tmp_path)


def test_a_report_nobody_decided_about_is_named(tmp_path: Path) -> None:
    LowSignalFactory.create(received_at=timezone.now())
    assert "nothing was decided" in missing(tmp_path)


def test_an_order_that_hangs_is_named_with_its_step_and_the_log_that_tells_why(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "warehouse.log").write_text("the packer fell ill")
    order = OrderFactory.create(placed_at=timezone.now(), status=Order.Status.RELEASED, plan=PlanFactory.create())
    said = missing(tmp_path)
    assert f"order {order.display_number} was released, but the warehouse did not pack it" in said
    assert "the packer fell ill" in said


def missing(root: Path) -> str:
    first_order = FirstOrder(since=timezone.now() - timedelta(minutes=3))
    assert not first_order.is_done()
    return first_order.what_is_missing(Home(root))
