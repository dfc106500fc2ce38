"""A query compiled once finds what it would find anew each time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import BigAutoField, DateTimeField, QuerySet

from ars.account.compiled import Compiled
from enrollment.models import Plan
from orders.models import Order
from tests.factories import NOW, OrderFactory, PlanFactory

DAY = timedelta(days=1)


def test_each_reading_gets_the_values_it_asks_with(db: None) -> None:
    plans = [PlanFactory.create(), PlanFactory.create()]
    orders = {
        (plan, day): OrderFactory.create(plan=plan, placed_at=NOW + day * DAY) for plan in plans for day in (1, 3)
    }

    def of(plan: Any, moment: Any) -> QuerySet[Order]:
        lately = Order.objects.filter(placed_at__lt=moment + DAY, currency="usd", plan=plan)
        return lately.select_related("plan__model")

    compiled = Compiled(of, BigAutoField(), DateTimeField())
    for plan in plans:
        assert compiled.read(plan.pk, NOW) == []
        assert compiled.read(plan.pk, NOW + DAY) == [orders[plan, 1]]
        found = compiled.read(plan.pk, NOW + 3 * DAY)
        assert {order.pk for order in found} == {orders[plan, 1].pk, orders[plan, 3].pk}
        assert {order.plan.model.name for order in found} == {plan.model.name}


def test_it_is_made_once_and_read_anew(db: None) -> None:
    made = []

    def of(plan: Any) -> QuerySet[Plan]:
        made.append(plan)
        return Plan.objects.filter(pk=plan)

    compiled, plan = Compiled(of, BigAutoField()), PlanFactory.create(nickname="Studio")
    assert [found.nickname for found in compiled.read(plan.pk)] == ["Studio"]
    Plan.objects.update(nickname="Attic")
    assert [found.nickname for found in compiled.read(plan.pk)] == ["Attic"]
    assert len(made) == 1


def test_every_thread_asks_by_its_own_connection(transactional_db: None) -> None:
    compiled, plan = Compiled(lambda pk: Plan.objects.filter(pk=pk), BigAutoField()), PlanFactory.create()

    def read(pk: int) -> list[Plan]:
        try:
            return compiled.read(pk)
        finally:
            connection.close()

    assert read(plan.pk) == [plan]
    with ThreadPoolExecutor(max_workers=2) as pool:
        assert list(pool.map(read, [plan.pk, 0, plan.pk])) == [[plan], [], [plan]]
