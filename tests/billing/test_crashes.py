"""The worker dies between any two steps of a charge; another takes it up, and there is one payment."""

from collections.abc import Callable
from typing import Any

import pytest

from ars.standin.process import Handle
from billing import charging, gateway, lifecycle
from billing.models import Charge
from orders import lifecycle as orders
from tests.billing.parcels import SHIPPED_ONCE, advance_until_settled, begun, end_of
from tests.factories import NOW
from tests.standin.shop import Shop

Death = Callable[[Callable[..., Any]], Callable[..., Any]]
Advance = Callable[[Charge, Any, str, Death], None]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("standin")]


class Killed(BaseException):
    """Stands for SIGKILL: nothing below the test may handle it."""


def dies_before(step: Callable[..., Any]) -> Callable[..., Any]:
    def dying(*given: Any, **named: Any) -> Any:
        raise Killed

    return dying


def dies_after(step: Callable[..., Any]) -> Callable[..., Any]:
    def dying(*given: Any, **named: Any) -> Any:
        step(*given, **named)
        raise Killed

    return dying


each_death = pytest.mark.parametrize("death", [dies_before, dies_after])
each_step = pytest.mark.parametrize(
    ("room", "step"),
    [
        (gateway, "create_intent"),
        (lifecycle, "keep_intent"),
        (gateway, "confirm_intent"),
        (lifecycle, "settle"),
        (orders, "ship"),
    ],
    ids=lambda given: given if isinstance(given, str) else given.__name__,
)


@pytest.fixture
def advance_and_die(monkeypatch: pytest.MonkeyPatch) -> Advance:
    """Bring a charge forward until the given step of a room; a new worker starts with everything in order."""

    def advance(charge: Charge, room: Any, step: str, death: Death) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(room, step, death(getattr(room, step)))
            with pytest.raises(Killed):
                charging.advance(charge.pk, NOW)

    return advance


@each_death
@each_step
def test_a_worker_killed_between_two_steps_costs_no_second_payment(
    shop: Shop, advance_and_die: Advance, room: Any, step: str, death: Death
) -> None:
    charge = begun()
    advance_and_die(charge, room, step, death)
    advance_until_settled(charge)
    assert end_of(charge) == SHIPPED_ONCE
    assert [paid.amount for paid in shop.paid()] == [2676]
    assert len(shop.sdk.payment_intents.list().data) == 1


def test_killed_while_asking_again_it_is_asked_once_more(shop: Shop, advance_and_die: Advance) -> None:
    charge = begun()
    advance_and_die(charge, gateway, "confirm_intent", dies_after)
    advance_and_die(charge, gateway, "retrieve_intent", dies_after)
    advance_until_settled(charge)
    assert end_of(charge) == SHIPPED_ONCE
    assert len(shop.paid()) == 1


def test_an_intent_found_unconfirmed_after_a_crash_is_confirmed(
    standin: Handle, shop: Shop, advance_and_die: Advance
) -> None:
    charge = begun()
    advance_and_die(charge, gateway, "confirm_intent", dies_before)
    charge.refresh_from_db()
    kept, before = charge.payment_intent_id, len(standin.requests(everything=True))
    charging.advance(charge.pk, NOW)
    assert end_of(charge) == SHIPPED_ONCE
    assert charge.payment_intent_id == kept
    asked = [(call["method"], call["path"]) for call in standin.requests(everything=True)[before:]]
    intent = f"/v1/payment_intents/{kept}"
    assert asked == [("GET", intent), ("POST", f"{intent}/confirm")]
    assert [paid.payment_intent for paid in shop.paid()] == [kept]


def test_with_a_fresh_key_and_both_steps_in_one_the_customer_pays_twice(shop: Shop) -> None:
    """The negative control: what the four steps are for."""
    card = shop.card()
    for key in ("worker-1", "worker-2"):
        params: Any = {"amount": 2676, "currency": "usd", "customer": shop.customer, "payment_method": card}
        params["allowed_payment_method_types"] = ["card"]
        shop.sdk.payment_intents.create(params | {"confirm": True, "off_session": True}, {"idempotency_key": key})
    assert len(shop.paid()) == 2
