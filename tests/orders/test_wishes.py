"""What its owner decides while orders are under way: a new address, an order after all, the end of the plan."""

from datetime import timedelta

import pytest

from enrollment.models import Address, Plan
from enrollment.reasons import Reason, note
from orders import lifecycle, wishes
from orders.lifecycle import moves
from orders.models import Order, Replenishment
from orders.replenishment import order_now
from printers.facts import Refused
from tests.factories.enrollment import PlanFactory, PlanSlotFactory
from tests.factories.printers import NOW
from tests.orders.world import World

PARCEL = {"carrier": "UPS", "tracking_number": "1Z"}
ELSEWHERE = {
    "full_name": "Ana Ruiz",
    "attention": "",
    "line1": "7 Oak Avenue",
    "line2": "",
    "city": "Austin",
    "state": "TX",
    "postal_code": "78701",
    "country": "US",
    "phone": "",
}


def state(order: Order) -> tuple[str, int, str]:
    order.refresh_from_db()
    return order.status, order.revision, order.ship_to["city"]


def pack(world: World, order: Order, **body: object) -> None:
    lifecycle.dispatch(order, world.partner, f"D-{order.dispatches.count()}", PARCEL | body, NOW)
    order.refresh_from_db()


def test_an_order_that_is_not_packed_follows_its_plan_once(world: World) -> None:
    order, waiting = world.order(), world.order("C")
    for _ in range(2):
        wishes.readdress(world.plan, ELSEWHERE, NOW)
    assert state(order) == ("released", 2, "Austin")
    assert state(waiting) == ("backordered", 2, "Austin")
    assert order.events.filter(note=lifecycle.READDRESSED).count() == 1
    assert Address.objects.filter(city="Austin").count() == 1


def test_a_parcel_labelled_before_is_refused(world: World) -> None:
    order = world.order()
    wishes.readdress(world.plan, ELSEWHERE, NOW)
    order.refresh_from_db()
    with pytest.raises(Refused) as refused:
        pack(world, order, revision=1)
    assert refused.value.code == "order_changed"
    pack(world, order, revision=2)
    assert state(order)[0] == "packed"


def test_who_read_the_order_before_it_moved_cannot_pack_it_either(world: World) -> None:
    order = world.order()
    wishes.readdress(world.plan, ELSEWHERE, NOW)
    with pytest.raises(Refused) as refused:
        pack(world, order, revision=1)  # `order` was read before
    assert refused.value.code == "order_changed"
    assert state(order) == ("released", 2, "Austin")
    assert not order.dispatches.exists()


def test_what_was_packed_and_not_paid_is_packed_again(world: World) -> None:
    order = world.order()
    pack(world, order)
    lifecycle.hold(order.pk, NOW, "Stripe", "The bank refused this card.")
    wishes.readdress(world.plan, ELSEWHERE, NOW)
    assert state(order) == ("released", 2, "Austin")
    assert world.on_hand() == (10, 1)


def test_what_waits_for_a_first_card_goes_on_waiting(world: World) -> None:
    Plan.objects.update(payable_since=None)
    order = world.order()
    wishes.readdress(world.plan, ELSEWHERE, NOW)
    assert state(order) == ("payment_failed", 2, "Austin")


@pytest.mark.parametrize("status", ["packed", "shipped", "delivered", "returned", "cancelled"])
def test_what_is_packed_or_over_keeps_its_address(world: World, status: str) -> None:
    order = world.order()
    Order.objects.update(status=status, priced_at=NOW)
    wishes.readdress(world.plan, ELSEWHERE, NOW)
    assert state(order) == (status, 1, "Portland")


