"""Declines as their cards' names say, with code, advice and the intent inside, and authentication off session."""

import pytest

from ars.standin.process import Handle
from tests.standin.shop import CONFIRM, Shop, refusal


@pytest.mark.parametrize(
    ("name", "decline_code", "advice_code"),
    [
        ("pm_card_chargeCustomerFail", "generic_decline", "try_again_later"),
        ("pm_card_ars_insufficient_funds", "insufficient_funds", "try_again_later"),
        ("pm_card_ars_stolen", "stolen_card", "do_not_try_again"),
        ("pm_card_chargeDeclinedFraudulent", "fraudulent", "do_not_try_again"),
    ],
)
def test_a_saved_card_declines_when_charged(shop: Shop, name: str, decline_code: str, advice_code: str) -> None:
    intent = shop.order(shop.card(name))
    error = refusal(lambda: shop.ship(intent.id))
    assert (error["http"], error["type"], error["code"]) == (402, "card_error", "card_declined")
    assert (error["decline_code"], error["advice_code"]) == (decline_code, advice_code)
    assert error["payment_intent"]["status"] == "requires_payment_method"
    assert shop.paid() == []


def test_the_intent_remembers_why_it_was_declined(shop: Shop) -> None:
    intent = shop.order(shop.card("pm_card_ars_stolen"))
    told = refusal(lambda: shop.ship(intent.id))
    kept = shop.sdk.payment_intents.retrieve(intent.id)
    assert kept.last_payment_error is not None
    assert kept.last_payment_error.decline_code == told["decline_code"] == "stolen_card"
    assert kept.last_payment_error.charge == kept.latest_charge == told["charge"]
    assert kept.payment_method is None


def test_a_declined_charge_is_listed_as_failed(shop: Shop) -> None:
    intent = shop.order(shop.card("pm_card_ars_insufficient_funds"))
    refusal(lambda: shop.ship(intent.id))
    [charge] = shop.sdk.charges.list().data
    assert charge.outcome is not None
    assert (charge.status, charge.paid, charge.captured) == ("failed", False, False)
    assert (charge.failure_code, charge.outcome.reason) == ("card_declined", "insufficient_funds")


@pytest.mark.parametrize(
    ("name", "code", "decline_code"),
    [
        ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_visa_chargeDeclinedStolenCard", "card_declined", "stolen_card"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"),
        ("pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error"),
    ],
)
def test_these_cards_decline_already_when_attached(shop: Shop, name: str, code: str, decline_code: str) -> None:
    error = refusal(lambda: shop.card(name))
    assert (error["http"], error["code"], error["decline_code"]) == (402, code, decline_code)
    assert shop.sdk.payment_methods.list({"customer": shop.customer}).data == []


def test_a_card_that_asks_for_authentication_is_declined_off_session(shop: Shop) -> None:
    intent = shop.order(shop.card("pm_card_authenticationRequired"))
    error = refusal(lambda: shop.ship(intent.id))
    assert (error["http"], error["type"], error["code"]) == (402, "card_error", "authentication_required")
    assert error["payment_intent"]["status"] == "requires_payment_method"


def test_on_session_the_same_card_waits_for_its_bank(shop: Shop) -> None:
    card = shop.card("pm_card_authenticationRequired")
    intent = shop.sdk.payment_intents.confirm(shop.order(card).id)
    assert (intent.status, shop.sdk.charges.list().data) == ("requires_action", [])


def test_a_good_card_declines_when_a_test_orders_it(standin: Handle, shop: Shop) -> None:
    intent = shop.order()
    standin.fault(CONFIRM, "decline", decline_code="lost_card")
    error = refusal(lambda: shop.ship(intent.id))
    assert (error["decline_code"], error["advice_code"]) == ("lost_card", "do_not_try_again")
    assert shop.ship(intent.id, shop.card()).status == "succeeded"
