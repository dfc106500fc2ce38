"""The verbs of an order, and what each leaves behind."""

from datetime import timedelta
from typing import Any

import pytest

from enrollment.models import Plan
from orders import lifecycle, pricing
from orders.lifecycle import MOVES
from orders.models import Dispatch, Order, OrderEvent, Price
from printers.facts import Refused
from tests.factories.enrollment import PartnerFactory, PlanFactory
from tests.factories.orders import OrderFactory, PriceFactory
from tests.factories.printers import NOW
from tests.orders.world import World

PARCEL = {"carrier": "UPS", "tracking_number": "1Z999"}


def packed(world: World, **body: Any) -> Order:
    """An order that was dispatched under the id D-1."""
    order = world.order()
    lifecycle.dispatch(order, world.partner, "D-1", PARCEL | body, NOW)
    return order


def test_every_state_has_its_moves() -> None:
    assert set(MOVES) == set(Order.Status)
    assert set().union(*MOVES.values()) == set(Order.Status) - {"placed"}


def test_a_move_that_the_table_does_not_know_is_refused_and_leaves_nothing(world: World) -> None:
    order = world.order()
    with pytest.raises(Refused, match="is getting ready"):
        lifecycle.move(order, Order.Status.SHIPPED, now=NOW, by="test")
    assert OrderEvent.objects.filter(order=order).count() == 2


def test_only_the_one_who_saw_the_present_state_moves(world: World) -> None:
    order = world.order()
    stale = Order.objects.get()
    assert lifecycle.move(order, Order.Status.PACKED, now=NOW, by="first", priced_at=NOW)
    assert not lifecycle.move(stale, Order.Status.CANCELLED, now=NOW, by="second")
    assert [event.by for event in OrderEvent.objects.filter(status__in=["packed", "cancelled"])] == ["first"]


def test_dispatch_packs_the_order_and_leaves_a_fact_for_billing(world: World) -> None:
    order = packed(world)
    order.refresh_from_db()
    assert (order.status, order.carrier, order.tracking_number) == ("packed", "UPS", "1Z999")
    assert Dispatch.objects.get().due_at == NOW


def test_the_same_dispatch_again_is_the_same_dispatch(world: World) -> None:
    order = packed(world)
    again = lifecycle.dispatch(order, world.partner, "D-1", PARCEL, NOW + timedelta(minutes=1))
    assert (again, again.at) == (Dispatch.objects.get(), NOW)


@pytest.mark.parametrize("change", [{"tracking_number": "1Z000"}, {"carrier": "DHL"}, {"revision": 1}])
def test_a_dispatch_id_with_another_body_is_refused(world: World, change: dict[str, Any]) -> None:
    order = packed(world)
    with pytest.raises(Refused) as refused:
        lifecycle.dispatch(order, world.partner, "D-1", PARCEL | change, NOW)
    assert refused.value.code == "id_reused"


def test_a_dispatch_id_of_another_order_is_refused(world: World) -> None:
    packed(world)
    other = World(PlanFactory.create(model=world.plan.model), world.partner).order()
    with pytest.raises(Refused):
        lifecycle.dispatch(other, world.partner, "D-1", PARCEL, NOW)
    other.refresh_from_db()
    assert other.status == "released"


def test_another_partner_may_use_the_same_id(world: World) -> None:
    packed(world)
    other = World(PlanFactory.create(model=world.plan.model), world.partner).order()
    lifecycle.dispatch(other, PartnerFactory.create(), "D-1", PARCEL, NOW)
    assert Dispatch.objects.count() == 2


def test_a_second_dispatch_of_an_order_is_refused_and_kept_nowhere(world: World) -> None:
    order = packed(world)
    with pytest.raises(Refused):
        lifecycle.dispatch(order, world.partner, "D-2", PARCEL, NOW)
    assert Dispatch.objects.count() == 1


def test_a_stale_revision_is_refused(world: World) -> None:
    order = world.order()
    Order.objects.update(revision=2)
    order.refresh_from_db()
    with pytest.raises(Refused) as refused:
        lifecycle.dispatch(order, world.partner, "D-1", PARCEL | {"revision": 1}, NOW)
    assert (refused.value.code, Dispatch.objects.count()) == ("order_changed", 0)


