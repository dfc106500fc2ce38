"""A parcel that waits for a payment is charged again: to a new card at once, to the same one where its bank may."""

from datetime import timedelta

import pytest

from billing import cards, lifecycle
from billing.gateway import Outcome
from billing.models import Charge, PlanCard
from orders.models import Order
from tests.billing.parcels import (
    LATER,
    SHIPPED_ONCE,
    advance_until_settled,
    another_card,
    begun,
    end_of,
    entered,
    known_card,
    note_of,
    packed,
    refused,
)
from tests.factories import NOW, OrderFactory, PlanFactory
from tests.standin.shop import Shop

pytestmark = pytest.mark.django_db


def attempts() -> list[tuple[int, str, str]]:
    """Attempt, status and card of every charge."""
    charges = Charge.objects.select_related("card").order_by("order", "attempt")
    return [(charge.attempt, charge.status, str(charge.card)) for charge in charges]


def test_a_new_card_is_charged_at_once_for_what_waits() -> None:
    charge = refused()
    plan = charge.order.plan
    cards.use_card(plan, another_card(plan.user), LATER)
    assert attempts() == [(1, "declined", "Visa 4242"), (2, "pending", "Visa 1881")]
    assert Order.objects.get().status == "packed"
    assert note_of(charge) == "Charged once more, to Visa 1881."


@pytest.mark.usefixtures("standin")
def test_it_ships_when_the_new_card_is_good(shop: Shop) -> None:
    charge = begun("pm_card_chargeCustomerFail")
    advance_until_settled(charge)
    user = charge.order.user
    cards.use_card(charge.order.plan, cards.keep_confirmed(user, entered(user, shop)), NOW)
    again = Charge.objects.get(attempt=2)
    advance_until_settled(again)
    assert end_of(again) == SHIPPED_ONCE
    assert [paid.amount for paid in shop.paid()] == [2676]


def test_the_card_it_has_already_changes_nothing() -> None:
    charge = refused()
    assert charge.card is not None
    assert cards.use_card(charge.order.plan, charge.card, LATER) == []
    assert attempts() == [(1, "declined", "Visa 4242")]
    assert charge.order.plan.events.count() == 0


def test_a_card_for_all_printers_is_tried_for_all_that_waits_and_told_once() -> None:
    charge = refused()
    user = charge.order.user
    other = PlanFactory.create(user=user)
    ended = PlanFactory.create(user=user, cancelled=True)
    stranger = PlanFactory.create()
    card = another_card(user)
    assert cards.use_card(other, card, LATER, everywhere=True) == [charge.order.plan, other]
    assert set(PlanCard.objects.filter(card=card).values_list("plan_id", flat=True)) == {charge.order.plan_id, other.pk}
    assert not PlanCard.objects.filter(plan__in=[ended, stranger]).exists()
    assert [event.note for event in charge.order.plan.events.all()] == ["Another card pays for it."]
    assert other.events.count() == 0  # its first card is no news
    assert attempts()[-1] == (2, "pending", "Visa 1881")


def test_the_same_card_is_tried_again_once_an_attempt() -> None:
    charge = refused()
    assert lifecycle.try_again(charge.order_id, 1, LATER)
    assert not lifecycle.try_again(charge.order_id, 1, LATER)
    assert attempts() == [(1, "declined", "Visa 4242"), (2, "pending", "Visa 4242")]
    lifecycle.settle(Charge.objects.get(attempt=2).pk, Outcome("declined", "pi_2", code="insufficient_funds"), LATER)
    assert not lifecycle.try_again(charge.order_id, 1, LATER)  # the second of a double click, come late
    assert Charge.objects.count() == 2


@pytest.mark.parametrize(
    ("outcome", "advice"), [("stolen_card", ""), ("generic_decline", "do_not_try_again"), ("expired_card", "")]
)
def test_what_is_refused_for_good_is_not_asked_again(outcome: str, advice: str) -> None:
    charge = refused(outcome, advice)
    assert not lifecycle.try_again(charge.order_id, 1, LATER)
    assert attempts() == [(1, "declined", "Visa 4242")]
    assert Order.objects.get().status == "payment_failed"


def test_no_card_is_asked_more_often_than_the_networks_allow() -> None:
    charge = refused()
    for attempt in range(1, lifecycle.MOST_TRIES):
        assert lifecycle.try_again(charge.order_id, attempt, LATER)
        live = Charge.objects.get(attempt=attempt + 1)
        lifecycle.settle(live.pk, Outcome("declined", f"pi_{attempt}", code="insufficient_funds"), LATER)
    assert not lifecycle.try_again(charge.order_id, lifecycle.MOST_TRIES, LATER)
    assert Charge.objects.count() == lifecycle.MOST_TRIES
    assert lifecycle.try_again(charge.order_id, lifecycle.MOST_TRIES, LATER + timedelta(days=31))


@pytest.mark.parametrize("status", ["placed", "released", "shipped", "cancelled", "backordered"])
def test_only_what_waits_for_a_payment_is_charged_again(status: str) -> None:
    charge = refused()
    Order.objects.update(status=status, shipped_at=NOW)
    plan = charge.order.plan
    cards.use_card(plan, another_card(plan.user), LATER)
    assert not lifecycle.try_again(charge.order_id, 1, LATER)
    assert (Order.objects.get().status, Charge.objects.count()) == (status, 1)


def test_what_was_never_packed_is_not_charged() -> None:
    order = OrderFactory.create(status="payment_failed", plan__payable_since=None)
    cards.use_card(order.plan, another_card(order.user), NOW)
    order.refresh_from_db()
    assert (order.status, Charge.objects.count(), order.plan.due_at) == ("payment_failed", 0, NOW)  # its sweep releases


def test_nothing_is_tried_while_an_outcome_is_unknown() -> None:
    charge = refused()
    Charge.objects.update(status="pending", settled_at=None)
    plan = charge.order.plan
    cards.use_card(plan, another_card(plan.user), LATER)
    assert attempts() == [(1, "pending", "Visa 4242")]


def test_a_card_named_while_the_old_one_was_being_refused_is_tried_too() -> None:
    dispatch = packed()
    known_card(dispatch)
    charge = lifecycle.begin(dispatch.pk, NOW)
    assert charge is not None
    cards.use_card(dispatch.order.plan, another_card(dispatch.order.user), NOW)
    assert lifecycle.settle(charge.pk, Outcome("declined", "pi_1", code="stolen_card"), LATER)
    assert attempts() == [(1, "declined", "Visa 4242"), (2, "pending", "Visa 1881")]


def test_an_old_payment_that_went_through_after_all_does_not_ship_twice() -> None:
    charge = refused()
    plan = charge.order.plan
    cards.use_card(plan, another_card(plan.user), LATER)
    lifecycle.settle(charge.pk, Outcome("paid", "pi_1", amount_cents=2676, currency="usd"), LATER)
    charge.refresh_from_db()
    assert (charge.status, charge.outcome) == ("declined", "paid_too_late")  # the refund starts from here
    assert Order.objects.get().status == "packed"
