"""A payment its owner confirms with their bank: one attempt, one intent, which their browser confirms or nobody."""

from datetime import timedelta
from urllib.error import HTTPError

import pytest
import time_machine

from ars.standin.process import Handle
from billing import cards, charging, confirming, gateway, lifecycle, tasks
from billing.confirming import Confirmation
from billing.gateway import Outcome
from billing.leases import LEASE
from billing.models import Charge
from orders import lifecycle as orders
from orders.models import Order
from printers.facts import Refused
from tests.billing.parcels import (
    LATER,
    SHIPPED_ONCE,
    advance_until_settled,
    another_card,
    asked_for,
    asked_in_our_rows,
    end_of,
    intent_of,
    note_of,
    refused,
)
from tests.factories import NOW
from tests.standin.shop import CREATE, Shop, arrived

pytestmark = pytest.mark.django_db

TOO_LATE = NOW + confirming.PATIENCE
HELD_AGAIN = ("needs_authentication", "payment_failed", 0)
UNANSWERED = "Visa 3155 was not charged. Your bank's question was not answered, so nothing was charged."


def begin(charge: Charge) -> tuple[Confirmation, Charge]:
    """What the browser is told, and the attempt it confirms."""
    told = confirming.begin(charge.order_id, NOW)
    return told, Charge.objects.get(order=charge.order_id, attempt=told.attempt)


def test_a_yes_in_the_browser_is_paid_and_ships(shop: Shop) -> None:
    told, own = begin(asked_for())
    shop.answer(told.client_secret)
    assert confirming.answered(own.order_id, 2, NOW)
    advance_until_settled(own)
    assert end_of(own) == SHIPPED_ONCE
    assert note_of(own) == "Charged $26.76 to Visa 3155."
    assert [paid.amount for paid in shop.paid()] == [2676]


def test_the_order_is_packed_meanwhile_and_its_attempt_the_owners(shop: Shop) -> None:
    charge = asked_for()
    told, own = begin(charge)
    assert (own.status, own.on_session, own.card, own.due_at) == ("pending", True, charge.card, NOW + LEASE)
    event = own.order.events.get(by="customer")
    assert (event.status, event.note) == ("packed", "Its owner confirms it, with Visa 3155.")
    assert own.card is not None
    assert told.payment_method == own.card.stripe_id
    assert intent_of(shop, own)["metadata"] == {"order": own.order.number, "attempt": "2"}
    assert intent_of(shop, charge)["id"] != own.payment_intent_id


def test_two_presses_are_one_attempt_and_one_intent(shop: Shop) -> None:
    charge = asked_for()
    assert begin(charge) == begin(charge)
    assert Charge.objects.count() == 2
    assert len(shop.sdk.payment_intents.list().data) == 2


def test_the_worker_never_confirms_it(standin: Handle) -> None:
    _, own = begin(asked_for())
    before = arrived(standin, "/confirm")
    for _ in range(3):
        charging.advance(own.pk, NOW)
    assert arrived(standin, "/confirm") == before
    assert end_of(own) == ("pending", "packed", 0)


def test_a_no_holds_the_order_again_and_may_be_tried_once_more(shop: Shop) -> None:
    told, own = begin(asked_for())
    shop.answer(told.client_secret, yes=False)
    charging.advance(own.pk, NOW)
    assert end_of(own) == HELD_AGAIN
    assert (own.outcome, note_of(own)) == ("payment_intent_authentication_failure", UNANSWERED)
    again, own = begin(own)
    assert (again.attempt, again.client_secret != told.client_secret) == (3, True)
    shop.answer(again.client_secret)
    advance_until_settled(own)
    assert end_of(own) == SHIPPED_ONCE
    assert len(shop.paid()) == 1


def test_a_card_declined_after_the_yes_is_a_decline(shop: Shop) -> None:
    told, own = begin(asked_for("pm_card_authenticationRequiredChargeDeclinedInsufficientFunds"))
    with pytest.raises(HTTPError, match="402"):
        shop.answer(told.client_secret)
    charging.advance(own.pk, NOW)
    assert end_of(own) == ("declined", "payment_failed", 0)
    assert (own.outcome, shop.paid()) == ("insufficient_funds", [])


