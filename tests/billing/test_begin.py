"""A packed parcel begins one charge; or ships, or waits, at once when there is nothing to charge."""

import pytest
from django.db import IntegrityError

from billing import lifecycle
from billing.models import Charge
from orders.models import Order, StockItem
from tests.billing.parcels import begun_again, end_of, known_card, note_of, packed
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def test_a_packed_parcel_begins_one_charge_over_the_orders_total() -> None:
    dispatch = packed(total_cents=2676)
    card = known_card(dispatch)
    charge = lifecycle.begin(dispatch.pk, NOW)
    assert charge is not None
    assert (charge.amount_cents, charge.currency, charge.card, charge.attempt) == (2676, "usd", card, 1)
    assert (charge.status, charge.due_at) == ("pending", NOW)
    dispatch.refresh_from_db()
    assert dispatch.due_at is None


def test_a_dispatch_begins_once_however_often_it_is_swept() -> None:
    dispatch = packed()
    known_card(dispatch)
    lifecycle.begin(dispatch.pk, NOW)
    assert lifecycle.begin(dispatch.pk, NOW) is None
    assert Charge.objects.count() == 1


def test_a_parcel_without_a_card_waits_and_says_so() -> None:
    charge = lifecycle.begin(packed().pk, NOW)
    assert charge is not None
    assert end_of(charge) == ("declined", "payment_failed", 0)
    assert (charge.outcome, charge.due_at) == ("no_card", None)
    assert note_of(charge) == "No card is saved for this printer, so nothing was charged."


def test_a_removed_card_is_no_card() -> None:
    dispatch = packed()
    card = known_card(dispatch)
    card.removed_at = NOW
    card.save(update_fields=["removed_at"])
    charge = lifecycle.begin(dispatch.pk, NOW)
    assert charge is not None
    assert (charge.status, charge.outcome, charge.card) == ("declined", "no_card", None)


@pytest.mark.parametrize(
    ("order", "outcome", "note"),
    [
        ({"total_cents": 0}, "nothing_to_pay", "Nothing to pay."),
        ({"total_cents": 49}, "below_minimum", "The amount is too small to charge, so it is on us."),
        ({"is_test": True}, "test_printer", "A test printer's order: nothing charged."),
    ],
)
def test_what_is_not_charged_ships_at_once_and_says_why(order: dict[str, int], outcome: str, note: str) -> None:
    dispatch = packed(**order)
    known_card(dispatch)
    charge = lifecycle.begin(dispatch.pk, NOW)
    assert charge is not None
    assert end_of(charge) == ("waived", "shipped", 1)
    assert (charge.outcome, charge.settled_at, charge.due_at, note_of(charge)) == (outcome, NOW, None, note)
    assert StockItem.objects.values_list("on_hand", "reserved").get() == (4, 0)


def test_the_smallest_amount_stripe_takes_is_charged() -> None:
    dispatch = packed(total_cents=50)
    known_card(dispatch)
    charge = lifecycle.begin(dispatch.pk, NOW)
    assert charge is not None
    assert charge.status == "pending"


def test_the_next_try_is_another_attempt() -> None:
    first = lifecycle.begin(packed().pk, NOW)
    assert first is not None
    known_card(first.dispatch)
    assert begun_again(first).attempt == 2


def test_a_dispatch_of_an_order_that_is_not_packed_charges_nothing() -> None:
    dispatch = packed()
    Order.objects.filter(pk=dispatch.order_id).update(status=Order.Status.PAYMENT_FAILED)
    assert lifecycle.begin(dispatch.pk, NOW) is None
    assert not Charge.objects.exists()


def test_the_database_refuses_a_second_live_charge_of_an_order() -> None:
    dispatch = packed()
    known_card(dispatch)
    charge = lifecycle.begin(dispatch.pk, NOW)
    assert charge is not None
    charge.pk, charge.attempt = None, 2
    with pytest.raises(IntegrityError, match="one_live_charge_an_order"):
        charge.save(force_insert=True)
