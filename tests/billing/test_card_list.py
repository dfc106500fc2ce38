"""Stripe's list of test cards, charged as we charge: each ends as its name says, for its order and its owner.

The list is https://docs.stripe.com/testing. Half of its declining cards cannot even be saved (test_cards.py): what
their names say comes here from a good card at the moment of the charge, as in real life.
"""

from datetime import timedelta

import pytest

from ars.standin.process import Handle
from billing import charging, dunning
from billing.models import Charge
from orders.models import StockItem
from tests.billing.parcels import SHIPPED_ONCE, begun, end_of, intent_of, note_of
from tests.billing.test_cards import NO_MONEY, REFUSED, WRONG
from tests.factories import NOW
from tests.standin.shop import CONFIRM, Shop

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("standin")]

TOMORROW = NOW + timedelta(days=1)
CONFIRMED = "The bank asks you to confirm this payment yourself."
SOFT, HARD, ASKED = ("declined", TOMORROW), ("declined", None), ("needs_authentication", None)
How = tuple[str, object]


def charged(charge: Charge, shop: Shop) -> tuple[How, str, str]:
    """Status, next try, Stripe's code and what its owner reads, of a charge that took nothing and holds a parcel."""
    charging.advance(charge.pk, NOW)
    status, order, shipped = end_of(charge)
    assert (order, shipped, shop.paid()) == ("payment_failed", 0, [])
    again = dunning.next_retry(charge.order, NOW)
    return (status, again), charge.outcome, note_of(charge).removeprefix(f"{charge.card} was not charged. ")


@pytest.mark.parametrize(
    ("card", "how", "code", "sentence"),
    [
        ("pm_card_chargeCustomerFail", SOFT, "generic_decline", REFUSED),
        ("pm_card_ars_insufficient_funds", SOFT, "insufficient_funds", NO_MONEY),
        ("pm_card_ars_stolen", HARD, "stolen_card", REFUSED),
        ("pm_card_radarBlock", HARD, "fraudulent", REFUSED),
        ("pm_card_riskLevelHighest", HARD, "fraudulent", REFUSED),
        ("pm_card_authenticationRequired", ASKED, "authentication_required", CONFIRMED),
        ("pm_card_authenticationRequiredOnSetup", ASKED, "authentication_required", CONFIRMED),
        ("pm_card_threeDSecureRequired", ASKED, "authentication_required", CONFIRMED),
        (
            "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",
            ASKED,
            "authentication_required",
            CONFIRMED,
        ),
    ],
)
def test_a_card_that_can_be_saved_ends_as_its_name_says(
    shop: Shop, card: str, how: How, code: str, sentence: str
) -> None:
    charge = begun(card)
    assert charged(charge, shop) == (how, code, sentence)
    charging.advance(charge.pk, NOW)
    assert (intent_of(shop, charge)["status"], charge.due_at) == ("canceled", None)
    assert StockItem.objects.values_list("on_hand", "reserved").get() == (5, 1)


@pytest.mark.parametrize(
    ("code", "how", "sentence"),
    [
        ("generic_decline", SOFT, REFUSED),
        ("do_not_honor", SOFT, REFUSED),
        ("insufficient_funds", SOFT, NO_MONEY),
        ("card_velocity_exceeded", SOFT, NO_MONEY),
        ("processing_error", SOFT, REFUSED),
        ("lost_card", HARD, REFUSED),
        ("stolen_card", HARD, REFUSED),
        ("fraudulent", HARD, REFUSED),
        ("do_not_try_again", HARD, REFUSED),
        ("expired_card", HARD, WRONG),
        ("incorrect_cvc", HARD, WRONG),
        ("incorrect_number", HARD, WRONG),
        ("authentication_required", ASKED, CONFIRMED),
    ],
)
def test_a_card_that_was_good_when_it_was_saved(
    standin: Handle, shop: Shop, code: str, how: How, sentence: str
) -> None:
    charge = begun()
    standin.fault(CONFIRM, "decline", decline_code=code)
    assert charged(charge, shop) == (how, code, sentence)


@pytest.mark.parametrize(
    "card", ["pm_card_mastercard", "pm_card_riskLevelElevated", "pm_card_authenticationRequiredSetupForOffSession"]
)
def test_a_card_that_works_ships(shop: Shop, card: str) -> None:
    charge = begun(card)
    charging.advance(charge.pk, NOW)
    assert end_of(charge) == SHIPPED_ONCE
    assert [paid.amount for paid in shop.paid()] == [2676]
