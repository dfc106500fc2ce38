"""A begun charge against Stripe over HTTP: whatever goes wrong, it ends in one payment or a readable reason."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine

from ars.standin.process import Handle
from billing import charging
from billing.gateway import wire
from billing.models import Charge
from orders.models import StockItem
from orders.money import parse_number
from tests.billing.parcels import (
    SHIPPED_ONCE,
    advance_until_settled,
    begun,
    begun_again,
    end_of,
    intent_of,
    note_of,
)
from tests.factories import NOW
from tests.standin.shop import CONFIRM, CREATE, Shop, arrived

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("standin")]

RETRIEVE, CANCEL = "GET /v1/payment_intents/*", "POST /v1/payment_intents/*/cancel"
FAULTS = ["lost_request", "lost_answer", "reset", "409", "429", "503", "500_before", "500_after"]


@pytest.fixture
def lose_patience(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From the call on, wait half a second for an answer instead of twenty."""
    return lambda: monkeypatch.setattr(wire, "WORKER", replace(wire.WORKER, read=0.5))


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long anybody in this process would have slept."""
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    return waits


def test_a_smooth_charge_ships_the_order(shop: Shop) -> None:
    charge = begun()
    charging.advance(charge.pk, NOW)
    assert end_of(charge) == SHIPPED_ONCE
    assert note_of(charge) == "Charged $26.76 to Visa 4242."
    assert [paid.amount for paid in shop.paid()] == [2676]
    assert (charge.due_at, charge.outcome) == (None, "")
    assert StockItem.objects.values_list("on_hand", "reserved").get() == (4, 0)


def test_stripe_is_told_the_order_and_the_attempt(shop: Shop) -> None:
    charge = begun()
    charging.advance(charge.pk, NOW)
    assert intent_of(shop, charge)["metadata"] == {"order": charge.order.number, "attempt": "1"}


def test_the_cards_statement_names_the_order(shop: Shop) -> None:
    charge = begun()
    charging.advance(charge.pk, NOW)
    [paid] = shop.paid()
    assert paid.calculated_statement_descriptor == f"ARS INK CO* N{charge.order.number}"
    assert len(paid.calculated_statement_descriptor) == 22
    assert parse_number(paid.calculated_statement_descriptor.partition("*")[2]) == charge.order.number


def test_a_smooth_charge_is_two_calls_under_keys_of_its_own(standin: Handle) -> None:
    charge = begun()
    before = len(standin.requests(everything=True))
    charging.advance(charge.pk, NOW)
    asked = standin.requests(everything=True)[before:]
    assert [call["idempotency_key"] for call in asked] == [f"charge-{charge.pk}-create", f"charge-{charge.pk}-confirm"]


def test_a_settled_charge_is_not_asked_about(standin: Handle) -> None:
    charge = begun()
    charging.advance(charge.pk, NOW)
    before = len(standin.requests(everything=True))
    charging.advance(charge.pk, NOW)
    assert len(standin.requests(everything=True)) == before


@pytest.mark.parametrize("step", [CREATE, CONFIRM])
@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_delays_the_one_payment(standin: Handle, shop: Shop, step: str, kind: str) -> None:
    charge = begun()
    standin.fault(step, kind, times=3)
    charging.advance(charge.pk, NOW)
    advance_until_settled(charge)
    assert end_of(charge) == SHIPPED_ONCE
    assert [paid.amount for paid in shop.paid()] == [2676]


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_while_asking_again_delays_the_one_payment(standin: Handle, shop: Shop, kind: str) -> None:
    charge = begun()
    standin.fault(CONFIRM, "lost_answer", times=3)
    standin.fault(RETRIEVE, kind, times=3)
    advance_until_settled(charge)
    assert end_of(charge) == SHIPPED_ONCE
    assert len(shop.paid()) == 1


@pytest.mark.parametrize("step", [CREATE, CONFIRM])
def test_an_answer_that_takes_too_long_is_an_answer_lost(
    standin: Handle, shop: Shop, lose_patience: Callable[[], None], step: str
) -> None:
    charge = begun()
    lose_patience()
    standin.fault(step, "timeout", times=3)
    charging.advance(charge.pk, NOW)
    charge.refresh_from_db()
    assert (charge.status, charge.outcome) == ("pending", "no_answer")
    advance_until_settled(charge)
    assert end_of(charge) == SHIPPED_ONCE
    assert len(shop.paid()) == 1


def test_while_an_outcome_is_unknown_the_order_stays_packed(standin: Handle, shop: Shop) -> None:
    charge = begun()
    standin.fault(CONFIRM, "lost_answer", times=3)
    charging.advance(charge.pk, NOW)
    assert end_of(charge) == ("pending", "packed", 0)
    assert (charge.tries, charge.outcome, len(shop.paid())) == (1, "no_answer", 1)


def test_a_lost_answer_never_makes_a_second_intent(standin: Handle, shop: Shop) -> None:
    charge = begun()
    standin.fault(CREATE, "lost_answer", times=3)
    advance_until_settled(charge)
    assert len(shop.sdk.payment_intents.list().data) == 1


def test_an_error_stripe_would_repeat_is_left_behind_with_its_key(standin: Handle, shop: Shop) -> None:
    charge = begun()
    standin.fault(CREATE, "500_after")
    charging.advance(charge.pk, NOW)
    charge.refresh_from_db()
    assert (charge.spent_keys, charge.outcome) == (1, "http_500")
    charging.advance(charge.pk, NOW)
    assert end_of(charge) == SHIPPED_ONCE
    unpaid, paid = sorted(shop.sdk.payment_intents.list().data, key=lambda intent: intent.status == "succeeded")
    assert (unpaid.status, paid.id) == ("requires_confirmation", charge.payment_intent_id)


def test_it_is_asked_again_later_and_later(standin: Handle) -> None:
    charge = begun()
    standin.fault("POST /v1/payment_intents", "429", times=None)
    waits = []
    with time_machine.travel(NOW, tick=False):
        for _ in range(7):
            charging.advance(charge.pk, NOW)
            charge.refresh_from_db()
            assert charge.due_at is not None
            waits.append(charge.due_at - NOW)
    assert waits == [timedelta(seconds=seconds) for seconds in (2, 5, 10, 30, 60, 300, 300)]


@pytest.mark.parametrize(("retry_after", "advised"), [(None, None), (60, None), (60, True), (60, False)])
def test_too_many_requests_is_no_answer_and_holds_nobody_up(
    standin: Handle, shop: Shop, slept: list[float], retry_after: int | None, advised: bool | None
) -> None:
    """Stripe's header says whether to repeat at once; how long to wait it leaves to us, and our row waits, not we."""
    charge = begun()
    standin.fault(CONFIRM, "429", times=3, retry_after=retry_after, should_retry=advised)
    charging.advance(charge.pk, NOW)
    charge.refresh_from_db()
    assert (charge.status, charge.outcome, charge.spent_keys) == ("pending", "http_429", 0)
    assert arrived(standin, "/confirm") == (3 if advised else 1)
    assert sum(slept) < 5
    standin.clear_faults()
    advance_until_settled(charge)
    assert end_of(charge) == SHIPPED_ONCE
    assert len(shop.paid()) == 1


