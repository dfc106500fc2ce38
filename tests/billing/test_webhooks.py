"""`/webhooks/stripe`: what Stripe signed happens once, whatever else arrives changes nothing."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from ars.standin.process import Handle
from billing import charging
from billing.models import Charge, StripeEvent
from orders import lifecycle as orders
from tests.billing.parcels import (
    SECRET,
    SHIPPED_ONCE,
    advance_until_settled,
    begun,
    begun_again,
    end_of,
    event_of,
    intent_of,
    signature,
)
from tests.factories import NOW
from tests.standin.shop import CONFIRM, CREATE, Shop
from tests.waiting import eventually

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("standin")]

ADDRESS = "/webhooks/stripe"


def post(body: str, signed: str | None = None) -> tuple[int, bytes]:
    """Status and body of our answer."""
    headers = {"Stripe-Signature": signature(body) if signed is None else signed}
    client = Client(raise_request_exception=False)
    answer = client.post(ADDRESS, body, content_type="application/json", headers=headers)
    return answer.status_code, answer.content


def deliver(event: dict[str, Any]) -> int:
    return post(json.dumps(event))[0]


@pytest.fixture
def listening(
    standin: Handle, shop: Shop, live_server: LiveServer, transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Stripe posts every event here, each twice; nothing is on its way any more when the next test starts."""
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)  # the server's threads outlive the database
    standin.webhooks(url=live_server.url + ADDRESS, secret=SECRET, duplicate=1)
    yield
    events = len(shop.sdk.events.list({"limit": 100}).data)
    assert eventually(lambda: [told["status"] for told in standin.webhooks()["deliveries"]] == [200] * 2 * events)


@pytest.fixture
def paid(standin: Handle) -> Charge:
    """Paid at Stripe, and the answer was lost: only the webhook can tell soon."""
    charge = begun()
    standin.fault(CONFIRM, "lost_answer", times=3)
    charging.advance(charge.pk, NOW)
    return charge


def test_the_webhook_before_the_answer_ships_the_order(shop: Shop, paid: Charge) -> None:
    assert deliver(event_of(intent_of(shop, paid))) == 200
    assert end_of(paid) == SHIPPED_ONCE
    charging.advance(paid.pk, NOW)
    assert end_of(paid) == SHIPPED_ONCE


def test_the_webhook_after_the_answer_changes_nothing(shop: Shop) -> None:
    charge = begun()
    charging.advance(charge.pk, NOW)
    assert deliver(event_of(intent_of(shop, charge))) == 200
    assert end_of(charge) == SHIPPED_ONCE


def test_an_event_delivered_twice_is_stored_and_acted_on_once(shop: Shop, paid: Charge) -> None:
    event = event_of(intent_of(shop, paid))
    assert [deliver(event), deliver(event)] == [200, 200]
    assert StripeEvent.objects.values_list("stripe_id", "type").get() == ("evt_1", "payment_intent.succeeded")
    assert end_of(paid) == SHIPPED_ONCE


def test_an_event_known_by_its_id_is_not_acted_on_again(shop: Shop, paid: Charge) -> None:
    deliver(event_of({}, "weather.changed", name="evt_1"))
    assert deliver(event_of(intent_of(shop, paid), name="evt_1")) == 200
    assert end_of(paid) == ("pending", "packed", 0)


def test_two_events_of_one_payment_ship_once(shop: Shop, paid: Charge) -> None:
    intent = intent_of(shop, paid)
    assert [deliver(event_of(intent, name="evt_1")), deliver(event_of(intent, name="evt_2"))] == [200, 200]
    assert end_of(paid) == SHIPPED_ONCE


def test_a_decline_told_by_webhook_holds_the_order(standin: Handle, shop: Shop) -> None:
    charge = begun("pm_card_ars_insufficient_funds")
    standin.fault(CONFIRM, "lost_answer", times=3)
    charging.advance(charge.pk, NOW)
    deliver(event_of(intent_of(shop, charge), "payment_intent.payment_failed"))
    assert end_of(charge) == ("declined", "payment_failed", 0)
    assert charge.outcome == "insufficient_funds"


def test_an_intent_whose_id_was_lost_is_known_by_what_is_written_on_it(standin: Handle, shop: Shop) -> None:
    charge = begun()
    standin.fault(CREATE, "lost_answer", times=3)
    charging.advance(charge.pk, NOW)
    lost = shop.sdk.payment_intents.list().data[0]
    shop.sdk.payment_intents.cancel(lost.id)
    deliver(event_of(shop.sdk.payment_intents.retrieve(lost.id).to_dict(), "payment_intent.canceled"))
    assert end_of(charge) == ("declined", "payment_failed", 0)
    assert charge.payment_intent_id == lost.id


