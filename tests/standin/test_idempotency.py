"""A key charges once: replayed when repeated, refused while running or for another request."""

from concurrent.futures import ThreadPoolExecutor

from ars.standin.process import Handle
from tests.standin.shop import CONFIRM, Shop, arrived, executed, refusal
from tests.waiting import eventually


def test_the_same_key_twice_is_one_intent_and_one_charge(shop: Shop) -> None:
    card = shop.card()
    first, again = shop.order(card, "order-1"), shop.order(card, "order-1")
    assert first.id == again.id
    shop.ship(first.id, key="ship-1")
    replayed = shop.ship(first.id, key="ship-1")
    assert replayed.last_response is not None
    assert replayed.last_response.headers["Idempotent-Replayed"] == "true"
    assert len(shop.paid()) == 1


def test_another_key_is_another_intent(shop: Shop) -> None:
    card = shop.card()
    assert shop.order(card, "order-1").id != shop.order(card, "order-2").id


def test_a_key_with_other_parameters_is_refused(shop: Shop) -> None:
    card = shop.card()
    shop.order(card, "order-1", amount=1999)
    error = refusal(lambda: shop.order(card, "order-1", amount=2999))
    assert (error["http"], error["type"]) == (400, "idempotency_error")


def test_a_key_that_is_still_running_is_a_conflict(standin: Handle, shop: Shop) -> None:
    intent, hasty = shop.order(), Shop(standin.url, retries=0)
    standin.fault(CONFIRM, "slow_before", seconds=1.5)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(shop.ship, intent.id, key="ship-1")
        assert eventually(lambda: arrived(standin, "/confirm") == 1)
        error = refusal(lambda: hasty.ship(intent.id, key="ship-1"))
        assert (error["http"], error["code"]) == (409, "idempotency_key_in_use")
        assert first.result().status == "succeeded"


def test_eight_threads_with_one_key_are_one_charge(shop: Shop) -> None:
    intent = shop.order()
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda _: shop.ship(intent.id, key="ship-1").status, range(8)))
    assert outcomes == ["succeeded"] * 8
    assert len(shop.paid()) == 1


def test_a_refused_parameter_does_not_use_up_the_key(shop: Shop) -> None:
    card = shop.card()
    assert refusal(lambda: shop.order(card, "order-1", amount=49))["code"] == "amount_too_small"
    assert shop.order(card, "order-1", amount=50).amount == 50


def test_a_decline_is_remembered_under_its_key(standin: Handle, shop: Shop) -> None:
    intent = shop.order(shop.card("pm_card_ars_insufficient_funds"))
    first = refusal(lambda: shop.ship(intent.id, key="ship-1"))
    again = refusal(lambda: shop.ship(intent.id, key="ship-1"))
    assert (first["decline_code"], again) == ("insufficient_funds", first)
    assert executed(standin, "/confirm") == 1


def test_an_injected_429_is_not_remembered(standin: Handle, shop: Shop) -> None:
    intent = shop.order()
    standin.fault(CONFIRM, "429")
    assert refusal(lambda: shop.ship(intent.id, key="ship-1"))["http"] == 429
    assert shop.ship(intent.id, key="ship-1").status == "succeeded"


def test_a_500_after_execution_is_remembered_though_the_charge_was_made(standin: Handle, shop: Shop) -> None:
    intent, hasty = shop.order(), Shop(standin.url, retries=0)
    standin.fault(CONFIRM, "500_after")
    assert refusal(lambda: hasty.ship(intent.id, key="ship-1"))["http"] == 500
    assert refusal(lambda: hasty.ship(intent.id, key="ship-1"))["http"] == 500
    assert shop.sdk.payment_intents.retrieve(intent.id).status == "succeeded"
    assert len(shop.paid()) == 1


def test_keys_longer_than_255_are_refused(shop: Shop) -> None:
    assert refusal(lambda: shop.order(shop.card(), "k" * 256))["http"] == 400
