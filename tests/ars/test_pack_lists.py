"""What the pack station lists and prints: no more than is to be packed now, and no question more for more orders."""

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from orders.models import Order
from tests.ars.test_pack import STATION, clerk, counts, held, page_of
from tests.factories import NOW, PlanFactory
from tests.orders.parcels import DAY
from tests.orders.world import World

__all__ = ["clerk"]


def test_the_pick_list_adds_up_and_slips_say_where_it_goes(clerk: Client, world: World) -> None:
    world.stock("C", 5)
    world.low("C")
    order = world.order()
    other = World(PlanFactory.create(model=world.plan.model), world.partner).order()
    totals = {sku.code: count for sku, count in clerk.get(f"{STATION}list/").context["totals"]}
    assert totals == {world.sku().code: 2, world.sku("C").code: 1}
    assert clerk.get(f"{STATION}list/", {"orders": "1"}).context["orders"] == [order]
    slip = clerk.get(f"{page_of(order)}slip/").text
    assert f"1 × Black XL, for {world.plan.display_name}, first slot from the left" in slip
    assert "second slot from the left" in slip
    assert "$" not in slip
    assert other.display_number in clerk.get(f"{STATION}slips/").text


def test_what_is_not_to_be_packed_yet_is_not_known_here(clerk: Client, world: World) -> None:
    order = world.order()
    Order.objects.filter(pk=order.pk).update(listed_at=NOW + DAY)
    assert (counts(clerk)[0], clerk.get(page_of(order)).status_code) == (0, 404)


def queries(clerk: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert clerk.get(address).status_code == 200
    return len(captured)


def test_no_page_asks_more_for_more_orders(clerk: Client, world: World) -> None:
    pages = (STATION, f"{STATION}list/", f"{STATION}slips/")
    held(clerk, world)
    World(PlanFactory.create(model=world.plan.model), world.partner).order()
    few = [queries(clerk, page) for page in pages]
    for _ in range(2):
        world_of_others = World(PlanFactory.create(model=world.plan.model), world.partner)
        held(clerk, world_of_others)
        World(PlanFactory.create(model=world.plan.model), world.partner).order()
    assert [queries(clerk, page) for page in pages] == few