@pytest.mark.parametrize(
    "metadata", [{}, {"order": "1-2", "attempt": "1"}, {"order": None, "attempt": None}, {"attempt": "9" * 30}, None]
)
def test_an_intent_that_is_not_ours_is_stored_and_changes_nothing(metadata: dict[str, Any] | None) -> None:
    charge = begun()
    foreign = {"id": "pi_foreign", "status": "succeeded", "amount": 2676, "currency": "usd", "metadata": metadata}
    assert deliver(event_of(foreign)) == 200
    assert end_of(charge) == ("pending", "packed", 0)


def test_a_second_intent_for_a_charge_that_keeps_one_changes_nothing(shop: Shop, paid: Charge) -> None:
    twin = intent_of(shop, paid) | {"id": "pi_twin"}
    assert deliver(event_of(twin)) == 200
    assert end_of(paid) == ("pending", "packed", 0)


def test_an_event_of_an_earlier_attempt_is_not_taken_for_the_next(standin: Handle, shop: Shop) -> None:
    charge = begun()
    standin.fault(CONFIRM, "decline")
    charging.advance(charge.pk, NOW)
    second = begun_again(charge)
    other = intent_of(shop, charge) | {"id": "pi_other", "status": "succeeded"}
    deliver(event_of(other))
    assert end_of(second) == ("pending", "packed", 0)
    assert second.payment_intent_id is None


def test_an_unknown_type_is_stored_and_ignored() -> None:
    assert deliver(event_of({"id": "we_1"}, "weather.changed")) == 200
    assert StripeEvent.objects.get().payload["data"] == {"object": {"id": "we_1"}}


@pytest.mark.parametrize("signed", ["", "nonsense", "t=now,v1=abc", "t={now}", "t={now},v1=abc", "t={now},v1=é"])
def test_a_missing_or_forged_signature_is_refused(signed: str) -> None:
    status, answer = post("{}", signed.format(now=int(time.time())))
    assert status == 400
    assert json.loads(answer) == {
        "type": "client_error",
        "errors": [
            {
                "code": "invalid_signature",
                "detail": "This is not an event that Stripe signed just now.",
                "attr": None,
            }
        ],
    }
    assert not StripeEvent.objects.exists()


def test_a_forged_payment_ships_nothing(shop: Shop, paid: Charge) -> None:
    body = json.dumps(event_of(intent_of(shop, paid)))
    assert post(body, signature(body, secret="whsec_guessed"))[0] == 400
    assert end_of(paid) == ("pending", "packed", 0)


def test_a_stale_signature_is_refused(shop: Shop, paid: Charge) -> None:
    body = json.dumps(event_of(intent_of(shop, paid)))
    assert post(body, signature(body, age=310))[0] == 400
    assert post(body, signature(body, age=290))[0] == 200
    assert end_of(paid) == SHIPPED_ONCE


@pytest.mark.parametrize(
    "body", ["", "[]", "{", "null", '{"id": 1, "type": "x", "data": {"object": {}}}', '{"id": "evt_1", "type": "x"}']
)
def test_a_signed_body_that_is_no_event_is_refused(body: str) -> None:
    assert post(body)[0] == 400
    assert not StripeEvent.objects.exists()


def test_only_post_is_answered(client: Client) -> None:
    answer = client.get(ADDRESS)
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert answer.json()["type"] == "client_error"


def test_an_event_may_be_larger_than_other_bodies_but_not_without_end() -> None:
    wide = json.dumps(event_of({"filler": "x" * 200_000}, "report.made"))
    assert post(wide)[0] == 200
    too_wide = json.dumps(event_of({"filler": "x" * 270_000}, "report.made", "evt_2"))
    assert post(too_wide)[0] == 413
    assert StripeEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_failure_leaves_nothing_and_the_next_delivery_does_it_all(
    shop: Shop, paid: Charge, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*given: Any, **named: Any) -> bool:
        raise RuntimeError("the database went away")

    event = event_of(intent_of(shop, paid))
    with monkeypatch.context() as patch:
        patch.setattr(orders, "ship", fails)
        assert deliver(event) == 500
    assert (StripeEvent.objects.count(), end_of(paid)) == (0, ("pending", "packed", 0))
    assert deliver(event) == 200
    assert (StripeEvent.objects.count(), end_of(paid)) == (1, SHIPPED_ONCE)


@pytest.mark.usefixtures("listening")
def test_stripe_itself_tells_what_the_answer_could_not(standin: Handle) -> None:
    charge = begun()
    standin.fault(CONFIRM, "lost_answer", times=3)
    charging.advance(charge.pk, NOW)
    assert eventually(lambda: end_of(charge) == SHIPPED_ONCE)


@pytest.mark.usefixtures("listening")
def test_webhooks_in_reverse_and_beside_the_answers_ship_each_order_once(standin: Handle, shop: Shop) -> None:
    standin.webhooks(paused=True, reverse=True)
    charges = [begun() for _ in range(4)]
    for charge in charges[::2]:
        advance_until_settled(charge)
    standin.webhooks(paused=False)
    for charge in charges[1::2]:
        advance_until_settled(charge)
    assert [end_of(charge) for charge in charges] == [SHIPPED_ONCE] * 4
    assert len(shop.paid()) == 4
