"""Deleting an account at the same moment as something else happens to it."""

from functools import partial

import pytest

from billing import closing
from enrollment import purchases
from enrollment.models import Closure, Partner, User
from notifications.farewell import see_off
from orders import lifecycle
from orders.models import Order
from printers.facts import Refused
from tests.factories.printers import NOW
from tests.orders.world import make_world
from tests.races.threads import errors, race

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 8


def delete(user: User) -> bool:
    return closing.delete_account(User.objects.get(pk=user.pk), NOW)


def test_deleted_by_two_at_once_it_is_deleted_once() -> None:
    for _ in range(ROUNDS):
        world = make_world()
        world.stock(quantity=9)
        world.order()
        assert sorted(race(*[partial(delete, world.plan.user)] * 4)) == [False, False, False, True]
        assert Closure.objects.filter(user=world.plan.user).count() == 1
        assert world.on_hand() == (9, 0)


def test_an_order_packed_at_that_moment_comes_or_ends_and_never_both() -> None:
    for place in range(ROUNDS):
        world = make_world()
        world.stock(quantity=9)
        order = world.order()
        body = {"carrier": "UPS", "tracking_number": "1Z"}
        pack = partial(lifecycle.dispatch, order, world.partner, f"D-{place}", body, NOW)
        outcomes = race(pack, partial(delete, world.plan.user))
        assert outcomes[1] is True
        assert all(isinstance(error, Refused) for error in errors(outcomes))
        status = Order.objects.get(pk=order.pk).status
        assert status == ("cancelled" if errors(outcomes) else "packed")
        assert world.on_hand() == (9, 0 if errors(outcomes) else 1)


def test_a_purchase_told_at_that_moment_leaves_no_plan_behind() -> None:
    for place in range(ROUNDS):
        world = make_world()
        user = world.plan.user
        where = {"full_name": "Ana Ruiz", "line1": "12 Elm Street", "city": "Portland", "state": "OR"}
        who = {"email": user.email, "full_name": "Ana Ruiz", "model": world.plan.model.name}
        body = {**who, "shipping_address": where | {"postal_code": "97201"}}
        partner = Partner.objects.get(pk=world.partner.pk)
        outcomes = race(partial(purchases.record, partner, f"P-{place}", body, NOW), partial(delete, user))
        assert errors(outcomes) == []
        see_off([Closure.objects.get(user=user).pk], NOW)
        assert not user.plans.exclude(status="cancelled").exists()
