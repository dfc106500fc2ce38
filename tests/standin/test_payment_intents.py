"""One payment intent per shipment: charged once, tried again with another card, never confirmed twice."""

from ars.standin.process import Handle
from tests.standin.shop import Shop, refusal


def test_an_order_is_created_then_confirmed_by_id(shop: Shop) -> None:
    intent = shop.order()
    assert (intent.status, intent.amount_received) == ("requires_confirmation", 0)
    shipped = shop.ship(intent.id)
    assert (shipped.status, shipped.amount_received) == ("succeeded", 1999)
    [charge] = shop.paid()
    assert shipped.latest_charge == charge.id
    assert (charge.amount, charge.payment_intent, charge.metadata.to_dict()) == (1999, intent.id, {"order": "A-1"})


def test_the_latest_charge_is_an_id_unless_expanded(shop: Shop) -> None:
    intent = shop.ship(shop.order().id)
    expanded = shop.sdk.payment_intents.retrieve(intent.id, {"expand": ["latest_charge", "customer"]})
    assert isinstance(intent.latest_charge, str)
    assert not isinstance(expanded.latest_charge, str)
    assert expanded.latest_charge is not None
    assert expanded.latest_charge.id == intent.latest_charge


def test_a_declined_intent_is_paid_with_another_card_under_the_same_id(shop: Shop) -> None:
    intent = shop.order(shop.card("pm_card_chargeCustomerFail"))
    refusal(lambda: shop.ship(intent.id))
    paid = shop.ship(intent.id, shop.card())
    assert (paid.id, paid.status, paid.last_payment_error) == (intent.id, "succeeded", None)
    charges = shop.sdk.charges.list({"payment_intent": intent.id}).data
    assert [charge.status for charge in charges] == ["succeeded", "failed"]


def test_a_paid_intent_cannot_be_confirmed_again(shop: Shop) -> None:
    intent = shop.ship(shop.order().id)
    error = refusal(lambda: shop.ship(intent.id))
    assert (error["http"], error["code"]) == (400, "payment_intent_unexpected_state")
    assert error["payment_intent"]["status"] == "succeeded"
    assert len(shop.paid()) == 1


def test_a_canceled_intent_cannot_be_charged(shop: Shop) -> None:
    intent = shop.order()
    canceled = shop.sdk.payment_intents.cancel(intent.id, {"cancellation_reason": "abandoned"})
    assert (canceled.status, canceled.cancellation_reason) == ("canceled", "abandoned")
    assert refusal(lambda: shop.ship(intent.id))["payment_intent"]["status"] == "canceled"
    assert shop.paid() == []


def test_a_paid_intent_cannot_be_canceled(shop: Shop) -> None:
    intent = shop.ship(shop.order().id)
    error = refusal(lambda: shop.sdk.payment_intents.cancel(intent.id))
    assert error["payment_intent"]["status"] == "succeeded"


def test_another_customers_card_is_refused(standin: Handle, shop: Shop) -> None:
    intent, stranger = shop.order(), Shop(standin.url)
    error = refusal(lambda: shop.ship(intent.id, stranger.card()))
    assert (error["http"], error["code"]) == (400, "resource_missing")
    assert "must be attached to the customer" in error["message"]
    assert shop.paid() == []


def test_a_detached_card_is_of_no_use(shop: Shop) -> None:
    card = shop.card()
    intent = shop.order(card)
    shop.sdk.payment_methods.detach(card)
    assert "may not be used again" in refusal(lambda: shop.ship(intent.id, card))["message"]
    assert refusal(lambda: shop.ship(intent.id))["http"] == 400
    assert refusal(lambda: shop.sdk.payment_methods.attach(card, {"customer": shop.customer}))["http"] == 400


def test_an_intent_without_a_card_waits_for_one(shop: Shop) -> None:
    intent = shop.sdk.payment_intents.create(
        {"amount": 1999, "currency": "usd", "customer": shop.customer, "allowed_payment_method_types": ["card"]}
    )
    assert intent.status == "requires_payment_method"
    assert "missing a payment method" in refusal(lambda: shop.ship(intent.id))["message"]
    assert shop.ship(intent.id, shop.card()).status == "succeeded"


def test_the_amount_can_change_until_it_is_paid(shop: Shop) -> None:
    intent = shop.order()
    assert shop.sdk.payment_intents.update(intent.id, {"amount": 2500}).amount == 2500
    shop.ship(intent.id)
    error = refusal(lambda: shop.sdk.payment_intents.update(intent.id, {"amount": 1}))
    assert error["code"] == "payment_intent_unexpected_state"
    assert [charge.amount for charge in shop.paid()] == [2500]


def test_an_empty_value_removes_metadata(shop: Shop) -> None:
    intent = shop.order()
    changed = shop.sdk.payment_intents.update(intent.id, {"metadata": {"order": "", "try": "2"}})
    assert changed.metadata.to_dict() == {"try": "2"}


def test_an_authorization_is_captured_in_part(shop: Shop) -> None:
    intent = shop.sdk.payment_intents.create(
        {
            "amount": 1999,
            "currency": "usd",
            "customer": shop.customer,
            "payment_method": shop.card(),
            "allowed_payment_method_types": ["card"],
            "capture_method": "manual",
            "confirm": True,
            "off_session": True,
        }
    )
    assert (intent.status, intent.amount_capturable) == ("requires_capture", 1999)
    captured = shop.sdk.payment_intents.capture(intent.id, {"amount_to_capture": 999})
    assert (captured.status, captured.amount_received) == ("succeeded", 999)


def test_localstripe_has_executed_what_the_book_says(standin: Handle, shop: Shop) -> None:
    """Our book and the program behind us agree: a balance transaction is localstripe's own."""
    shop.ship(shop.order().id)
    [charge] = shop.paid()
    assert isinstance(charge.balance_transaction, str)
    booked = shop.sdk.balance_transactions.retrieve(charge.balance_transaction)
    assert (booked.amount, booked.source) == (1999, charge.id)
