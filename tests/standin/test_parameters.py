"""What the real API accepts is accepted, what it removed or never knew is refused, each with Stripe's code."""

import json
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode

import pytest
from stripe.params import PaymentIntentCreateParams

from tests.standin.shop import Shop, refusal


def test_parameters_that_localstripe_refuses_are_accepted(shop: Shop) -> None:
    intent = shop.sdk.payment_intents.create(
        {
            "amount": 1999,
            "currency": "usd",
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            "description": "Ink",
            "statement_descriptor_suffix": "INK",
            "receipt_email": "ada@example.com",
            "shipping": {"name": "Ada", "address": {"line1": "1 Main St"}},
        }
    )
    assert intent.description == "Ink"
    assert intent.receipt_email == "ada@example.com"
    assert intent.shipping is not None
    assert intent.shipping.name == "Ada"


@pytest.mark.parametrize(
    ("fields", "code", "param"),
    [
        ({"payment_method_types[0]": "card"}, "payment_method_types_no_longer_supported", "payment_method_types"),
        ({"off_sesion": "true"}, "parameter_unknown", "off_sesion"),
        ({"shipping[planet]": "Mars"}, "parameter_unknown", "shipping[planet]"),
        ({"idempotency_key": "k"}, "parameter_unknown", "idempotency_key"),
        ({"amount": "19.99"}, "parameter_invalid_integer", "amount"),
        ({"amount": "49"}, "amount_too_small", "amount"),
        ({"customer": "cus_nobody"}, "resource_missing", "customer"),
    ],
)
def test_a_wrong_parameter_is_refused_by_name(shop: Shop, fields: dict[str, str], code: str, param: str) -> None:
    error = posted(shop, "/v1/payment_intents", {"amount": "1999", "currency": "usd", **fields})
    assert (error["http"], error["code"], error["param"]) == (400, code, param)


def test_a_missing_parameter_is_named(shop: Shop) -> None:
    error = posted(shop, "/v1/payment_intents", {"amount": "1999"})
    assert (error["code"], error["param"]) == ("parameter_missing", "currency")


def test_payment_methods_are_chosen_in_one_way_only(shop: Shop) -> None:
    both: PaymentIntentCreateParams = {
        "amount": 1999,
        "currency": "usd",
        "automatic_payment_methods": {"enabled": True},
        "allowed_payment_method_types": ["card"],
    }
    assert refusal(lambda: shop.sdk.payment_intents.create(both))["http"] == 400


def test_a_statement_descriptor_is_refused_for_cards(shop: Shop) -> None:
    params: PaymentIntentCreateParams = {"amount": 1999, "currency": "usd", "statement_descriptor": "INK"}
    assert refusal(lambda: shop.sdk.payment_intents.create(params))["param"] == "statement_descriptor"


@pytest.mark.parametrize("suffix", ["482719365", "N4827193650", "INK*1", "INK <1>", "ЧЕРНИЛА"])
def test_a_statement_says_what_banks_can_print(shop: Shop, suffix: str) -> None:
    params: PaymentIntentCreateParams = {"amount": 1999, "currency": "usd", "statement_descriptor_suffix": suffix}
    assert refusal(lambda: shop.sdk.payment_intents.create(params))["param"] == "statement_descriptor_suffix"


def test_automatic_methods_with_redirects_need_a_return_url_to_confirm(shop: Shop) -> None:
    intent = shop.sdk.payment_intents.create(
        {
            "amount": 1999,
            "currency": "usd",
            "customer": shop.customer,
            "payment_method": shop.card(),
            "automatic_payment_methods": {"enabled": True},
        }
    )
    assert refusal(lambda: shop.ship(intent.id))["param"] == "return_url"
    confirmed = shop.sdk.payment_intents.confirm(intent.id, {"return_url": "https://shop.example.com/"})
    assert confirmed.status == "succeeded"


@pytest.mark.parametrize("key", ["", "sk_live_real", "pk_test_shop", "nonsense"])
def test_only_secret_test_keys_are_let_in(shop: Shop, key: str) -> None:
    assert posted(shop, "/v1/customers", {}, key)["http"] == 401


def test_an_unknown_address_is_a_404_in_stripes_shape(shop: Shop) -> None:
    error = posted(shop, "/v1/checkout/sessions", {})
    assert (error["http"], error["type"]) == (404, "invalid_request_error")


def test_every_answer_names_its_request_and_version(shop: Shop) -> None:
    answer = shop.sdk.customers.create({}).last_response
    assert answer is not None
    headers = answer.headers
    assert headers["Request-Id"].startswith("req_")
    assert headers["Stripe-Version"] == "2026-10-28.endive"


def posted(shop: Shop, path: str, fields: Mapping[str, str], key: str = "sk_test_shop") -> dict[str, Any]:
    """The refusal of a form which the SDK's own types would not let us send."""
    headers = {"Authorization": f"Bearer {key}"}
    request = urllib.request.Request(shop.url + path, urlencode(fields).encode(), headers, method="POST")
    with pytest.raises(HTTPError) as refused, urllib.request.urlopen(request, timeout=60):
        pass
    return {"http": refused.value.code, **json.load(refused.value)["error"]}