def test_an_order_not_listed_yet_cannot_be_packed(world: World) -> None:
    Plan.objects.update(when_low="day_first")
    order = world.order()
    with pytest.raises(Refused):
        lifecycle.dispatch(order, world.partner, "D-1", PARCEL, NOW)
    assert lifecycle.dispatch(order, world.partner, "D-1", PARCEL, NOW + timedelta(hours=24)).order == order


@pytest.mark.parametrize(
    ("price", "total", "note"),
    [
        (2299, 2299, "You pay $2.00 less than we wrote: the price fell before shipping."),
        (2499, 2499, ""),
        (2999, 2499, ""),
    ],
)
def test_the_charge_is_the_price_at_dispatch_and_never_above_the_quote(
    world: World, price: int, total: int, note: str
) -> None:
    order = world.order()
    PriceFactory.create(sku=world.sku(), amount_cents=price, valid_from=NOW + timedelta(minutes=1))
    lifecycle.dispatch(order, world.partner, "D-1", PARCEL, NOW + timedelta(minutes=2))
    order.refresh_from_db()
    assert (order.total_cents, order.quoted_total_cents, pricing.difference(order)) == (total, 2499, note)
    assert order.lines.get().unit_price_cents == total


def test_a_price_that_is_gone_leaves_the_quote_standing(world: World) -> None:
    order = world.order()
    Price.objects.all().delete()
    lifecycle.dispatch(order, world.partner, "D-1", PARCEL, NOW)
    order.refresh_from_db()
    assert order.total_cents == 2499


def test_shipping_takes_the_pieces_off_the_shelf_once(world: World) -> None:
    order = packed(world)
    assert lifecycle.ship(order.pk, NOW, "Stripe", "Charged $24.99 to Visa 4242.")
    assert not lifecycle.ship(order.pk, NOW, "Stripe", "again")
    assert world.on_hand() == (9, 0)
    order.refresh_from_db()
    assert (order.status, order.shipped_at) == ("shipped", NOW)


def test_a_hold_keeps_the_pieces_promised(world: World) -> None:
    order = packed(world)
    assert lifecycle.hold(order.pk, NOW, "Stripe", "The bank refused this card.")
    assert not lifecycle.ship(order.pk, NOW, "Stripe", "")
    order.refresh_from_db()
    assert (order.status, world.on_hand()) == ("payment_failed", (10, 1))


def test_delivery_is_told_once(world: World) -> None:
    order = packed(world)
    lifecycle.ship(order.pk, NOW, "Stripe", "")
    order.refresh_from_db()
    assert lifecycle.deliver(order, NOW, NOW, "UPS")
    assert not lifecycle.deliver(order, NOW, NOW, "UPS")
    assert order.events.filter(status="delivered").count() == 1


def test_what_never_left_cannot_be_delivered(world: World) -> None:
    with pytest.raises(Refused, match="getting ready"):
        lifecycle.deliver(world.order(), NOW, NOW, "UPS")


def test_a_cancelled_order_frees_its_stock_for_who_waits(world: World) -> None:
    world.stock("C", 1)
    first = world.order("C")
    waiting = World(PlanFactory.create(model=world.plan.model), world.partner).order("C")
    lifecycle.cancel(first, NOW, "customer", "", by_customer=True)
    waiting.refresh_from_db()
    assert (waiting.status, world.on_hand("C")) == ("released", (1, 1))


@pytest.mark.parametrize("status", ["packed", "shipped", "delivered", "returned", "cancelled"])
def test_what_is_packed_or_over_cannot_be_cancelled(db: None, status: str) -> None:
    order = OrderFactory.create(status=status, priced_at=NOW)
    with pytest.raises(Refused):
        lifecycle.cancel(order, NOW, "customer", "", by_customer=True)
    order.refresh_from_db()
    assert order.status == status


def test_an_events_reader_clears_it(world: World) -> None:
    order = world.order()
    lifecycle.told(order.events.values_list("pk", flat=True))
    assert not OrderEvent.objects.filter(due_at__isnull=False).exists()
