"""The cards of deleted accounts: Stripe forgets them, once nothing is to be charged to them any more."""

from datetime import timedelta

import pytest
import time_machine

from ars.standin.process import Handle
from billing import cards, closing, gateway
from billing.models import Card
from billing.tasks import sweep_cards
from enrollment.models import Closure
from orders.models import Order
from printers.facts import Refused
from tests.billing.parcels import advance_until_settled, begun, end_of
from tests.factories import NOW, PlanFactory, UserFactory
from tests.standin.shop import Shop

pytestmark = pytest.mark.django_db


def of_deleted_account() -> Card:
    user = UserFactory.create()
    card = cards.save_card(user, "pm_card_visa")
    assert closing.delete_account(user, NOW)
    return card


def kept_at_stripe(shop: Shop, card: Card) -> bool:
    return shop.sdk.payment_methods.retrieve(card.stripe_id).customer is not None


def swept(hours: int = 0) -> int:
    with time_machine.travel(NOW + timedelta(hours=hours, seconds=1), tick=False):
        return int(sweep_cards())


def test_a_card_is_taken_away_at_stripe_once(shop: Shop) -> None:
    card = of_deleted_account()
    assert kept_at_stripe(shop, card)
    assert (swept(), swept(2)) == (1, 0)
    card.refresh_from_db()
    assert (kept_at_stripe(shop, card), card.removed_at is None, card.due_at) == (False, False, None)


def test_while_stripe_is_away_it_is_tried_again(standin: Handle, shop: Shop) -> None:
    card = of_deleted_account()
    standin.fault(f"POST /v1/payment_methods/{card.stripe_id}/detach", "503", times=3)
    swept()
    card.refresh_from_db()
    assert (card.removed_at, card.due_at) == (None, NOW + timedelta(hours=1, seconds=1))
    swept(2)
    assert not kept_at_stripe(shop, card)


def test_a_lost_answer_is_as_good(standin: Handle, shop: Shop) -> None:
    card = of_deleted_account()
    standin.fault(f"POST /v1/payment_methods/{card.stripe_id}/detach", "lost_answer", times=1)
    swept()
    swept(2)
    card.refresh_from_db()
    assert (kept_at_stripe(shop, card), card.removed_at is None) == (False, False)


@pytest.mark.usefixtures("standin")
def test_one_that_stripe_does_not_know_is_gone() -> None:
    gateway.detach_card("pm_nobody_knows")


def test_what_is_packed_is_charged_first(shop: Shop) -> None:
    charge = begun()
    assert charge.card is not None
    assert closing.delete_account(charge.order.user, NOW)
    swept()
    assert kept_at_stripe(shop, charge.card)
    advance_until_settled(charge)
    assert end_of(charge) == ("paid", "shipped", 1)
    swept(2)
    assert not kept_at_stripe(shop, charge.card)


def test_what_is_refused_changes_nothing() -> None:
    plan = PlanFactory.create(user__is_staff=True)
    with pytest.raises(Refused):
        closing.delete_account(plan.user, NOW)
    plan.refresh_from_db()
    assert (plan.status, plan.user.full_name, Closure.objects.count()) == ("active", "Ana Ruiz", 0)
    assert not Order.objects.exists()


def test_the_second_time_there_is_nothing_to_do() -> None:
    user = UserFactory.create()
    assert [closing.delete_account(user, NOW) for _ in range(2)] == [True, False]
