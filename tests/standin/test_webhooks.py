"""Webhooks arrive signed, after the answer, again when not taken, and as disorderly as a test wants them."""

from collections.abc import Iterator

import pytest

from ars.standin.process import Handle
from tests.standin.receiver import SECRET, Receiver
from tests.standin.shop import Shop, refusal
from tests.waiting import eventually

PAID = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]


@pytest.fixture
def receiver(standin: Handle) -> Iterator[Receiver]:
    receiver = Receiver()
    standin.webhooks(url=receiver.url, secret=SECRET)
    yield receiver
    standin.flush()
    receiver.close()


def arrive(receiver: Receiver, *kinds: str) -> bool:
    return eventually(lambda: set(kinds) <= set(receiver.kinds))


def test_a_payment_tells_of_itself_in_signed_events(shop: Shop, receiver: Receiver) -> None:
    shipped = shop.ship(shop.order().id, key="ship-1")
    assert arrive(receiver, *PAID, "payment_method.attached")
    event = next(event for event in receiver.events if event.type == "payment_intent.succeeded")
    assert (event.data.object["id"], event.data.object["status"]) == (shipped.id, "succeeded")
    assert (event.api_version, event.livemode) == ("2026-10-28.endive", False)
    assert event.request is not None
    assert event.request.idempotency_key == "ship-1"


def test_a_decline_tells_of_itself(shop: Shop, receiver: Receiver) -> None:
    intent = shop.order(shop.card("pm_card_ars_stolen"))
    refusal(lambda: shop.ship(intent.id))
    assert arrive(receiver, "charge.failed", "payment_intent.payment_failed")
    assert "payment_intent.succeeded" not in receiver.kinds


def test_refund_cancel_and_goodbye_tell_of_themselves(shop: Shop, receiver: Receiver) -> None:
    card = shop.card()
    refund = shop.sdk.refunds.create({"payment_intent": shop.ship(shop.order(card).id).id})
    shop.sdk.refunds.update(refund.id, {"metadata": {"seen": "1"}})
    shop.sdk.payment_intents.cancel(shop.order(card).id)
    shop.sdk.payment_methods.detach(card)
    shop.sdk.customers.delete(shop.customer)
    assert arrive(receiver, "refund.created", "charge.refunded", "refund.updated", "payment_intent.canceled")
    assert arrive(receiver, "payment_method.detached", "customer.deleted")


def test_what_is_not_taken_is_sent_again(shop: Shop, receiver: Receiver) -> None:
    receiver.refusals = 2
    shop.order()
    assert arrive(receiver, "customer.created", "payment_method.attached", "payment_intent.created")
    assert len({event.id for event in receiver.events}) == len(receiver.events)


def test_paused_events_wait_and_can_come_in_reverse(standin: Handle, shop: Shop, receiver: Receiver) -> None:
    standin.webhooks(paused=True)
    shop.sdk.customers.create({})
    assert (receiver.kinds, len(standin.webhooks()["waiting"])) == ([], 1)
    shop.ship(shop.order().id)
    waiting = standin.webhooks()["waiting"]
    standin.webhooks(paused=False, reverse=True)
    assert eventually(lambda: len(receiver.events) == len(waiting))
    assert [event.id for event in receiver.events] == waiting[::-1]


def test_an_event_can_come_twice(standin: Handle, shop: Shop, receiver: Receiver) -> None:
    standin.webhooks(duplicate=1)
    shop.sdk.customers.create({})
    assert eventually(lambda: len(receiver.events) == 2)
    assert len({event.id for event in receiver.events}) == 1


def test_a_test_can_send_an_event_of_its_own(standin: Handle, receiver: Receiver) -> None:
    standin.webhooks(send={"type": "charge.dispute.created", "object": {"id": "dp_1", "object": "dispute"}})
    assert arrive(receiver, "charge.dispute.created")


def test_events_can_be_listed_too(shop: Shop) -> None:
    shop.ship(shop.order().id)
    listed = shop.sdk.events.list({"types": PAID}).data
    assert [event.type for event in listed] == PAID[::-1]


def test_a_receiver_that_is_gone_does_not_hold_up_the_answer(standin: Handle, shop: Shop) -> None:
    standin.webhooks(url="http://127.0.0.1:9/", secret=SECRET)
    assert shop.ship(shop.order().id).status == "succeeded"
    assert eventually(lambda: any(one["status"] is None for one in standin.webhooks()["deliveries"]))


@pytest.mark.parametrize(
    ("fault", "tries"),
    [
        ("duplicate", [204, 204]),
        ("forged", [400, 204]),
        ("stale", [400, 204]),
        ("skewed", [204]),
        ("overtaken", [None, 204]),
        ("lost_event", [None]),
    ],
)
def test_a_fault_strikes_the_first_try_of_a_webhook(
    standin: Handle, shop: Shop, receiver: Receiver, fault: str, tries: list[int | None]
) -> None:
    standin.webhooks(waits=[0.02])
    standin.fault("WEBHOOK customer.created", fault)
    shop.sdk.customers.create({})
    assert eventually(standin.is_quiet)
    told = standin.webhooks()["deliveries"]
    assert [each["status"] for each in told] == tries
    assert told[0]["fault"] == fault
    assert len(receiver.events) == tries.count(204)


@pytest.mark.parametrize(("skew", "status"), [(-600, 400), (-200, 204), (3600, 204)])
def test_the_clock_that_signs_can_be_wrong(
    standin: Handle, shop: Shop, receiver: Receiver, skew: int, status: int
) -> None:
    standin.webhooks(skew=skew, waits=[])
    shop.sdk.customers.create({})
    assert eventually(standin.is_quiet)
    assert [each["status"] for each in standin.webhooks()["deliveries"]] == [status]
