"""Stripe's word becomes ours once, whoever brings it, in whatever order."""

import pytest

from billing import lifecycle
from billing.gateway import Outcome
from billing.models import Card, Charge, Refund
from orders.models import Order
from tests.billing.parcels import LATER, SHIPPED_ONCE, begun_again, end_of, known_card, note_of, packed
from tests.factories import NOW

pytestmark = pytest.mark.django_db

PAID = Outcome("paid", "pi_1", amount_cents=2676, currency="usd")
DECLINED = Outcome("declined", "pi_1", code="insufficient_funds", advice="try_again_later")
ASKED = Outcome("needs_authentication", "pi_1", code="authentication_required")


@pytest.fixture
def charge() -> Charge:
    dispatch = packed()
    known_card(dispatch)
    begun = lifecycle.begin(dispatch.pk, NOW)
    assert begun is not None
    return begun


def test_paid_ships_once_however_often_it_is_told(charge: Charge) -> None:
    assert [lifecycle.settle(charge.pk, PAID, NOW) for _ in range(3)] == [True, False, False]
    assert end_of(charge) == SHIPPED_ONCE


def test_declined_holds_once_however_often_it_is_told(charge: Charge) -> None:
    assert [lifecycle.settle(charge.pk, DECLINED, NOW) for _ in range(3)] == [True, False, False]
    assert end_of(charge) == ("declined", "payment_failed", 0)
    assert Order.objects.get().events.filter(status="payment_failed").count() == 1


def test_a_decline_told_after_the_payment_changes_nothing(charge: Charge) -> None:
    lifecycle.settle(charge.pk, PAID, NOW)
    assert lifecycle.settle(charge.pk, DECLINED, LATER) is False
    assert end_of(charge) == SHIPPED_ONCE


@pytest.mark.parametrize("before", [DECLINED, ASKED])
def test_a_payment_told_after_a_refusal_ships_the_order_that_waits(charge: Charge, before: Outcome) -> None:
    lifecycle.settle(charge.pk, before, NOW)
    assert lifecycle.settle(charge.pk, PAID, LATER) is True
    assert end_of(charge) == SHIPPED_ONCE
    assert (charge.settled_at, charge.outcome, charge.advice) == (LATER, "", "")
    assert note_of(charge) == "Charged $26.76 to Visa 4242."


def test_a_payment_told_after_the_order_ended_goes_back_at_once(charge: Charge) -> None:
    lifecycle.settle(charge.pk, DECLINED, NOW)
    Order.objects.update(status=Order.Status.CANCELLED)
    assert [lifecycle.settle(charge.pk, PAID, LATER) for _ in range(2)] == [True, False]
    assert end_of(charge) == ("declined", "cancelled", 0)
    refund = charge.refunds.get()
    assert (refund.amount_cents, refund.reason, refund.due_at) == (2676, "too_late", LATER)
    assert (charge.outcome, charge.refunded_cents) == ("paid_too_late", 2676)


def test_a_payment_told_while_the_next_attempt_runs_ships_nothing_twice(charge: Charge) -> None:
    lifecycle.settle(charge.pk, DECLINED, NOW)
    second = begun_again(charge)
    lifecycle.settle(charge.pk, PAID, LATER)
    lifecycle.settle(second.pk, PAID, LATER)
    assert end_of(second) == SHIPPED_ONCE
    assert (end_of(charge)[0], charge.outcome) == ("declined", "paid_too_late")
    assert [(refund.charge, refund.amount_cents) for refund in Refund.objects.all()] == [(charge, 2676)]


@pytest.mark.parametrize(
    "outcome", [Outcome("paid", "pi_1", amount_cents=2600, currency="usd"), Outcome("paid", "pi_1", currency="eur")]
)
def test_another_amount_or_currency_is_never_settled(charge: Charge, outcome: Outcome) -> None:
    assert lifecycle.settle(charge.pk, outcome, NOW) is False
    lifecycle.renew(charge.pk, NOW)
    lifecycle.postpone(charge, Outcome("unknown", "pi_1"), NOW)
    assert end_of(charge) == ("pending", "packed", 0)
    assert (charge.outcome, charge.due_at) == ("wrong_amount", None)


def test_what_is_not_known_settles_nothing(charge: Charge) -> None:
    assert lifecycle.settle(charge.pk, Outcome("unknown", "pi_1"), NOW) is False
    assert end_of(charge) == ("pending", "packed", 0)
    assert charge.due_at == NOW


def test_one_id_is_kept_and_never_replaced(charge: Charge) -> None:
    assert lifecycle.keep_intent(charge.pk, "pi_1") is True
    assert lifecycle.keep_intent(charge.pk, "pi_2") is False
    charge.refresh_from_db()
    assert charge.payment_intent_id == "pi_1"


def test_history_names_the_card_as_people_know_it(charge: Charge) -> None:
    Card.objects.update(brand="amex", last4="0005")
    lifecycle.settle(charge.pk, PAID, NOW)
    assert note_of(charge) == "Charged $26.76 to Amex 0005."
