"""Which step of an order makes which mail, and which makes none."""

from datetime import datetime, timedelta

import pytest

from billing import lifecycle as charges
from billing.models import Charge
from enrollment.models import Plan
from notifications.models import Message
from orders import lifecycle
from orders.models import Order
from tests.factories.orders import OrderEventFactory, OrderFactory
from tests.factories.printers import NOW
from tests.notifications import shop
from tests.orders.world import World

Status = Order.Status


def kinds(mails: list[Message]) -> list[str]:
    return [mail.kind for mail in mails]


def test_a_smooth_order_makes_two_mails(world: World) -> None:
    order = world.order("PGBK")
    shop.read_steps()
    shop.ship(world, order)
    shop.read_steps()
    order.refresh_from_db()
    lifecycle.deliver(order, NOW, NOW, "carrier")
    assert kinds(shop.read_steps()) == ["order_confirmation", "shipped"]


def test_a_smooth_order_read_late_makes_the_same_two(world: World) -> None:
    order = world.order("PGBK")
    shop.ship(world, order)
    assert kinds(shop.read_steps()) == ["order_confirmation", "shipped"]


def test_what_waits_from_the_start_makes_one_mail(world: World) -> None:
    world.order("C")
    assert kinds(shop.read_steps()) == ["backordered"]


def test_its_release_makes_none_and_its_shipment_one(world: World) -> None:
    order = world.order("C")
    shop.read_steps()
    world.stock("C", 5)
    assert kinds(shop.read_steps()) == ["backordered"]
    order.refresh_from_db()
    shop.ship(world, order)
    assert kinds(shop.read_steps()) == ["backordered", "shipped"]


def test_a_backorder_released_before_anybody_read_it_is_told_all_the_same(world: World) -> None:
    world.order("C")
    world.stock("C", 5)
    assert kinds(shop.read_steps()) == ["backordered"]


def test_stock_that_is_missing_after_all_is_told(world: World) -> None:
    order = world.order("PGBK")
    lifecycle.move(order, Status.BACKORDERED, now=NOW, by="warehouse")
    assert kinds(shop.read_steps()) == ["order_confirmation", "backordered"]


def test_a_declined_card_is_told(world: World) -> None:
    order = world.order("PGBK")
    shop.decline(world, order, "insufficient_funds")
    assert kinds(shop.read_steps()) == ["order_confirmation", "payment_failed"]


def asked_by_the_bank(world: World) -> Order:
    """Told once that its bank asks; packed again while its owner confirms."""
    order = world.order("PGBK")
    shop.decline(world, order, "authentication_required")
    shop.read_steps()
    order.refresh_from_db()
    lifecycle.take_off_hold(order, NOW, charges.CUSTOMER, "Its owner confirms it.")
    return order


def end(order: Order, status: str, at: datetime, **fields: object) -> list[str]:
    """The owner's own attempt comes to nothing; the kinds of all mails there are then."""
    own = shop.charge(order, order.dispatches.get(), status, "insufficient_funds")
    Charge.objects.filter(pk=own.pk).update(on_session=True, settled_at=at, **fields)
    lifecycle.hold(order.pk, at, "Stripe", "Visa 4242 was not charged.")
    return kinds(shop.read_steps(at))


def test_a_bank_that_asks_is_told_as_what_is_to_be_done(world: World) -> None:
    order = world.order("PGBK")
    shop.decline(world, order, "authentication_required")
    assert kinds(shop.read_steps()) == ["order_confirmation", "confirm_payment"]


def test_a_question_that_was_not_answered_makes_no_second_mail(world: World) -> None:
    order = asked_by_the_bank(world)
    made = end(order, Charge.Status.NEEDS_AUTHENTICATION, NOW + timedelta(minutes=30))
    assert made == ["order_confirmation", "confirm_payment"]


@pytest.mark.parametrize(("seconds", "more"), [(3, []), (20, ["payment_failed"])])
def test_a_card_declined_after_all_is_told_unless_the_page_said_it(world: World, seconds: int, more: list[str]) -> None:
    order, answered = asked_by_the_bank(world), NOW + timedelta(minutes=2)
    made = end(order, Charge.Status.DECLINED, answered + timedelta(seconds=seconds), answered_at=answered)
    assert made == ["order_confirmation", "confirm_payment", *more]


def test_a_plan_without_a_card_is_told(world: World) -> None:
    Plan.objects.update(payable_since=None)
    world.order("PGBK")
    assert kinds(shop.read_steps()) == ["order_confirmation", "payment_failed"]


@pytest.mark.parametrize(
    "status", [Status.RELEASED, Status.PACKED, Status.DELIVERED, Status.RETURNED, Status.CANCELLED]
)
def test_other_steps_make_no_mail_and_are_done(db: None, status: str) -> None:
    event = OrderEventFactory.create(order=OrderFactory.create(status=status, priced_at=NOW))
    assert shop.read_steps() == []
    event.refresh_from_db()
    assert event.due_at is None


def test_an_order_cancelled_before_anybody_read_it_makes_no_mail(world: World) -> None:
    order = world.order("C")
    lifecycle.cancel(order, NOW, "support", "Called.", by_customer=True)
    assert shop.read_steps() == []


def test_a_decline_that_a_new_card_has_mended_makes_no_mail(world: World) -> None:
    order = world.order("PGBK")
    shop.decline(world, order, "expired_card")
    order.refresh_from_db()
    lifecycle.move(order, Status.PACKED, now=NOW, by="billing")
    lifecycle.ship(order.pk, NOW, "Stripe", "Charged.")
    assert "payment_failed" not in kinds(shop.read_steps())


@pytest.mark.parametrize(("seconds", "mails"), [(3, 1), (20, 2)])
def test_a_try_answered_on_the_page_makes_no_second_mail_and_a_late_answer_does(
    world: World, seconds: int, mails: int
) -> None:
    order = world.order("PGBK")
    shop.decline(world, order, "insufficient_funds")
    shop.read_steps()
    order.refresh_from_db()
    lifecycle.take_off_hold(order, NOW, charges.CUSTOMER, "Charged once more.")
    lifecycle.hold(order.pk, NOW + timedelta(seconds=seconds), "Stripe", "Visa 4242 was not charged.")
    assert kinds(shop.read_steps(NOW + timedelta(minutes=1))).count("payment_failed") == mails


def test_a_refusal_read_while_a_new_card_is_being_charged_makes_no_mail(world: World) -> None:
    order = world.order("PGBK")
    shop.decline(world, order, "insufficient_funds")
    order.refresh_from_db()
    lifecycle.take_off_hold(order, NOW, charges.CUSTOMER, "Charged once more.")
    assert "payment_failed" not in kinds(shop.read_steps())


def test_each_mail_goes_to_the_address_of_now(world: World) -> None:
    world.order("PGBK")
    world.plan.user.email = "ana@new.example"
    world.plan.user.save(update_fields=["email"])
    mail = shop.read_one()
    assert (mail.to, mail.user, mail.due_at) == ("ana@new.example", world.plan.user, NOW)


def test_a_step_that_is_not_due_yet_is_left_alone(world: World) -> None:
    world.order("PGBK")
    assert shop.read_steps(NOW - timedelta(seconds=1)) == []
