"""A customer's own confirmation against all that may happen at the same moment: one live charge, money taken once."""

from functools import partial
from threading import Barrier

import pytest

from ars.standin.process import Handle
from billing import cards, charging, confirming, lifecycle, webhooks
from billing.models import Charge
from orders import lifecycle as orders
from orders.models import Order
from printers.facts import Refused
from tests.billing.conftest import shop, standin, stripe_process
from tests.billing.parcels import (
    SHIPPED_ONCE,
    advance_until_settled,
    another_card,
    asked_for,
    asked_in_our_rows,
    end_of,
    event_of,
    intent_of,
)
from tests.factories import NOW
from tests.races.threads import errors, race
from tests.standin.shop import Shop

__all__ = ["shop", "standin", "stripe_process"]

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 8
TOO_LATE = NOW + confirming.PATIENCE


def live(charge: Charge) -> int:
    return Charge.objects.live().filter(order=charge.order_id).count()


def cancel(order_id: int) -> None:
    orders.cancel(Order.objects.get(pk=order_id), NOW, "customer", "", by_customer=True)


def test_four_presses_are_one_attempt_and_one_intent(standin: Handle, shop: Shop) -> None:
    charge = asked_for()
    outcomes = race(*[partial(confirming.begin, charge.order_id, NOW)] * 4)
    told = [outcome for outcome in outcomes if isinstance(outcome, confirming.Confirmation)]
    assert all(isinstance(error, Refused) for error in errors(outcomes))  # Stripe was busy with the same key
    assert len({confirmation.client_secret for confirmation in told}) == 1
    assert (live(charge), charge.order.charges.count()) == (1, 2)
    assert len(shop.sdk.payment_intents.list().data) == 2


def test_a_press_against_a_new_card_is_one_live_charge() -> None:
    for _ in range(ROUNDS):
        charge = asked_in_our_rows()
        card = another_card(charge.order.user)
        press = partial(confirming.take_up, charge.order_id, NOW)
        outcomes = race(press, partial(cards.use_card, charge.order.plan, card, NOW), press)
        assert errors(outcomes) == []
        assert (live(charge), charge.order.charges.count()) == (1, 2)


def test_a_new_card_against_the_end_of_an_unanswered_question_is_always_tried() -> None:
    for _ in range(ROUNDS):
        charge = asked_in_our_rows()
        own = confirming.take_up(charge.order_id, NOW)
        assert own is not None
        card = another_card(charge.order.user)
        outcomes = race(partial(cards.use_card, charge.order.plan, card, NOW), partial(lifecycle.give_up, own.pk, NOW))
        assert errors(outcomes) == []
        assert Charge.objects.live().get(order=charge.order_id).card == card


def test_a_press_against_a_cancellation_has_one_winner() -> None:
    for _ in range(ROUNDS):
        charge = asked_in_our_rows()
        outcomes = race(partial(confirming.take_up, charge.order_id, NOW), partial(cancel, charge.order_id))
        assert all(isinstance(error, Refused) for error in errors(outcomes))
        order = Order.objects.get(pk=charge.order_id)
        assert (order.status, live(charge)) in {("packed", 1), ("cancelled", 0)}


def test_an_intent_kept_against_giving_up_is_never_given_away_for_nothing() -> None:
    for _ in range(ROUNDS):
        own = confirming.take_up(asked_in_our_rows().order_id, NOW)
        assert own is not None
        name = f"pi_of_{own.pk}"
        kept, gave_up = race(partial(lifecycle.keep_intent, own.pk, name), partial(lifecycle.give_up, own.pk, NOW))
        own.refresh_from_db()
        assert kept is True
        assert (gave_up, own.status) in {(True, "needs_authentication"), (False, "pending")}


@pytest.mark.usefixtures("standin")
def test_a_yes_against_the_sweep_that_calls_off_is_paid_or_held_and_never_both(shop: Shop) -> None:
    for _ in range(ROUNDS):
        told = confirming.begin(asked_for().order_id, NOW)
        own = Charge.objects.filter(on_session=True).latest("pk")
        before = len(shop.paid())
        race(partial(shop.answer, told.client_secret), partial(charging.advance, own.pk, TOO_LATE))
        advance_until_settled(own)
        paid = len(shop.paid()) - before
        assert (end_of(own), paid) in [(SHIPPED_ONCE, 1), (("needs_authentication", "payment_failed", 0), 0)]


@pytest.mark.usefixtures("standin")
def test_the_browser_the_webhook_and_the_worker_at_once_ship_once(shop: Shop) -> None:
    told = confirming.begin(asked_for().order_id, NOW)
    own = Charge.objects.get(on_session=True)
    shop.answer(told.client_secret)
    event = event_of(intent_of(shop, own))
    outcomes = race(
        partial(webhooks.receive, event, NOW),
        partial(confirming.answered, own.order_id, 2, NOW),
        partial(charging.advance, own.pk, NOW),
        partial(charging.advance, own.pk, NOW),
    )
    assert errors(outcomes) == []
    assert end_of(own) == SHIPPED_ONCE
    assert len(shop.paid()) == 1


def test_control_without_the_orders_lock_two_presses_would_begin_two() -> None:
    """Both see an order that waits and no attempt under way: the constraint alone stops the second, with an error."""
    charge, both_have_looked = asked_in_our_rows(), Barrier(2)

    def naive(attempt: int) -> bool:
        may = confirming.may_confirm(Charge.objects.get(pk=charge.pk), NOW)
        both_have_looked.wait(timeout=60)
        told = {"order_id": charge.order_id, "dispatch_id": charge.dispatch_id, "amount_cents": 2676}
        Charge.objects.create(attempt=attempt, currency="usd", created_at=NOW, on_session=True, **told)
        return may

    outcomes = race(partial(naive, 2), partial(naive, 3))
    assert outcomes.count(True) == 1
    assert ["one_live_charge_an_order" in str(error) for error in errors(outcomes)] == [True]