def test_the_banks_advice_is_kept(standin: Handle) -> None:
    charge = begun()
    standin.fault(CONFIRM, "decline", decline_code="generic_decline", advice_code="do_not_try_again")
    charging.advance(charge.pk, NOW)
    charge.refresh_from_db()
    assert charge.advice == "do_not_try_again"


def test_a_decline_whose_answer_was_lost_is_learned_by_asking(standin: Handle, shop: Shop) -> None:
    charge = begun("pm_card_ars_insufficient_funds")
    standin.fault(CONFIRM, "lost_answer", times=3)
    advance_until_settled(charge)
    assert end_of(charge) == ("declined", "payment_failed", 0)
    assert (charge.outcome, shop.paid()) == ("insufficient_funds", [])


def test_a_declined_attempt_and_a_second_that_succeeds_are_one_payment(standin: Handle, shop: Shop) -> None:
    charge = begun()
    standin.fault(CONFIRM, "decline", decline_code="insufficient_funds")
    charging.advance(charge.pk, NOW)
    again = begun_again(charge)
    charging.advance(again.pk, NOW)
    assert end_of(again) == SHIPPED_ONCE
    assert len(shop.paid()) == 1


def test_a_payment_called_off_at_stripe_holds_the_parcel(standin: Handle, shop: Shop) -> None:
    charge = begun()
    standin.fault(CONFIRM, "lost_request", times=3)
    charging.advance(charge.pk, NOW)
    charge.refresh_from_db()
    shop.sdk.payment_intents.cancel(str(charge.payment_intent_id))
    charging.advance(charge.pk, NOW)
    assert end_of(charge) == ("declined", "payment_failed", 0)
    assert note_of(charge) == "Visa 4242 was not charged. The payment was called off."


def test_a_card_stripe_does_not_know_holds_the_parcel() -> None:
    charge = begun()
    assert charge.card is not None
    charge.card.stripe_id = "pm_gone"
    charge.card.save(update_fields=["stripe_id"])
    charging.advance(charge.pk, NOW)
    assert end_of(charge) == ("declined", "payment_failed", 0)
    assert charge.outcome == "card_unusable"


def test_another_amount_than_ours_ships_nothing_and_waits_for_a_person(
    standin: Handle, shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    charge = begun()
    standin.fault(CONFIRM, "lost_request", times=3)
    charging.advance(charge.pk, NOW)
    Charge.objects.filter(pk=charge.pk).update(amount_cents=2677)
    charging.advance(charge.pk, NOW)
    assert end_of(charge) == ("pending", "packed", 0)
    assert (charge.outcome, charge.due_at) == ("wrong_amount", None)
    assert f"order {charge.order}: Stripe took 2676 usd for attempt 1, not 2677 usd" in caplog.text


@pytest.mark.parametrize("fault", ["lost_request", "reset", "429", "409", "503", "500_before"])
def test_a_refused_intent_that_could_not_be_called_off_is_asked_for_again(
    standin: Handle, shop: Shop, fault: str
) -> None:
    charge = begun("pm_card_ars_insufficient_funds")
    advance_until_settled(charge)
    standin.fault(CANCEL, fault, times=1 if fault == "429" else 3)
    charging.advance(charge.pk, NOW)
    assert Charge.objects.to_call_off().get() == charge
    charging.advance(charge.pk, NOW)
    assert not Charge.objects.to_call_off().exists()
    charge.refresh_from_db()
    assert (charge.status, charge.outcome) == ("declined", "insufficient_funds")
    assert intent_of(shop, charge)["status"] == "canceled"
