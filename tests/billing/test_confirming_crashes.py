"""Whoever handles a customer's own confirmation dies between any two steps: one payment at most, none by a stranger."""

from collections.abc import Callable
from typing import Any

import pytest

from billing import charging, confirming, gateway, lifecycle, webhooks
from billing.models import Charge
from orders import lifecycle as orders
from tests.billing.parcels import SHIPPED_ONCE, advance_until_settled, asked_for, end_of, event_of, intent_of
from tests.billing.test_crashes import Death, Killed, dies_after, dies_before
from tests.factories import NOW
from tests.standin.shop import Shop

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("standin")]

DieAt = Callable[[Callable[[], object], Any, str, Death], None]
TOO_LATE = NOW + confirming.PATIENCE
both = pytest.mark.parametrize("death", [dies_before, dies_after])


@pytest.fixture
def die_at(monkeypatch: pytest.MonkeyPatch) -> DieAt:
    """Do something until the given step of a room; afterwards everything is in order again."""

    def die(act: Callable[[], object], room: Any, step: str, death: Death) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(room, step, death(getattr(room, step)))
            with pytest.raises(Killed):
                act()

    return die


def own_of(charge: Charge) -> Charge:
    return Charge.objects.get(order=charge.order_id, on_session=True)


@both
@pytest.mark.parametrize(
    ("room", "step"),
    [(gateway, "create_intent"), (lifecycle, "keep_intent"), (gateway, "secret_of")],
    ids=lambda given: given if isinstance(given, str) else given.__name__,
)
def test_a_page_killed_before_its_answer_left_begins_again_with_the_same_intent(
    shop: Shop, die_at: DieAt, room: Any, step: str, death: Death
) -> None:
    charge = asked_for()
    die_at(lambda: confirming.begin(charge.order_id, NOW), room, step, death)
    told = confirming.begin(charge.order_id, NOW)
    shop.answer(told.client_secret)
    advance_until_settled(own := own_of(charge))
    assert end_of(own) == SHIPPED_ONCE
    assert [paid.payment_intent for paid in shop.paid()] == [own.payment_intent_id]
    assert len(shop.sdk.payment_intents.list().data) == 2


def test_a_page_killed_while_it_takes_the_order_off_hold_leaves_all_as_it_was(shop: Shop, die_at: DieAt) -> None:
    charge = asked_for()
    die_at(lambda: confirming.begin(charge.order_id, NOW), orders, "take_off_hold", dies_after)
    assert end_of(charge) == ("needs_authentication", "payment_failed", 0)
    assert Charge.objects.count() == 1


@both
@pytest.mark.parametrize("step", ["create_intent", "secret_of"])
def test_a_page_that_nobody_asks_again_is_forgotten_and_the_order_held(
    shop: Shop, die_at: DieAt, step: str, death: Death
) -> None:
    charge = asked_for()
    die_at(lambda: confirming.begin(charge.order_id, NOW), gateway, step, death)
    charging.advance(own_of(charge).pk, TOO_LATE)
    assert end_of(own_of(charge)) == ("needs_authentication", "payment_failed", 0)
    assert shop.paid() == []


@both
@pytest.mark.parametrize(
    ("room", "step"),
    [(gateway, "retrieve_intent"), (lifecycle, "settle"), (orders, "ship")],
    ids=lambda given: given if isinstance(given, str) else given.__name__,
)
def test_a_worker_killed_on_the_way_to_a_paid_order_costs_nothing(
    shop: Shop, die_at: DieAt, room: Any, step: str, death: Death
) -> None:
    told = confirming.begin(asked_for().order_id, NOW)
    shop.answer(told.client_secret)
    own = Charge.objects.get(on_session=True)
    die_at(lambda: charging.advance(own.pk, NOW), room, step, death)
    advance_until_settled(own)
    assert end_of(own) == SHIPPED_ONCE
    assert len(shop.paid()) == 1


@both
@pytest.mark.parametrize(
    ("room", "step"),
    [(gateway, "cancel_intent"), (lifecycle, "settle"), (orders, "hold")],
    ids=lambda given: given if isinstance(given, str) else given.__name__,
)
def test_a_worker_killed_while_it_calls_off_leaves_an_order_held_once(
    shop: Shop, die_at: DieAt, room: Any, step: str, death: Death
) -> None:
    confirming.begin(asked_for().order_id, NOW)
    own = Charge.objects.get(on_session=True)
    die_at(lambda: charging.advance(own.pk, TOO_LATE), room, step, death)
    charging.advance(own.pk, TOO_LATE)
    assert end_of(own) == ("needs_authentication", "payment_failed", 0)
    assert own.order.events.filter(status="payment_failed").count() == 2
    assert intent_of(shop, own)["status"] == "canceled"


@pytest.mark.parametrize("yes", [True, False])
def test_the_webhook_twice_and_then_the_answer_settle_once(shop: Shop, yes: bool) -> None:
    told = confirming.begin(asked_for().order_id, NOW)
    own = Charge.objects.get(on_session=True)
    shop.answer(told.client_secret, yes=yes)
    kind = "payment_intent.succeeded" if yes else "payment_intent.payment_failed"
    event = event_of(intent_of(shop, own), kind)
    assert [webhooks.receive(event | {"id": name}, NOW) for name in ("evt_1", "evt_1", "evt_2")] == [True, False, True]
    assert not confirming.answered(own.order_id, 2, NOW)
    charging.advance(own.pk, NOW)
    assert end_of(own) == (SHIPPED_ONCE if yes else ("needs_authentication", "payment_failed", 0))
    assert own.order.events.filter(status="payment_failed").count() == (1 if yes else 2)
    assert len(shop.paid()) == int(yes)


def test_the_webhook_of_the_open_question_settles_nothing(shop: Shop) -> None:
    confirming.begin(asked_for().order_id, NOW)
    own = Charge.objects.get(on_session=True)
    asking = intent_of(shop, own) | {"status": "requires_action"}
    assert webhooks.receive(event_of(asking, "payment_intent.requires_action"), NOW)
    assert end_of(own) == ("pending", "packed", 0)


def test_the_webhook_of_what_we_called_off_says_the_same_as_our_answer(shop: Shop) -> None:
    confirming.begin(asked_for().order_id, NOW)
    own = Charge.objects.get(on_session=True)
    shop.sdk.payment_intents.cancel(intent_of(shop, own)["id"])
    assert webhooks.receive(event_of(intent_of(shop, own), "payment_intent.canceled"), NOW)
    assert end_of(own) == ("needs_authentication", "payment_failed", 0)
    assert own.outcome == "canceled"
