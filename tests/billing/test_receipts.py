"""Each payment that was taken has one receipt number, for good; what was not taken has none."""

import re

import pytest
from django.db import IntegrityError, transaction

from billing import lifecycle, receipts
from billing.gateway import Outcome
from billing.models import Charge, Refund
from orders.clock import Clock
from orders.models import Order
from tests.billing.parcels import LATER, known_card, packed
from tests.factories import NOW

pytestmark = pytest.mark.django_db

PAID = Outcome("paid", "pi_1", amount_cents=2676, currency="usd")
DECLINED = Outcome("declined", "pi_1", code="insufficient_funds")


def begun() -> Charge:
    dispatch = packed()
    known_card(dispatch)
    charge = lifecycle.begin(dispatch.pk, NOW)
    assert charge is not None
    return charge


def number_of(charge: Charge) -> str | None:
    charge.refresh_from_db()
    return charge.receipt_number


def counted(number: str | None) -> int:
    found = re.fullmatch(r"R-2026-(\d{6,})", number or "")
    assert found
    return int(found[1])


def test_what_is_paid_gets_the_next_number_once() -> None:
    first, second = begun(), begun()
    lifecycle.settle(second.pk, PAID, NOW)
    number = number_of(second)
    lifecycle.settle(second.pk, PAID, LATER)
    assert number_of(second) == number
    lifecycle.settle(first.pk, PAID, NOW)
    assert counted(number_of(first)) > counted(number)


def test_what_is_declined_or_unknown_has_none() -> None:
    charge = begun()
    assert number_of(charge) is None
    lifecycle.settle(charge.pk, DECLINED, NOW)
    assert number_of(charge) is None


def test_what_is_waived_has_none() -> None:
    charge = lifecycle.begin(packed(total_cents=30).pk, NOW)
    assert charge is not None
    assert charge.status == "waived"
    assert number_of(charge) is None


def test_money_that_came_too_late_has_one_too() -> None:
    charge = begun()
    lifecycle.settle(charge.pk, DECLINED, NOW)
    Order.objects.update(status=Order.Status.CANCELLED)
    lifecycle.settle(charge.pk, PAID, LATER)
    number = number_of(charge)
    assert counted(number)
    lifecycle.settle(charge.pk, PAID, LATER)
    assert number_of(charge) == number
    told = receipts.of([charge], Refund.objects.all(), Clock(LATER))
    assert told.number == number
    text = f"$26.76 was taken from Visa 4242 too late for this order, and goes back: receipt {number}."
    assert told.payments == [text]
    assert told.refunds == ["$26.76 goes back to Visa 4242."]


def test_the_receipt_of_an_order_is_that_of_the_payment_it_shipped_for() -> None:
    late, paid = begun(), begun()
    lifecycle.settle(late.pk, DECLINED, NOW)
    Order.objects.filter(pk=late.order_id).update(status=Order.Status.CANCELLED)
    lifecycle.settle(late.pk, PAID, NOW)
    lifecycle.settle(paid.pk, PAID, LATER)
    told = receipts.of([*Charge.objects.order_by("pk")], [], Clock(LATER))
    assert told.number == number_of(paid)
    assert told.payments[0] == "Charged $26.76 to Visa 4242 on Mon 23 Nov 2026."
    assert len(told.payments) == 2


def test_a_settle_that_is_rolled_back_gives_its_number_to_nobody() -> None:
    charge = begun()
    with transaction.atomic():
        lifecycle.settle(charge.pk, PAID, NOW)
        lost = number_of(charge)
        transaction.set_rollback(True)
    assert number_of(charge) is None
    lifecycle.settle(charge.pk, PAID, LATER)
    assert counted(number_of(charge)) > counted(lost)


def test_the_database_refuses_a_receipt_of_what_was_not_taken() -> None:
    charge = begun()
    with pytest.raises(IntegrityError), transaction.atomic():
        Charge.objects.filter(pk=charge.pk).update(receipt_number="R-2026-1")
