"""A payment that the server made and the customer's browser confirms, with their bank's question between."""

from urllib.error import HTTPError

import pytest

from tests.standin.shop import Shop, refusal

ASKING, ASKING_THEN_POOR = (
    "pm_card_authenticationRequiredOnSetup",
    ("pm_card_authenticationRequiredChargeDeclinedInsufficientFunds"),
)


def made(shop: Shop, card: str = ASKING) -> tuple[str, str]:
    """Id and client secret of an intent that nobody has confirmed."""
    intent = shop.order(shop.card(card))
    assert intent.client_secret is not None
    return intent.id, intent.client_secret


def events(shop: Shop) -> list[str]:
    """What happened to payments, the first thing first."""
    told = [event.type for event in shop.sdk.events.list({"limit": 100}).data]
    return [kind for kind in reversed(told) if kind.startswith("payment_intent.")]


def test_without_the_customer_it_is_refused_and_with_them_paid(shop: Shop) -> None:
    first, _ = made(shop)
    assert refusal(lambda: shop.ship(first))["code"] == "authentication_required"
    _, secret = made(shop)
    assert shop.answer(secret)["status"] == "succeeded"
    assert [charge.amount for charge in shop.paid()] == [1999]


def test_the_banks_question_is_told_before_its_answer(shop: Shop) -> None:
    shop.answer(made(shop)[1])
    assert events(shop) == [f"payment_intent.{step}" for step in ("created", "requires_action", "succeeded")]


def test_a_no_takes_nothing_and_says_why(shop: Shop) -> None:
    intent, secret = made(shop)
    assert shop.answer(secret, yes=False)["status"] == "requires_payment_method"
    failure = shop.sdk.payment_intents.retrieve(intent).last_payment_error
    assert failure is not None
    assert failure.code == "payment_intent_authentication_failure"
    assert shop.paid() == []


def test_a_yes_may_still_be_declined(shop: Shop) -> None:
    intent, secret = made(shop, ASKING_THEN_POOR)
    with pytest.raises(HTTPError, match="402"):
        shop.answer(secret)
    failure = shop.sdk.payment_intents.retrieve(intent).last_payment_error
    assert failure is not None
    assert failure.decline_code == "insufficient_funds"
    assert shop.paid() == []


def test_what_was_called_off_cannot_be_confirmed(shop: Shop) -> None:
    intent, secret = made(shop)
    shop.sdk.payment_intents.cancel(intent)
    with pytest.raises(HTTPError, match="400"):
        shop.answer(secret)
    assert shop.paid() == []


def test_another_intents_secret_opens_nothing(shop: Shop) -> None:
    (_, secret), (other, _) = made(shop), made(shop)
    with pytest.raises(HTTPError, match="401"):
        shop.answer(f"{other}_secret_{secret.partition('_secret_')[2]}")
    assert shop.paid() == []