def test_stock_finds_a_backorder_that_moved(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its revision rises between the reading and the move: the release tries once more, and nobody waits in vain."""
    order, moved = world.order("C"), lifecycle.move

    def readdressed_first(*args: object, **kwargs: object) -> bool:
        monkeypatch.setattr(moves, "move", moved)
        wishes.readdress(world.plan, ELSEWHERE, NOW)
        return moved(*args, **kwargs)  # type: ignore[arg-type]  # as called

    monkeypatch.setattr(moves, "move", readdressed_first)
    world.stock("C", 1)
    assert state(order) == ("released", 2, "Austin")
    assert world.on_hand("C") == (1, 1)


def test_a_backorder_is_kept_waiting(world: World) -> None:
    order = world.order("C")
    assert wishes.keep_waiting(order, NOW)
    order.refresh_from_db()
    assert order.kept_waiting_at == NOW


def test_leaving_stops_new_orders_and_closes_what_was_open(world: World) -> None:
    order = world.order()
    world.low("C")
    assert wishes.leave(world.plan, [], "", "", NOW).ended
    assert world.decide() == []
    assert state(order)[0] == "released"
    assert not Replenishment.objects.filter(closed_at=None).exists()


def test_leaving_cancels_what_was_named_and_frees_its_stock_for_others(world: World) -> None:
    world.stock("C", 1)
    order = world.order("C")
    waiting = World(PlanFactory.create(model=world.plan.model), world.partner).order("C")
    left = wishes.leave(world.plan, [order.pk], "", "", NOW)
    assert [each.pk for each in left.cancelled] == [order.pk]
    assert (state(order)[0], state(waiting)[0], world.on_hand("C")) == ("cancelled", "released", (1, 1))


def test_leaving_again_changes_nothing(world: World) -> None:
    order = world.order()
    wishes.leave(world.plan, [], "", "", NOW)
    assert wishes.leave(world.plan, [order.pk], "price", "", NOW) == wishes.Left(ended=False)
    assert state(order)[0] == "released"


def test_leaving_touches_no_order_of_another_plan(world: World) -> None:
    other = World(PlanFactory.create(model=world.plan.model, user=world.plan.user), world.partner).order()
    wishes.leave(world.plan, [other.pk], "", "", NOW)
    assert state(other)[0] == "released"


@pytest.mark.parametrize(
    ("reason", "words", "kept"),
    [
        (Reason.UNSAID, "", ""),
        (Reason.UNSAID, "moved", "moved"),
        (Reason.PRICE, " ", "price"),
        (Reason.PRICE, "a\nb", "price: a b"),
    ],
)
def test_a_reason_is_kept_on_one_line(reason: str, words: str, kept: str) -> None:
    assert note(reason, words) == kept


def decided(world: World) -> list[Order]:
    """Order the low black now, and decide."""
    assert order_now(world.plan, world.plan.model.slots.get(code="PGBK").pk, NOW)
    assert world.told() == "deciding"
    return world.decide(minute=1)


def test_an_order_cancelled_by_its_owner_is_made_again_on_their_word(world: World) -> None:
    lifecycle.cancel(world.order(), NOW, "customer", "", by_customer=True)
    assert world.decide() == []
    (again,) = decided(world)
    assert again.status == "released"
    assert world.told() == "on_order"


@pytest.mark.parametrize(
    "wish",
    [
        {"when_low": "ask"},
        {"paused_at": NOW},
        {"paused_at": NOW, "paused_until": NOW.date() + timedelta(days=9)},
    ],
)
def test_a_word_overrules_what_the_plan_says(world: World, wish: dict[str, object]) -> None:
    Plan.objects.update(**wish)
    world.low()
    assert world.decide() == []
    (order,) = decided(world)
    assert order.status == "released"
    assert world.need().decisions.latest("at").evidence["wanted_at"] == NOW.isoformat()


@pytest.mark.parametrize("wish", [{"skip_next": True}, {"spares": 2}])
def test_a_word_overrules_a_skip_and_a_spare_and_uses_up_no_more(world: World, wish: dict[str, int]) -> None:
    choice = PlanSlotFactory.create(plan=world.plan, slot=world.plan.model.slots.get(code="PGBK"), **wish)
    world.low()
    assert world.decide() == []
    assert len(decided(world)) == 1
    choice.refresh_from_db()
    assert (choice.skip_next, choice.spares) == (False, 1 if "spares" in wish else 0)


def test_a_word_orders_beside_a_cartridge_that_is_not_recognised(world: World) -> None:
    world.low()
    world.say(genuine=False)
    assert world.decide() == []
    assert len(decided(world)) == 1


def test_a_word_orders_nothing_twice(world: World) -> None:
    world.order()
    slot = world.plan.model.slots.get(code="PGBK").pk
    assert not order_now(world.plan, slot, NOW)
    assert world.decide() == []


def test_a_word_about_what_is_not_low_orders_nothing(world: World) -> None:
    assert not order_now(world.plan, world.plan.model.slots.get(code="C").pk, NOW)
