"""Two agents end the same backorders while stock arrives for them: each order ends once, or goes, and never both."""

from functools import partial

import pytest
from django.test import Client

from ars.backoffice import cancelling
from orders import shelf, stock
from orders.models import Order, OrderEvent
from tests.billing.paid import staff
from tests.factories import NOW, PlanFactory
from tests.orders.world import World, make_world
from tests.races.threads import errors, race

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 4


def agent(email: str) -> Client:
    client = Client()
    client.force_login(staff("Support", email))
    return client


def test_each_order_ends_once_or_goes_as_it_was_shown() -> None:
    agents = [agent("eve@ink.example"), agent("dan@ink.example")]
    for turn in range(ROUNDS):
        world = make_world()
        orders = [World(PlanFactory.create(model=world.plan.model), world.partner).order("C") for _ in range(4)]
        form = {"order": [order.pk for order in orders], "seen": [cancelling.seen(order) for order in orders]}
        form |= {"wish": "customer", "reason": "As you asked.", "act": "cancel"}
        cancel = [partial(client.post, "/admin/cancel/", form) for client in agents]
        receive = partial(stock.receive, world.partner, f"R{turn}", world.sku("C"), 2, NOW)
        assert errors(race(*cancel, receive)) == []
        ids = [order.pk for order in orders]
        gone = set(Order.objects.filter(pk__in=ids, status="released").values_list("pk", flat=True))
        ended = OrderEvent.objects.filter(order__in=ids, status="cancelled").values_list("order", flat=True)
        assert sorted([*ended, *gone]) == ids
        assert shelf.differences() == {}