def test_what_nobody_answers_is_called_off_at_stripe_and_then_held(shop: Shop) -> None:
    told, own = begin(asked_for())
    charging.advance(own.pk, TOO_LATE - timedelta(seconds=1))
    assert end_of(own) == ("pending", "packed", 0)
    charging.advance(own.pk, TOO_LATE)
    assert end_of(own) == HELD_AGAIN
    assert (own.outcome, note_of(own)) == ("canceled", UNANSWERED)
    assert intent_of(shop, own)["status"] == "canceled"
    with pytest.raises(HTTPError, match="400"):
        shop.answer(told.client_secret)
    assert shop.paid() == []


def test_a_browser_that_came_back_without_an_answer_is_not_waited_for(shop: Shop) -> None:
    _, own = begin(asked_for())
    assert confirming.answered(own.order_id, 2, NOW)
    charging.advance(own.pk, NOW)
    assert end_of(own) == HELD_AGAIN
    assert intent_of(shop, own)["status"] == "canceled"


def test_paid_while_it_was_being_called_off_it_ships(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    told, own = begin(asked_for())
    seen = gateway.retrieve_intent

    def retrieve(intent: str) -> Outcome:
        found = seen(intent)
        if not shop.paid():
            shop.answer(told.client_secret)
        return found

    monkeypatch.setattr(gateway, "retrieve_intent", retrieve)
    charging.advance(own.pk, TOO_LATE)
    assert end_of(own) == SHIPPED_ONCE
    assert len(shop.paid()) == 1


@pytest.mark.parametrize("fault", ["lost_answer", "reset", "503", "500_before", "500_after"])
def test_a_cancellation_that_is_lost_is_asked_for_again(standin: Handle, shop: Shop, fault: str) -> None:
    _, own = begin(asked_for())
    standin.fault("POST /v1/payment_intents/*/cancel", fault, times=3)
    for _ in range(3):
        charging.advance(own.pk, TOO_LATE)
        own.refresh_from_db()
    assert end_of(own) == HELD_AGAIN
    assert intent_of(shop, own)["status"] == "canceled"


@pytest.mark.parametrize("fault", ["lost_answer", "lost_request", "503", "500_before", "500_after"])
def test_while_stripe_is_away_nothing_can_be_confirmed_and_a_second_press_works(
    standin: Handle, shop: Shop, fault: str
) -> None:
    charge = asked_for()
    standin.fault(CREATE, fault, times=1 if fault == "500_after" else 2)  # one that was executed is replayed
    with pytest.raises(Refused, match="We cannot reach the card service right now"):
        confirming.begin(charge.order_id, NOW)
    told, own = begin(charge)
    shop.answer(told.client_secret)
    advance_until_settled(own)
    assert end_of(own) == SHIPPED_ONCE
    assert len(shop.paid()) == 1


def test_an_attempt_without_an_intent_ends_without_one(standin: Handle, shop: Shop) -> None:
    charge = asked_for()
    standin.fault(CREATE, "503", times=2)
    with pytest.raises(Refused):
        confirming.begin(charge.order_id, NOW)
    own = Charge.objects.get(attempt=2)
    charging.advance(own.pk, NOW)
    assert end_of(own) == ("pending", "packed", 0)
    charging.advance(own.pk, TOO_LATE)
    assert end_of(own) == HELD_AGAIN
    assert own.payment_intent_id is None


@pytest.mark.usefixtures("standin")
def test_a_card_stripe_does_not_know_is_a_decline() -> None:
    charge = asked_in_our_rows()
    with pytest.raises(Refused, match="does not wait for you any more"):
        confirming.begin(charge.order_id, NOW)
    own = Charge.objects.get(attempt=2)
    assert end_of(own) == ("declined", "payment_failed", 0)


def test_an_answer_is_taken_once_and_of_its_own_attempt() -> None:
    charge = asked_in_our_rows()
    own = confirming.take_up(charge.order_id, NOW)
    assert own is not None
    assert [confirming.answered(charge.order_id, attempt, LATER) for attempt in (1, 3, 2, 2)] == [
        *(False, False, True, False)
    ]
    own.refresh_from_db()
    assert (own.answered_at, own.due_at) == (LATER, LATER)


def test_an_answer_is_not_put_off_by_a_worker_who_looked_before_it() -> None:
    own = confirming.take_up(asked_in_our_rows().order_id, NOW)
    assert own is not None
    confirming.answered(own.order_id, 2, LATER)
    lifecycle.postpone(own, Outcome("asking", "pi_2"), LATER)
    own.refresh_from_db()
    assert (own.due_at, own.tries) == (LATER, 0)


def test_only_what_its_bank_asked_for_is_confirmed() -> None:
    charge = refused()
    with pytest.raises(Refused, match="does not wait for you any more"):
        confirming.begin(charge.order_id, NOW)
    assert (Charge.objects.count(), Order.objects.get().status) == (1, "payment_failed")


def test_a_card_taken_away_is_not_confirmed() -> None:
    charge = asked_in_our_rows()
    assert charge.card is not None
    charge.card.removed_at = NOW
    charge.card.save(update_fields=["removed_at"])
    assert confirming.take_up(charge.order_id, NOW) is None
    assert Order.objects.get().status == "payment_failed"


def test_no_card_is_asked_more_often_than_the_networks_allow() -> None:
    charge = asked_in_our_rows()
    for _ in range(1, lifecycle.MOST_TRIES):
        own = confirming.take_up(charge.order_id, NOW)
        assert own is not None
        lifecycle.settle(own.pk, Outcome("needs_authentication", code="payment_intent_authentication_failure"), NOW)
    assert confirming.take_up(charge.order_id, NOW) is None
    assert Charge.objects.count() == lifecycle.MOST_TRIES


def test_another_card_named_meanwhile_is_charged_when_nobody_answers() -> None:
    charge = asked_in_our_rows()
    own = confirming.take_up(charge.order_id, NOW)
    assert own is not None
    cards.use_card(charge.order.plan, another_card(charge.order.user), LATER)
    assert Charge.objects.count() == 2
    assert lifecycle.give_up(own.pk, LATER)
    live = Charge.objects.live().get()
    assert (str(live.card), live.attempt, live.on_session) == ("Visa 1881", 3, False)


def test_a_success_after_the_order_ended_ships_nothing() -> None:
    charge = asked_in_our_rows()
    own = confirming.take_up(charge.order_id, NOW)
    assert own is not None
    lifecycle.settle(own.pk, Outcome("declined", "pi_2", code="canceled"), LATER)
    orders.cancel(Order.objects.get(), LATER, "customer", "", by_customer=True)
    assert lifecycle.settle(own.pk, Outcome("paid", "pi_2", amount_cents=2676, currency="usd"), LATER)
    own.refresh_from_db()
    assert (own.status, own.outcome, Order.objects.get().status) == (
        "needs_authentication",
        "paid_too_late",
        "cancelled",
    )


def test_the_sweep_finds_it_when_its_owner_has_answered(shop: Shop) -> None:
    told, own = begin(asked_for())
    shop.answer(told.client_secret)
    with time_machine.travel(LATER, tick=False):
        confirming.answered(own.order_id, 2, LATER)
        assert tasks.sweep_charges() == 1
    assert end_of(own) == SHIPPED_ONCE


def test_a_banks_open_question_ends_an_attempt_only_where_nobody_is_there_to_answer() -> None:
    own = confirming.take_up(asked_in_our_rows().order_id, NOW)
    assert own is not None
    asking = Outcome("asking", "pi_2")
    assert not lifecycle.decides(own, asking)
    own.on_session = False
    assert lifecycle.decides(own, asking)
