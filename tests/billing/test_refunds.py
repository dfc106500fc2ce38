"""From ink that came back to money on the card: never twice, never more than was taken, whatever Stripe answers."""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.db.models import F

from ars.standin.process import Handle
from billing import gateway, tasks
from billing.models import Charge, Refund
from billing.refunds import asking, lifecycle
from orders import returns
from orders.models import OrderEvent, ReturnReceipt
from tests.billing.parcels import LATER, advance_until_settled, begun
from tests.factories import NOW, PartnerFactory
from tests.standin.shop import Shop

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("standin")]

REFUNDS = "POST /v1/refunds"


def came_back(*, accepted: bool = True, total_cents: int = 2676) -> ReturnReceipt:
    """A paid order of one piece that is back in the warehouse."""
    charge = begun(total_cents=total_cents)
    advance_until_settled(charge)
    order = charge.order
    order.refresh_from_db()
    sent = [{"sku": order.lines.get().sku.code, "quantity": 1, "accepted": accepted}]
    return returns.receive(PartnerFactory.create(), order, "B-1", sent, NOW)[0]


def owed(total_cents: int = 2676) -> Refund:
    refund = lifecycle.begin(came_back(total_cents=total_cents).pk, NOW)
    assert refund is not None
    return refund


def end_of(refund: Refund) -> tuple[str, int, list[str]]:
    """The refund's status, what counts as refunded on its charge, and what its order's history says of it."""
    refund.refresh_from_db()
    refund.charge.refresh_from_db()
    events = OrderEvent.objects.filter(order=refund.charge.order, note="Money was given back.")
    return refund.status, refund.charge.refunded_cents, [event.by for event in events]


MADE = ("made", 2676, ["Stripe"])


def at_stripe(shop: Shop) -> list[int]:
    return [charge.amount_refunded for charge in shop.paid()]


def advance(refund: Refund, times: int = 4) -> None:
    for _ in range(times):
        asking.advance(refund.pk, NOW)


def test_from_the_warehouse_to_the_card_by_the_two_sweeps(shop: Shop) -> None:
    came_back()
    with time_machine.travel(NOW, tick=False):
        assert (tasks.sweep_returns(), tasks.sweep_refunds(), tasks.sweep_refunds()) == (1, 1, 0)
    assert end_of(Refund.objects.get()) == MADE
    assert at_stripe(shop) == [2676]


def test_the_tax_of_what_came_back_goes_back_too() -> None:
    assert owed(total_cents=2703).amount_cents == 2703


def test_what_is_not_accepted_is_not_paid_back(shop: Shop) -> None:
    receipt = came_back(accepted=False)
    assert lifecycle.begin(receipt.pk, NOW) is None
    receipt.refresh_from_db()
    assert (receipt.due_at, Refund.objects.count(), at_stripe(shop)) == (None, 0, [0])


def test_one_return_begins_one_refund() -> None:
    receipt = came_back()
    assert lifecycle.begin(receipt.pk, NOW) is not None
    ReturnReceipt.objects.update(due_at=None)
    assert lifecycle.begin(receipt.pk, NOW) is None
    assert Refund.objects.count() == 1


def test_no_more_than_is_left_of_the_charge_goes_back() -> None:
    receipt = came_back()
    Charge.objects.update(refunded_cents=2000)
    refund = lifecycle.begin(receipt.pk, NOW)
    assert refund is not None
    assert (refund.amount_cents, Charge.objects.get().refunded_cents) == (676, 2676)


def test_the_database_refuses_more_than_was_charged() -> None:
    owed()
    with pytest.raises(IntegrityError, match="refunds_within_the_charge"), transaction.atomic():
        Charge.objects.update(refunded_cents=F("refunded_cents") + 1)


@pytest.mark.parametrize("fault", ["lost_answer", "500_after", "503"])
def test_an_unknown_outcome_is_found_out_and_made_once(standin: Handle, shop: Shop, fault: str) -> None:
    refund = owed()
    standin.fault(REFUNDS, fault, times=3)
    advance(refund, 1)
    assert end_of(refund) == ("pending", 2676, [])
    advance(refund)
    assert end_of(refund) == MADE
    assert at_stripe(shop) == [2676]
    assert len(shop.sdk.refunds.list().data) == 1


def test_it_is_asked_again_later_and_later_still(standin: Handle) -> None:
    refund = owed()
    standin.fault("POST /v1/**", "503", times=None)
    waits = []
    for _ in range(3):
        with time_machine.travel(LATER, tick=False):
            asking.advance(refund.pk, LATER)
        refund.refresh_from_db()
        waits.append(refund.due_at and refund.due_at - LATER)
    assert waits == [timedelta(seconds=seconds) for seconds in (2, 5, 10)]


def test_what_was_refunded_in_the_dashboard_fails_and_staff_are_told(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    refund = owed()
    shop.sdk.refunds.create({"payment_intent": str(refund.charge.payment_intent_id)})
    advance(refund)
    assert end_of(refund) == ("failed", 0, [])
    assert f"refund {refund.pk} of order {refund.charge.order} failed (charge_already_refunded)" in caplog.text


def test_it_settles_once() -> None:
    refund = owed()
    outcome = gateway.RefundOutcome("made", "re_1")
    assert [lifecycle.settle(refund.pk, outcome, NOW), lifecycle.settle(refund.pk, outcome, NOW)] == [True, False]
    assert end_of(refund) == MADE


def test_a_refund_the_bank_sent_back_is_a_failed_one() -> None:
    told = {"id": "re_1", "status": "failed", "failure_reason": "lost_or_stolen_card"}
    assert gateway.read_refund(told) == gateway.RefundOutcome("failed", "re_1", code="lost_or_stolen_card")
    assert gateway.read_refund(told | {"status": "pending"}).kind == "made"
