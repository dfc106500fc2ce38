"""Something is wrong with an order: a new one is sent, free of charge, once a piece."""

import pytest
from pytest_django import Settings

from orders import lifecycle, notes, replacements, stock
from orders.models import Complaint, Order, OrderLine, Question
from printers.facts import Refused
from tests.factories.enrollment import AddressFactory
from tests.factories.printers import NOW
from tests.orders.parcels import DAY, LATE, all_of, complain, delivered, seen, ship, shipped
from tests.orders.world import World

Kind = Complaint.Kind


def new_one() -> Order:
    return Order.objects.get(kind=Order.Kind.REPLACEMENT)


def states() -> list[str]:
    return list(Order.objects.order_by("pk").values_list("status", flat=True))


@pytest.mark.parametrize("kind", [Kind.WRONG, Kind.DAMAGED, Kind.DOES_NOT_WORK])
def test_what_is_wrong_is_replaced_at_once_and_free(world: World, kind: str) -> None:
    complaint = complain(delivered(world), kind)
    new = new_one()
    assert (new.status, new.total_cents, new.quoted_total_cents) == ("released", 0, 0)
    assert [(line.sku, line.quantity) for line in new.lines.all()] == [(world.sku(), 1)]
    assert (complaint.kind, complaint.value_cents, complaint.sent_at) == (kind, 2499, LATE)
    assert world.on_hand() == (9, 1)


def test_who_knows_what_is_wrong_with_it_has_it(world: World) -> None:
    order = shipped(world)
    complain(order, Kind.WRONG, NOW + DAY)
    order.refresh_from_db()
    assert (order.status, order.delivered_at, order.lost_at) == ("delivered", NOW + DAY, None)


def test_what_has_not_come_is_lost_once_the_window_is_over(world: World) -> None:
    order = shipped(world)
    complain(order, Kind.NOT_COME)
    order.refresh_from_db()
    assert (order.status, order.lost_at, new_one().status) == ("shipped", LATE, "released")


def test_before_the_end_of_the_window_nothing_is_late(world: World) -> None:
    order = shipped(world)
    with pytest.raises(Refused, match="not late yet"):
        complain(order, Kind.NOT_COME, NOW + 9 * DAY)
    assert (Complaint.objects.count(), states()) == (0, ["shipped"])


@pytest.mark.parametrize("status", ["released", "cancelled"])
def test_an_order_that_has_not_left_is_not_replaced(world: World, status: str) -> None:
    order = world.order()
    if status == "cancelled":
        lifecycle.cancel(order, NOW, "customer", "", by_customer=True)
    with pytest.raises(Refused, match="nothing to replace"):
        complain(order)
    assert Order.objects.count() == 1


def test_out_of_stock_it_waits_like_any_other(world: World) -> None:
    world.stock("C", 1)
    order = shipped(world, "C")
    complain(order)
    assert states() == ["delivered", "backordered"]
    stock.receive(world.partner, "R", world.sku("C"), 1, LATE)
    assert states() == ["delivered", "released"]


def test_it_needs_no_card(world: World) -> None:
    order = delivered(world)
    world.plan.payable_since = None
    world.plan.save(update_fields=["payable_since"])
    complain(order)
    assert new_one().status == "released"


def test_the_new_line_takes_over_the_need(world: World) -> None:
    order = delivered(world)
    complain(order)
    lines = list(OrderLine.objects.order_by("pk").values_list("open", "replenishment"))
    assert lines == [(False, world.need().pk), (True, world.need().pk)]
    assert world.told() == "on_order"
    assert world.decide() == []


def test_a_need_that_was_met_is_not_opened_again(world: World) -> None:
    order = delivered(world)
    world.need().signal.__class__.objects.update(closed_at=NOW, closed_cause="replaced")
    world.decide()
    complain(order)
    line = new_one().lines.get()
    assert (line.open, line.replenishment) == (False, None)


def test_it_goes_to_where_the_plan_is_now(world: World) -> None:
    order = delivered(world)
    world.plan.shipping_address = AddressFactory.create(user=world.plan.user, city="Salem")
    world.plan.save(update_fields=["shipping_address"])
    complain(order)
    assert (new_one().ship_to["city"], order.ship_to["city"]) == ("Salem", "Portland")


