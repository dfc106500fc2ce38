"""Cards are kept at Stripe for their owner and pay for that owner's plans alone."""

import pytest

from ars.standin.process import Handle
from billing import cards
from billing.models import Card, PlanCard, StripeCustomer
from printers.facts import Refused
from tests.factories import NOW, PlanFactory, UserFactory
from tests.standin.shop import Shop

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("standin")]


def test_a_saved_card_is_kept_at_stripe_and_shown_by_its_last_digits(shop: Shop) -> None:
    user = UserFactory.create()
    card = cards.save_card(user, "pm_card_visa")
    assert (card.brand, card.last4, str(card)) == ("visa", "4242", "Visa 4242")
    assert (card.exp_month, card.exp_year) == (12, 2034)
    kept = shop.sdk.payment_methods.retrieve(card.stripe_id)
    assert kept.customer == user.stripe_customer.stripe_id


def test_one_user_is_one_customer_at_stripe(shop: Shop) -> None:
    user = UserFactory.create()
    assert cards.ensure_customer(user) == cards.ensure_customer(user)
    assert [customer.email for customer in shop.sdk.customers.list().data] == [user.email]


def test_a_customer_whose_answer_was_lost_is_not_made_twice(standin: Handle, shop: Shop) -> None:
    user = UserFactory.create()
    standin.fault("POST /v1/customers", "lost_answer", times=3)
    with pytest.raises(Refused, match="We cannot reach the card service right now"):
        cards.ensure_customer(user)
    assert cards.ensure_customer(user).stripe_id == shop.sdk.customers.list().data[0].id
    assert len(shop.sdk.customers.list().data) == 1


def test_a_customer_whose_key_stays_busy_is_made_without_it(standin: Handle, shop: Shop) -> None:
    standin.fault("POST /v1/customers", "409", times=2)
    customer = cards.ensure_customer(UserFactory.create())
    assert [made.id for made in shop.sdk.customers.list().data] == [customer.stripe_id]


def test_a_card_saved_twice_is_one_card() -> None:
    user = UserFactory.create()
    first = cards.save_card(user, "pm_card_visa")
    assert cards.save_card(user, first.stripe_id) == first
    assert Card.objects.count() == 1


def test_a_card_saved_again_after_it_was_removed_is_usable() -> None:
    user = UserFactory.create()
    first = cards.save_card(user, "pm_card_visa")
    Card.objects.update(removed_at=NOW)
    assert cards.save_card(user, first.stripe_id).removed_at is None


REFUSED = "The bank refused this card. Another card works best."
NO_MONEY = "The bank said there was not enough available."
WRONG = "The bank did not accept the number or date."


@pytest.mark.parametrize(
    ("card", "sentence"),
    [
        ("pm_card_visa_chargeDeclined", REFUSED),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", NO_MONEY),
        ("pm_card_visa_chargeDeclinedLostCard", REFUSED),
        ("pm_card_visa_chargeDeclinedStolenCard", REFUSED),
        ("pm_card_chargeDeclinedExpiredCard", WRONG),
        ("pm_card_chargeDeclinedIncorrectCvc", WRONG),
        ("pm_card_chargeDeclinedProcessingError", REFUSED),
        ("pm_card_visa_chargeDeclinedVelocityLimitExceeded", NO_MONEY),
        ("pm_nobody_knows", REFUSED),
    ],
)
def test_a_card_that_cannot_be_kept_is_refused_in_plain_words(card: str, sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        cards.save_card(UserFactory.create(), card)
    assert (str(refused.value), refused.value.code) == (sentence, "card_refused")
    assert not Card.objects.exists()


def test_somebody_elses_card_cannot_be_saved() -> None:
    theirs = cards.save_card(UserFactory.create(), "pm_card_visa")
    with pytest.raises(Refused, match="The bank refused this card"):
        cards.save_card(UserFactory.create(), theirs.stripe_id)
    assert Card.objects.get().user == theirs.user


def test_a_card_used_for_a_plan_makes_the_plan_payable() -> None:
    plan = PlanFactory.create(payable_since=None)
    card = cards.save_card(plan.user, "pm_card_visa")
    cards.use_card(plan, card, NOW)
    plan.refresh_from_db()
    assert (plan.payable_since, PlanCard.objects.get(plan=plan).card) == (NOW, card)


def test_another_card_takes_the_place_of_the_first() -> None:
    plan = PlanFactory.create()
    for name in ("pm_card_visa", "pm_card_mastercard"):
        cards.use_card(plan, cards.save_card(plan.user, name), NOW)
    assert PlanCard.objects.get(plan=plan).card.brand == "mastercard"


def test_another_users_card_cannot_pay_for_a_plan() -> None:
    plan, other = PlanFactory.create(payable_since=None), UserFactory.create()
    with pytest.raises(Refused) as refused:
        cards.use_card(plan, cards.save_card(other, "pm_card_visa"), NOW)
    assert refused.value.code == "card_not_usable"
    plan.refresh_from_db()
    assert (plan.payable_since, PlanCard.objects.count()) == (None, 0)


def test_a_customer_is_made_anew_when_none_is_known(shop: Shop) -> None:
    first, second = UserFactory.create(), UserFactory.create()
    assert cards.ensure_customer(first) != cards.ensure_customer(second)
    assert StripeCustomer.objects.count() == len(shop.sdk.customers.list().data) == 2
