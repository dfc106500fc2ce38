"""Two workers, or a worker and a webhook, on one charge at the same moment: one payment, one shipment."""

from collections.abc import Callable
from typing import Any

import pytest
import stripe
from django.db import connection

from ars.standin.process import Handle
from billing import cards, charging, lifecycle, webhooks
from billing.models import Charge, PlanCard, StripeCustomer, StripeEvent
from orders.models import Order
from tests.billing.parcels import SHIPPED_ONCE, advance_until_settled, begun, end_of, event_of, intent_of, packed
from tests.factories import NOW, UserFactory
from tests.races.threads import errors, race
from tests.standin.shop import CONFIRM, Shop

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("standin")]

ROUNDS = 5


def repeatedly(act: Callable[[], object], times: int) -> list[Callable[[], object]]:
    return [act] * times


@pytest.mark.parametrize("attempt", range(ROUNDS))
def test_four_workers_on_one_charge_are_one_payment(shop: Shop, attempt: int) -> None:
    charge = begun()
    outcomes = race(*repeatedly(lambda: charging.advance(charge.pk, NOW), 4))
    advance_until_settled(charge)
    assert errors(outcomes) == []
    assert end_of(charge) == SHIPPED_ONCE
    assert [paid.amount for paid in shop.paid()] == [2676]


@pytest.mark.parametrize("attempt", range(ROUNDS))
def test_the_answer_and_the_webhook_at_once_ship_once(standin: Handle, shop: Shop, attempt: int) -> None:
    charge = begun()
    standin.fault(CONFIRM, "lost_answer", times=3)
    charging.advance(charge.pk, NOW)
    event = event_of(intent_of(shop, charge))
    outcomes = race(
        lambda: charging.advance(charge.pk, NOW),
        lambda: webhooks.receive(event, NOW),
        lambda: webhooks.receive(event, NOW),
        lambda: webhooks.receive(event | {"id": "evt_2"}, NOW),
    )
    assert errors(outcomes) == []
    assert sorted(outcomes[1:3]) == [False, True]
    assert end_of(charge) == SHIPPED_ONCE
    assert StripeEvent.objects.count() == 2


@pytest.mark.parametrize("attempt", range(ROUNDS))
def test_one_parcel_swept_by_four_begins_one_charge(attempt: int) -> None:
    dispatch = packed()
    PlanCard.objects.create(plan=dispatch.order.plan, card=cards.save_card(dispatch.order.user, "pm_card_visa"))
    outcomes = race(*repeatedly(lambda: lifecycle.begin(dispatch.pk, NOW), 4))
    assert errors(outcomes) == []
    assert Charge.objects.count() == 1


def test_a_user_saving_two_cards_at_once_is_one_customer() -> None:
    user = UserFactory.create()
    outcomes = race(lambda: cards.save_card(user, "pm_card_visa"), lambda: cards.save_card(user, "pm_card_mastercard"))
    assert errors(outcomes) == []
    assert StripeCustomer.objects.filter(user=user).count() == 1
    assert sorted(user.cards.values_list("brand", flat=True)) == ["mastercard", "visa"]


def test_no_transaction_is_open_while_stripe_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    charge, asked = begun(), []
    request = stripe.RequestsClient.request

    def watched(self: stripe.RequestsClient, method: str, *given: Any) -> Any:
        asked.append((method, connection.in_atomic_block))
        return request(self, method, *given)

    monkeypatch.setattr(stripe.RequestsClient, "request", watched)
    charging.advance(charge.pk, NOW)
    assert asked == [("post", False), ("post", False)]
    assert Order.objects.get(pk=charge.order_id).status == "shipped"


def test_looking_before_writing_alone_would_settle_twice() -> None:
    """The negative control: read, look, then write, as `settle` must not."""
    charge = begun()

    def settle_unguarded() -> bool:
        pending = Charge.objects.get(pk=charge.pk).status == Charge.Status.PENDING
        connection.cursor().execute("SELECT pg_sleep(0.2)")
        Charge.objects.filter(pk=charge.pk).update(status=Charge.Status.PAID, settled_at=NOW)
        return pending

    assert race(settle_unguarded, settle_unguarded) == [True, True]