def test_of_a_plan_that_ended_it_goes_to_where_the_old_one_went(world: World) -> None:
    order = delivered(world)
    type(world.plan).objects.update(status="cancelled", ended_at=NOW)
    complain(order)
    assert (new_one().ship_to, new_one().status) == (order.ship_to, "released")


def test_a_piece_is_replaced_once(world: World) -> None:
    order = delivered(world)
    complain(order)
    with pytest.raises(Refused, match="no more than there are"):
        complain(order)
    assert Order.objects.filter(replaces=order).count() == 1


def test_a_page_made_before_is_told_so(world: World) -> None:
    order = delivered(world)
    complain(order)
    with pytest.raises(Refused) as refused:
        replacements.complain(order, Kind.DAMAGED, all_of(order), LATE, seen=0)
    assert (refused.value.code, Complaint.objects.count()) == ("told_before", 1)


def test_a_replacement_that_was_cancelled_may_be_asked_for_again(world: World) -> None:
    order = delivered(world)
    complain(order)
    lifecycle.cancel(new_one(), LATE, "customer", "", by_customer=True)
    assert seen(order) == 0
    complain(order)
    assert states() == ["delivered", "cancelled", "released"]


def test_a_replacement_may_be_broken_as_well(world: World) -> None:
    complain(delivered(world))
    second = ship(world, new_one(), LATE)
    assert complain(second, Kind.DOES_NOT_WORK, LATE + DAY).value_cents == 2499
    assert states() == ["delivered", "delivered", "released"]


def test_cancelled_by_staff_its_need_is_not_ordered_and_charged(world: World) -> None:
    complain(delivered(world))
    lifecycle.cancel(new_one(), LATE, "support", "Called.", by_customer=False)
    assert world.decide() == []
    assert states() == ["delivered", "cancelled"]


def test_above_the_limit_a_person_decides(world: World, settings: Settings) -> None:
    settings.REPLACEMENT_LIMIT_CENTS = 2498
    complaint = complain(delivered(world))
    assert (complaint.sent_at, states()) == (None, ["delivered"])
    assert [order.status for order in replacements.send(complaint, LATE, "dana")] == ["released"]
    assert replacements.send(complaint, LATE, "sam") == []
    complaint.refresh_from_db()
    assert (complaint.sent_by, states()) == ("dana", ["delivered", "released"])


def test_what_staff_decline_is_answered_once_and_may_be_told_again(world: World, settings: Settings) -> None:
    settings.REPLACEMENT_LIMIT_CENTS = 0
    order = delivered(world)
    complaint = complain(order)
    assert replacements.decline(complaint, "It was in its box.", LATE, "dana")
    assert not replacements.decline(complaint, "No.", LATE, "sam")
    assert replacements.send(complaint, LATE, "sam") == []
    complaint.refresh_from_db()
    assert (complaint.declined_by, complaint.answer, complaint.sent_at) == ("dana", "It was in its box.", None)
    assert order.events.filter(note=notes.COMPLAINT_ANSWERED, due_at=LATE).count() == 1
    assert complain(order, now=LATE + DAY).sent_at is None
    assert Complaint.objects.waiting().count() == 1


def test_what_was_sent_is_not_declined(world: World) -> None:
    complaint = complain(delivered(world))
    assert not replacements.decline(complaint, "No.", LATE, "sam")
    assert states() == ["delivered", "released"]


def test_what_was_said_to_be_lost_and_is_declined_is_not_lost(world: World, settings: Settings) -> None:
    settings.REPLACEMENT_LIMIT_CENTS = 0
    order = shipped(world)
    complaint = complain(order, Kind.NOT_COME)
    order.refresh_from_db()
    assert order.lost_at is not None
    replacements.decline(complaint, "The carrier has your signature.", LATE, "dana")
    order.refresh_from_db()
    assert order.lost_at is None


def test_the_limit_counts_ninety_days(world: World, settings: Settings) -> None:
    settings.REPLACEMENT_LIMIT_CENTS = 4000
    complain(delivered(world))
    second = ship(world, new_one(), LATE)
    assert complain(second, now=LATE + DAY).sent_at is None
    assert replacements.needs_nobody(world.plan.user_id, 2499, LATE + 91 * DAY)


def test_nobody_is_asked_whether_what_is_replaced_is_in(world: World) -> None:
    order = delivered(world)
    complain(order, Kind.DOES_NOT_WORK)
    question = Question.objects.get(order=order, kind="is_it_in")
    assert (question.answer, question.due_at) == ("does_not_work", None)
