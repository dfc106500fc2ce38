"""Our books beside Stripe's: nothing differs after a good day, and each way they can differ is found, once."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from ars.standin.process import Handle
from billing import tasks
from billing.models import Charge, Difference, Reconciliation, Refund
from billing.reconciliation import repairs, running
from billing.refunds import asking
from billing.refunds import lifecycle as refunds
from orders.models import Order
from printers.facts import Refused
from tests.billing.parcels import advance_until_settled, begun, intent_of
from tests.standin.shop import Shop

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("standin")]

HOUR = timedelta(hours=1)


def paid(shop: Shop, **order: Any) -> Charge:
    """A charge that was paid, by Stripe's clock as by ours."""
    charge = begun(**order)
    advance_until_settled(charge)
    assert charge.settled_at is not None
    return charge


def compare(charge: Charge) -> list[tuple[str, str, str]]:
    """What the next night finds."""
    at = (charge.settled_at or charge.created_at) + 2 * HOUR
    run = running.reconcile(at - timedelta(days=1), at, at)
    assert run.failure == ""
    return list(run.differences.order_by("pk").values_list("kind", "ours", "theirs"))


def given_back(charge: Charge, cents: int = 500) -> Refund:
    refund = refunds.owe(charge, cents, Refund.Reason.STAFF, charge.created_at, by="ann", note="Late.")
    assert refund is not None
    asking.advance(refund.pk, charge.created_at)
    refund.refresh_from_db()
    assert refund.status == "made"
    return refund


def test_after_a_good_day_nothing_differs(shop: Shop) -> None:
    charge = paid(shop)
    given_back(charge)
    assert compare(charge) == []
    run = Reconciliation.objects.get()
    assert (run.payments, run.refunds, run.finished_at) == (1, 1, run.began_at)


def test_a_payment_that_no_charge_knows_is_found(shop: Shop) -> None:
    charge = paid(shop)
    shop.ship(shop.order(shop.card(), amount=900).id)
    assert compare(charge) == [("payment_missing_here", "", "900 usd cents")]


def test_a_charge_that_stripe_does_not_know_is_found(shop: Shop) -> None:
    charge = paid(shop)
    Charge.objects.update(payment_intent_id="pi_nowhere")
    assert [kind for kind, *_ in compare(charge)] == ["payment_missing_here", "payment_missing_there"]


def test_another_amount_is_found_and_no_repair_proposed(shop: Shop) -> None:
    charge = paid(shop)
    Charge.objects.update(amount_cents=2600)
    assert compare(charge) == [("payment_amount", "2600 usd cents", "2676 usd cents")]
    with pytest.raises(Refused, match="compare both sides by hand"):
        repairs.apply(Difference.objects.get(), charge.created_at, "ann")


def test_a_payment_that_did_not_settle_here_is_repaired_by_a_person_once(shop: Shop) -> None:
    charge = paid(shop)
    Charge.objects.update(status="declined", outcome="card_declined", receipt_number=None)
    Order.objects.update(status="payment_failed")
    assert compare(charge) == [("payment_unsettled", "Declined", "2676 usd cents")]
    found, at = Difference.objects.get(), charge.settled_at
    assert at is not None
    assert [repairs.apply(found, at, "ann") for _ in range(2)] == [True, False]
    charge.refresh_from_db()
    assert (charge.status, Order.objects.get().status) == ("paid", "shipped")
    assert compare(charge) == []


def test_a_refund_made_at_stripe_alone_is_taken_over(shop: Shop) -> None:
    charge = paid(shop)
    shop.sdk.refunds.create({"payment_intent": intent_of(shop, charge)["id"], "amount": 700})
    assert compare(charge) == [("refund_missing_here", "", "700 usd cents")]
    assert repairs.apply(Difference.objects.get(), charge.created_at, "ann")
    charge.refresh_from_db()
    assert (charge.refunded_cents, Refund.objects.get().reason) == (700, "dashboard")


def test_a_refund_that_stripe_does_not_know_is_found(shop: Shop) -> None:
    charge = paid(shop)
    given_back(charge)
    Refund.objects.update(stripe_id="re_nowhere")
    assert [kind for kind, *_ in compare(charge)] == ["refund_missing_here", "refund_missing_there"]


def test_a_refund_given_up_here_and_made_there_is_made_after_all(shop: Shop) -> None:
    charge = paid(shop)
    refund = given_back(charge)
    Refund.objects.update(status="failed", outcome="refused")
    Charge.objects.update(refunded_cents=0)
    assert compare(charge) == [("refund_state", "Refused by Stripe", "made")]
    assert repairs.apply(Difference.objects.get(), charge.created_at, "ann")
    refund.refresh_from_db()
    charge.refresh_from_db()
    assert (refund.status, charge.refunded_cents) == ("made", 500)


def test_what_is_under_way_is_no_difference(shop: Shop) -> None:
    charge = paid(shop)
    Charge.objects.update(status="pending", settled_at=None, due_at=charge.created_at, receipt_number=None)
    assert compare(charge) == []


def test_the_next_night_does_not_say_it_again(shop: Shop) -> None:
    charge = paid(shop)
    shop.ship(shop.order(shop.card(), amount=900).id)
    assert [len(compare(charge)) for _ in range(2)] == [1, 0]


def test_books_that_cannot_be_read_are_a_failure_and_no_difference(standin: Handle, shop: Shop) -> None:
    charge = paid(shop)
    standin.fault("GET /v1/charges", "503", times=3)
    assert charge.settled_at is not None
    with time_machine.travel(charge.settled_at + 2 * HOUR, tick=False):
        assert tasks.reconcile() == 0
    run = Reconciliation.objects.get()
    assert (bool(run.failure), run.finished_at) == (True, None)
