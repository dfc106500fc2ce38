"""Every form of a plan sent twice, from two windows, by the back button, or after the session ended: one effect."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from enrollment.models import Plan, PlanEvent, PlanSlot, User
from orders.models import Order, Replenishment
from orders.tasks import sweep_replenishments
from tests.ars.account.conftest import make_order, posted
from tests.factories import NOW, PriceFactory, StockItemFactory

FORMS = [
    ("name/", {"nickname": "Back room"}),
    ("when-low/", {"when_low": "ask"}),
    ("pause/", {"until": "2027-01-04"}),
    ("resume/", {}),
    ("cartridges/SLOT/", {"spares": "2"}),
    ("cartridges/SLOT/skip/", {}),
    ("cartridges/SLOT/unskip/", {}),
]


def path(plan: Plan, to: str = "") -> str:
    slot = str(plan.model.slots.get().pk)
    return f"/account/replenishment/{plan.pk}/{to.replace('SLOT', slot)}"


def kept() -> list[Any]:
    """All that a plan's forms can change."""
    return [*Plan.objects.values(), *PlanSlot.objects.values(), *PlanEvent.objects.values(), *Order.objects.values()]


@pytest.mark.parametrize(("to", "typed"), FORMS)
def test_sent_twice_it_is_done_once_and_says_the_same(
    client: Client, plan: Plan, to: str, typed: dict[str, str]
) -> None:
    first = posted(client, path(plan, to), typed)
    after = kept()
    with time_machine.travel(NOW + timedelta(seconds=1), tick=False):
        assert posted(client, path(plan, to), typed) == first
    assert kept() == after


@pytest.mark.parametrize(("to", "typed"), FORMS)
def test_where_the_session_has_ended_nothing_changes_and_the_form_comes_back(
    client: Client, plan: Plan, ana: User, to: str, typed: dict[str, str]
) -> None:
    before = kept()
    client.logout()
    sent = client.post(path(plan, to), typed)
    assert sent["Location"] == f"/accounts/login/?next={path(plan, to)}"
    assert kept() == before
    client.force_login(ana)
    assert client.get(path(plan, to), follow=True).status_code == 200
    assert kept() == before


def test_the_window_that_saves_last_wins(client: Client, plan: Plan) -> None:
    for until in ("2027-01-04", "2027-02-01"):
        posted(client, path(plan, "pause/"), {"until": until})
    plan.refresh_from_db()
    assert (plan.paused_until, plan.paused_at) == (date(2027, 2, 1), NOW)


def test_a_form_left_open_while_the_plan_ended_says_so(client: Client, plan: Plan) -> None:
    posted(client, path(plan, "cancel/"))
    page = posted(client, path(plan, "name/"), {"nickname": "Back room"})
    assert "This plan has ended, so it cannot be changed." in page
    plan.refresh_from_db()
    assert plan.nickname == "Front desk"


def test_ordered_now_twice_it_is_ordered_once(client: Client, plan: Plan) -> None:
    slot = plan.model.slots.get()
    make_order(plan, Order.Status.CANCELLED).lines.update(open=False)
    PriceFactory.create(sku=slot.fits.get().sku)
    StockItemFactory.create(sku=slot.fits.get().sku)
    for _ in range(2):
        assert "We order Black now." in posted(client, path(plan, "cartridges/SLOT/order/"))
        sweep_replenishments()
    assert Order.objects.exclude(status="cancelled").count() == 1
    assert Replenishment.objects.get().decision == "ordered"


def test_an_order_is_cancelled_once_from_two_windows(client: Client, plan: Plan) -> None:
    order = make_order(plan, "released")
    StockItemFactory.create(sku=order.lines.get().sku)
    cancel = f"/account/orders/{order.number}/cancel/"
    first = posted(client, cancel)
    assert posted(client, cancel) == first
    assert order.events.filter(status="cancelled").count() == 1
