"""Every fault does what its name says, and nothing else."""

import time

import pytest
from stripe import APIConnectionError, APIError, RateLimitError

from ars.standin.process import Handle
from tests.standin.shop import CONFIRM, CREATE, Shop, arrived, executed, refusal
from tests.waiting import eventually


@pytest.fixture
def hasty(standin: Handle) -> Shop:
    """A shop that never repeats a request by itself and waits half a second for the answer."""
    return Shop(standin.url, retries=0, seconds=0.5)


@pytest.mark.parametrize(("kind", "made"), [("lost_answer", 1), ("reset_after", 1), ("lost_request", 0), ("reset", 0)])
def test_a_cut_leaves_the_outcome_open(standin: Handle, shop: Shop, hasty: Shop, kind: str, made: int) -> None:
    intent = shop.order()
    standin.fault(CONFIRM, kind)
    with pytest.raises(APIConnectionError):
        hasty.ship(intent.id)
    assert eventually(standin.is_quiet)  # on a busy machine patience may end before anything was executed
    assert len(shop.paid()) == made


@pytest.mark.parametrize("kind", ["lost_answer", "reset_after", "lost_request", "reset", "503", "500_before", "409"])
def test_the_sdks_retry_heals_it_with_one_charge(standin: Handle, shop: Shop, kind: str) -> None:
    intent = shop.order()
    standin.fault(CONFIRM, kind)
    assert shop.ship(intent.id).status == "succeeded"
    assert (arrived(standin, "/confirm"), executed(standin, "/confirm"), len(shop.paid())) == (2, 1, 1)


@pytest.mark.parametrize(("kind", "status"), [("429", 429), ("409", 409), ("503", 503), ("500_before", 500)])
def test_a_refusal_executes_nothing(standin: Handle, shop: Shop, hasty: Shop, kind: str, status: int) -> None:
    intent = shop.order()
    standin.fault(CONFIRM, kind)
    assert refusal(lambda: hasty.ship(intent.id))["http"] == status
    assert (executed(standin, "/confirm"), shop.paid()) == (0, [])


def test_a_new_key_after_a_lost_answer_is_a_second_intent(standin: Handle, shop: Shop, hasty: Shop) -> None:
    card = shop.card()
    hasty._customer = shop.customer
    standin.fault(CREATE, "lost_answer")
    with pytest.raises(APIConnectionError):
        hasty.order(card, "try-1")
    hasty.order(card, "try-2")
    assert len(shop.sdk.payment_intents.list().data) == 2


def test_confirming_the_same_id_after_a_lost_answer_stays_one_charge(standin: Handle, shop: Shop, hasty: Shop) -> None:
    intent = shop.order()
    standin.fault(CONFIRM, "lost_answer")
    with pytest.raises(APIConnectionError):
        hasty.ship(intent.id, key="try-1")
    assert refusal(lambda: hasty.ship(intent.id, key="try-2"))["code"] == "payment_intent_unexpected_state"
    assert len(shop.paid()) == 1


def test_a_timeout_withholds_the_answer_of_what_was_executed(standin: Handle, shop: Shop, hasty: Shop) -> None:
    intent = shop.order()
    standin.fault(CONFIRM, "timeout", seconds=3)
    with pytest.raises(APIConnectionError, match="Read timed out"):
        hasty.ship(intent.id)
    assert len(shop.paid()) == 1


def test_a_slow_answer_is_late_and_right(standin: Handle, shop: Shop) -> None:
    intent, begun = shop.order(), time.monotonic()
    standin.fault(CONFIRM, "slow", seconds=0.7)
    assert shop.ship(intent.id).status == "succeeded"
    assert time.monotonic() - begun >= 0.7


def test_a_fault_strikes_as_often_as_ordered(standin: Handle, shop: Shop, hasty: Shop) -> None:
    intent = shop.order()
    standin.fault(CONFIRM, "503", times=2)
    assert [refusal(lambda: hasty.ship(intent.id))["http"] for _ in range(2)] == [503, 503]
    assert hasty.ship(intent.id).status == "succeeded"


def test_a_fault_can_strike_every_third_time(standin: Handle, hasty: Shop) -> None:
    standin.fault("GET /v1/charges", "503", times=None, every=3)
    statuses = [status(hasty) for _ in range(6)]
    assert statuses == [200, 200, 503, 200, 200, 503]


def test_a_fault_can_strike_a_share_of_all_by_dice_that_fall_alike_each_time(standin: Handle, hasty: Shop) -> None:
    runs = []
    for _ in range(2):
        standin.clear_faults()
        standin.fault("** /v1/**", "503", times=None, share=0.5, seed=1)
        runs.append([status(hasty) for _ in range(12)])
    assert runs[0] == runs[1]
    assert set(runs[0]) == {200, 503}
    assert standin.faults()[0]["hits"] == runs[0].count(503)


def test_an_answer_that_is_no_stripes_says_nothing_of_what_was_executed(
    standin: Handle, shop: Shop, hasty: Shop
) -> None:
    intent = shop.order()
    standin.fault(CONFIRM, "garbled")
    with pytest.raises(APIError, match="Invalid response body") as garbled:
        hasty.ship(intent.id)
    assert (garbled.value.http_status, len(shop.paid())) == (200, 1)


def test_faults_can_be_called_off(standin: Handle, shop: Shop) -> None:
    standin.fault("GET /v1/**", "503", times=None)
    standin.clear_faults()
    assert shop.paid() == []


def test_a_429_can_say_when_to_come_back(standin: Handle, hasty: Shop) -> None:
    standin.fault("GET /v1/charges", "429", retry_after=7)
    with pytest.raises(RateLimitError) as limited:
        hasty.sdk.charges.list()
    assert limited.value.headers is not None
    assert limited.value.headers["Retry-After"] == "7"


def status(shop: Shop) -> int:
    try:
        shop.sdk.charges.list()
    except APIError as error:
        return error.http_status or 0
    return 200
