"""A parcel that waits is tried by several hands at once: one live charge, and money taken once."""

from functools import partial
from threading import Barrier

import pytest

from billing import by_hand, cards, lifecycle
from billing.gateway import Outcome
from billing.models import Card, Charge
from enrollment.models import Plan
from orders import lifecycle as orders
from orders.models import Order
from printers.facts import Refused
from tests.billing.parcels import another_card, known_card, packed, refused
from tests.factories import NOW, PlanFactory
from tests.races.threads import errors, race

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 8
DECLINED = Outcome("declined", "pi_1", code="insufficient_funds")


def live(order: Order) -> int:
    return Charge.objects.live().filter(order=order).count()


def use(plan: Plan, card: Card) -> list[Plan]:
    return cards.use_card(Plan.objects.get(pk=plan.pk), card, NOW)


def cancel(order: Order) -> None:
    orders.cancel(Order.objects.get(pk=order.pk), NOW, "customer", "", by_customer=True)


def test_two_clicks_two_new_cards_and_a_sweep_are_one_live_charge() -> None:
    for _ in range(ROUNDS):
        charge = refused()
        plan = charge.order.plan
        first, second = another_card(plan.user, "1881"), another_card(plan.user, "5556")
        again = partial(lifecycle.try_again, charge.order_id, 1, NOW)
        sweep = partial(lifecycle.begin, charge.dispatch_id, NOW)
        outcomes = race(again, again, partial(use, plan, first), partial(use, plan, second), sweep)
        assert errors(outcomes) == []
        assert live(charge.order) == 1
        assert charge.order.charges.count() == 2


def test_two_of_staff_and_the_owner_at_once_are_one_attempt() -> None:
    for _ in range(ROUNDS):
        charge = refused()
        by_staff = partial(by_hand.retry, charge.order_id, 1, NOW, "dana@ink.example")
        card = another_card(charge.order.user)
        owner = partial(lifecycle.try_again, charge.order_id, 1, NOW)
        outcomes = race(by_staff, by_staff, owner, partial(use, charge.order.plan, card))
        assert all(isinstance(error, Refused) for error in errors(outcomes))
        assert live(charge.order) == 1
        assert charge.order.charges.count() == 2


def test_a_new_card_against_the_old_ones_refusal_is_always_tried() -> None:
    for _ in range(ROUNDS):
        dispatch = packed()
        known_card(dispatch)
        charge = lifecycle.begin(dispatch.pk, NOW)
        assert charge is not None
        card = another_card(dispatch.order.user)
        outcomes = race(partial(use, dispatch.order.plan, card), partial(lifecycle.settle, charge.pk, DECLINED, NOW))
        assert errors(outcomes) == []
        assert Charge.objects.live().get(order=dispatch.order).card == card


def test_the_first_card_against_a_parcel_without_one_is_always_tried() -> None:
    for _ in range(ROUNDS):
        dispatch = packed(plan__payable_since=None)
        card = known_card(dispatch)
        dispatch.order.plan.plan_card.delete()
        outcomes = race(partial(use, dispatch.order.plan, card), partial(lifecycle.begin, dispatch.pk, NOW))
        assert errors(outcomes) == []
        assert Charge.objects.live().get(order=dispatch.order).card == card


def test_a_retry_against_a_cancellation_has_one_winner() -> None:
    for _ in range(ROUNDS):
        charge = refused()
        outcomes = race(partial(lifecycle.try_again, charge.order_id, 1, NOW), partial(cancel, charge.order))
        assert all(isinstance(error, Refused) for error in errors(outcomes))
        order = Order.objects.get(pk=charge.order_id)
        assert (order.status, live(order)) in {("packed", 1), ("cancelled", 0)}


def test_cards_for_all_printers_named_twice_at_once_do_not_lock_each_other_out() -> None:
    for _ in range(ROUNDS):
        charge = refused()
        user = charge.order.user
        plans = [charge.order.plan, *(PlanFactory.create(user=user) for _ in range(4))]
        first, second = another_card(user, "1881"), another_card(user, "5556")
        use_all = partial(cards.use_card, now=NOW, everywhere=True)
        outcomes = race(
            partial(use_all, plans[0], first), partial(use_all, plans[4], second), partial(use_all, plans[2], first)
        )
        assert errors(outcomes) == []
        assert Card.objects.filter(plan_cards__plan__in=plans).distinct().count() == 1
        assert live(charge.order) == 1


def test_control_looking_first_and_writing_then_would_begin_two() -> None:
    """Without the order's lock both see nothing under way: the constraint alone stops the second, with an error."""
    charge, both_have_looked = refused(), Barrier(2)

    def naive(attempt: int) -> bool:
        free = not Charge.objects.live().filter(order=charge.order_id).exists()
        both_have_looked.wait(timeout=60)
        told = {"order_id": charge.order_id, "dispatch_id": charge.dispatch_id, "amount_cents": 2676}
        Charge.objects.create(attempt=attempt, currency="usd", created_at=NOW, **told)
        return free

    outcomes = race(partial(naive, 2), partial(naive, 3))
    assert outcomes.count(True) == 1
    assert ["one_live_charge_an_order" in str(error) for error in errors(outcomes)] == [True]
