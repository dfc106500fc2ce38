"""What puts an address in doubt, and what ends it."""

from datetime import timedelta

import pytest

from enrollment import doubts
from enrollment import lifecycle as plans
from enrollment.models import Address, Plan
from orders import returns, wishes
from printers.facts import Refused
from tests.factories import NOW, PlanFactory
from tests.orders.parcels import delivered
from tests.orders.world import World, make_world

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=1)
SHOUTED = {"line1": "12 ELM STREET"}


def home(plan: Plan) -> Address:
    plan.refresh_from_db()
    assert plan.shipping_address is not None
    return plan.shipping_address


def where(plan: Plan, **changed: str) -> dict[str, str]:
    return home(plan).as_ship_to() | changed


@pytest.fixture
def plan() -> Plan:
    made: Plan = PlanFactory.create()
    return made


def test_a_usual_address_is_in_no_doubt(plan: Plan) -> None:
    wishes.readdress(plan, where(plan, line1="12 Elm Street"), NOW)
    assert (home(plan).doubt, list(doubts.waiting())) == ("", [])


def test_who_insists_on_a_spelling_puts_it_in_doubt_and_ends_that_by_saying_it_again(plan: Plan) -> None:
    wishes.readdress(plan, where(plan, **SHOUTED), NOW)
    assert (home(plan).doubt, home(plan).doubted_at) == ("insisted", NOW)
    assert list(doubts.waiting()) == [home(plan)]
    wishes.readdress(plan, where(plan), LATER)
    assert (home(plan).line1, list(doubts.waiting())) == ("12 ELM STREET", [])


def test_another_address_ends_it(plan: Plan) -> None:
    wishes.readdress(plan, where(plan, **SHOUTED), NOW)
    wishes.readdress(plan, where(plan, line1="12 Elm Street"), LATER)
    assert list(doubts.waiting()) == []


def test_the_end_of_the_plan_ends_it(plan: Plan) -> None:
    wishes.readdress(plan, where(plan, **SHOUTED), NOW)
    plans.cancel(plan, "moved", LATER, "customer")
    assert list(doubts.waiting()) == []


def test_a_parcel_that_comes_back_puts_it_in_doubt_once() -> None:
    world = make_world()
    world.stock()
    order = delivered(world)
    lines = [{"sku": world.sku().code, "quantity": 1, "accepted": True}]
    for _ in range(2):
        returns.receive(world.partner, order, "B-1", lines, LATER, undeliverable=True)
    assert (home(world.plan).doubt, home(world.plan).doubted_at) == ("came_back", LATER)
    doubts.came_back(order.user_id, order.ship_to, LATER + timedelta(days=1))
    assert home(world.plan).doubted_at == LATER


def test_the_same_return_with_another_reason_is_refused() -> None:
    world = make_world()
    world.stock()
    order = delivered(world)
    lines = [{"sku": world.sku().code, "quantity": 1, "accepted": True}]
    returns.receive(world.partner, order, "B-1", lines, LATER)
    with pytest.raises(Refused):
        returns.receive(world.partner, order, "B-1", lines, LATER, undeliverable=True)
    assert list(doubts.waiting()) == []


def test_who_has_moved_since_is_not_asked() -> None:
    world: World = make_world()
    world.stock()
    order = delivered(world)
    wishes.readdress(world.plan, where(world.plan, line1="9 Oak Avenue"), LATER)
    doubts.came_back(order.user_id, order.ship_to, LATER)
    assert list(doubts.waiting()) == []


def test_a_doubt_that_came_up_meanwhile_is_not_ended_unseen(plan: Plan) -> None:
    wishes.readdress(plan, where(plan, **SHOUTED), NOW)
    read = home(plan)
    doubts.came_back(plan.user_id, where(plan), LATER)
    with pytest.raises(Refused):
        doubts.confirm(read)
    assert list(doubts.waiting()) == [home(plan)]
    doubts.confirm(home(plan))
    assert list(doubts.waiting()) == []
    with pytest.raises(Refused):
        doubts.confirm(home(plan))
