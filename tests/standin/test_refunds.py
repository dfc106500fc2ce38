"""Refunds: whole or in part, never more than was charged."""

from typing import Any

from stripe import PaymentIntent

from tests.standin.shop import Shop, refusal


def test_a_partial_refund_is_seen_on_the_charge(shop: Shop) -> None:
    shipped = shop.ship(shop.order().id)
    refund = shop.sdk.refunds.create({"payment_intent": shipped.id, "amount": 500, "metadata": {"line": "1"}})
    [charge] = shop.paid()
    assert (refund.status, refund.amount, refund.charge) == ("succeeded", 500, charge.id)
    assert (charge.amount_refunded, charge.refunded) == (500, False)


def test_without_an_amount_the_rest_is_refunded(shop: Shop) -> None:
    shipped = shop.ship(shop.order().id)
    shop.sdk.refunds.create({"payment_intent": shipped.id, "amount": 500})
    assert shop.sdk.refunds.create({"payment_intent": shipped.id, "reason": "duplicate"}).amount == 1499
    assert [(charge.amount_refunded, charge.refunded) for charge in shop.paid()] == [(1999, True)]


def test_more_than_is_left_is_refused(shop: Shop) -> None:
    shipped = shop.ship(shop.order().id)
    assert "greater than charge amount" in too_much(shop, shipped, 2000)["message"]
    shop.sdk.refunds.create({"payment_intent": shipped.id, "amount": 1500})
    assert "greater than unrefunded amount" in too_much(shop, shipped, 500)["message"]
    assert [charge.amount_refunded for charge in shop.paid()] == [1500]


def test_a_refunded_charge_is_not_refunded_again(shop: Shop) -> None:
    shipped = shop.ship(shop.order().id)
    shop.sdk.refunds.create({"payment_intent": shipped.id})
    error = refusal(lambda: shop.sdk.refunds.create({"payment_intent": shipped.id}))
    assert (error["http"], error["code"]) == (400, "charge_already_refunded")
    assert len(shop.sdk.refunds.list().data) == 1


def test_an_unpaid_intent_has_nothing_to_refund(shop: Shop) -> None:
    intent = shop.order()
    assert refusal(lambda: shop.sdk.refunds.create({"payment_intent": intent.id}))["http"] == 400


def test_the_same_refund_key_twice_refunds_once(shop: Shop) -> None:
    shipped = shop.ship(shop.order().id)
    first, again = (
        shop.sdk.refunds.create({"payment_intent": shipped.id, "amount": 500}, {"idempotency_key": "refund-1"})
        for _ in range(2)
    )
    assert first.id == again.id
    assert [charge.amount_refunded for charge in shop.paid()] == [500]


def too_much(shop: Shop, shipped: PaymentIntent, amount: int) -> dict[str, Any]:
    return refusal(lambda: shop.sdk.refunds.create({"payment_intent": shipped.id, "amount": amount}))
