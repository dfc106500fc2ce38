"""Saving a card: by the SDK and by the script in the customer's browser, which holds no secret key."""

import json
import urllib.request
from typing import Any
from urllib.error import HTTPError

import pytest
from stripe import SetupIntent

from tests.standin.shop import Shop, refusal

VISA, ASKING = "4242424242424242", "4000002500003155"


def in_browser(shop: Shop, intent: SetupIntent, verb: str, number: str | None = None) -> dict[str, Any]:
    """What Stripe.js's stand-in posts: JSON as plain text, the publishable key in it."""
    asked: dict[str, Any] = {"key": "pk_test_shop", "client_secret": intent.client_secret, "use_stripe_sdk": True}
    if number:
        card = {"number": number, "exp_month": "12", "exp_year": "2034", "cvc": "123"}
        asked["payment_method_data"] = {"type": "card", "card": card, "billing_details": {"address": {}}}
    request = urllib.request.Request(f"{shop.url}/v1/setup_intents/{intent.id}/{verb}", json.dumps(asked).encode())
    with urllib.request.urlopen(request, timeout=60) as answer:
        document: dict[str, Any] = json.load(answer)
        return document


def begun(shop: Shop) -> SetupIntent:
    return shop.sdk.setup_intents.create(
        {"customer": shop.customer, "usage": "off_session", "allowed_payment_method_types": ["card"]}
    )


def test_a_confirmed_card_is_attached_and_can_be_charged(shop: Shop) -> None:
    intent = shop.sdk.setup_intents.confirm(begun(shop).id, {"payment_method": "pm_card_visa"})
    assert intent.status == "succeeded"
    [card] = shop.sdk.payment_methods.list({"customer": shop.customer, "type": "card"}).data
    assert card.id == intent.payment_method
    assert shop.ship(shop.order(card.id).id).status == "succeeded"


def test_a_refused_card_is_not_saved(shop: Shop) -> None:
    intent = begun(shop)
    error = refusal(lambda: shop.sdk.setup_intents.confirm(intent.id, {"payment_method": "pm_card_chargeDeclined"}))
    assert (error["http"], error["setup_intent"]["status"]) == (402, "requires_payment_method")
    assert shop.sdk.payment_methods.list({"customer": shop.customer}).data == []


def test_the_browser_saves_a_card_with_the_client_secret(shop: Shop) -> None:
    saved = in_browser(shop, begun(shop), "confirm", VISA)
    assert saved["status"] == "succeeded"
    assert shop.sdk.payment_methods.retrieve(saved["payment_method"]).customer == shop.customer


def test_a_card_authenticated_once_is_charged_off_session(shop: Shop) -> None:
    intent = begun(shop)
    assert in_browser(shop, intent, "confirm", ASKING)["status"] == "requires_action"
    saved = in_browser(shop, intent, "confirm")
    assert saved["status"] == "succeeded"
    assert shop.ship(shop.order(saved["payment_method"]).id).status == "succeeded"


def test_a_failed_authentication_leaves_the_intent_open(shop: Shop) -> None:
    intent = begun(shop)
    in_browser(shop, intent, "confirm", ASKING)
    left = in_browser(shop, intent, "cancel")
    assert left["status"] == "requires_payment_method"
    assert left["last_setup_error"]["code"] == "setup_intent_authentication_failure"


def test_a_payment_waiting_for_its_bank_is_finished_in_the_browser(shop: Shop) -> None:
    waiting = shop.sdk.payment_intents.confirm(shop.order(shop.card("pm_card_authenticationRequired")).id)
    assert shop.answer(str(waiting.client_secret))["status"] == "succeeded"
    assert len(shop.paid()) == 1


def test_the_browser_cannot_lower_the_price(shop: Shop) -> None:
    intent = shop.order()
    asked = {"key": "pk_test_shop", "client_secret": intent.client_secret, "amount": 50}
    request = urllib.request.Request(f"{shop.url}/v1/payment_intents/{intent.id}", json.dumps(asked).encode())
    with pytest.raises(HTTPError, match="401"), urllib.request.urlopen(request, timeout=60):
        pass
    assert shop.sdk.payment_intents.retrieve(intent.id).amount == 1999


def test_the_browsers_script_is_served(shop: Shop) -> None:
    with urllib.request.urlopen(f"{shop.url}/js.stripe.com/v3/", timeout=60) as answer:
        assert answer.headers["Content-Type"].startswith("application/javascript")
        assert b"confirmCardSetup" in answer.read()
