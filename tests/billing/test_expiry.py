"""A card whose month is over pays for nothing, until it is renewed by its bank or replaced by its owner."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from billing import cards, expiry, webhooks
from billing.models import Card, PlanCard, StripeCustomer
from enrollment import lifecycle as plans
from enrollment.models import Plan
from orders import replenishment
from orders.tasks import sweep_plans
from tests.factories import NOW, PlanFactory
from tests.orders.world import World, world

__all__ = ["world"]
END = datetime(2026, 12, 1, 10, tzinfo=UTC)  # midnight in Hawaii: November is over everywhere we send ink to
SECOND = timedelta(seconds=1)


def pays(plan: Plan, year: int = 2026, month: int = 11) -> Card:
    StripeCustomer.objects.get_or_create(user=plan.user, defaults={"stripe_id": f"cus_{plan.user_id}"})
    shown = {"brand": "visa", "last4": "4242", "exp_year": year, "exp_month": month}
    card, _ = Card.objects.get_or_create(user=plan.user, stripe_id=f"pm_{plan.user_id}", defaults=shown)
    PlanCard.objects.create(plan=plan, card=card)
    return card


def is_payable(plan: Plan) -> bool:
    plan.refresh_from_db()
    return plan.payable_since is not None


def renew(card: Card, year: int = 2030, seconds: int = 1) -> None:
    """As its bank tells Stripe, and Stripe us."""
    shown = {"brand": "visa", "last4": "1881", "exp_month": 11, "exp_year": year}
    event = {"id": f"evt_{year}_{seconds}", "object": "event", "type": "payment_method.automatically_updated"}
    made = {"created": int(NOW.timestamp()) + seconds, "data": {"object": {"id": card.stripe_id, "card": shown}}}
    webhooks.receive({**event, **made}, END)


def test_a_card_pays_to_the_end_of_its_month_everywhere(world: World) -> None:
    pays(world.plan)
    assert expiry.stop(END - SECOND) == 0
    assert is_payable(world.plan)
    assert [expiry.stop(END), expiry.stop(END)] == [1, 0]
    assert not is_payable(world.plan)


def test_other_plans_go_on(world: World) -> None:
    other = PlanFactory.create()
    pays(other, 2026, 12)
    pays(world.plan)
    assert expiry.stop(END) == 1
    assert is_payable(other)


def test_what_is_ordered_after_its_end_is_not_packed(world: World) -> None:
    pays(world.plan)
    expiry.stop(END)
    order = world.order()
    assert (order.status, order.priced_at) == ("payment_failed", None)
    assert world.on_hand() == (10, 1)


def test_its_bank_renews_it_and_what_waits_is_packed(world: World) -> None:
    card = pays(world.plan)
    attic = PlanFactory.create(user=world.plan.user)
    pays(attic)
    expiry.stop(END)
    order = world.order()
    renew(card)
    assert is_payable(world.plan)
    assert is_payable(attic)
    with time_machine.travel(END, tick=False):
        sweep_plans()
    order.refresh_from_db()
    assert order.status == "released"
    assert expiry.stop(END) == 0


@pytest.mark.parametrize("year", [2026, 2025])
def test_a_new_number_without_a_new_date_changes_nothing(world: World, year: int) -> None:
    card = pays(world.plan)
    expiry.stop(END)
    renew(card, year)
    assert not is_payable(world.plan)


def test_old_news_renews_nothing(world: World) -> None:
    card = pays(world.plan)
    Card.objects.update(heard_at=NOW)
    expiry.stop(END)
    renew(card, seconds=0)
    assert not is_payable(world.plan)


def test_a_card_that_was_good_all_along_opens_nothing_that_was_shut_for_another_reason(world: World) -> None:
    card = pays(world.plan, 2026, 12)
    Plan.objects.update(payable_since=None)
    renew(card)
    assert not is_payable(world.plan)


def test_one_that_was_removed_stays_removed(world: World) -> None:
    card = pays(world.plan)
    expiry.stop(END)
    Card.objects.update(removed_at=END)
    renew(card)
    assert not is_payable(world.plan)


def test_another_card_named_meanwhile_is_left_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sweep has read the plan when its owner names another card: the lock makes it look again."""
    pays(world.plan)
    good = Card.objects.create(
        user=world.plan.user, stripe_id="pm_new", brand="visa", last4="1881", exp_year=2030, exp_month=1
    )
    real = plans.lock_plan

    def late(plan_id: int) -> Plan:
        if PlanCard.objects.get(plan=plan_id).card != good:
            cards.use_card(Plan.objects.get(pk=plan_id), good, END)
        return real(plan_id)

    monkeypatch.setattr(plans, "lock_plan", late)
    assert expiry.stop(END) == 0
    assert is_payable(world.plan)


def test_a_new_card_pays_at_once(world: World) -> None:
    pays(world.plan)
    expiry.stop(END)
    new = Card.objects.create(
        user=world.plan.user, stripe_id="pm_new", brand="visa", last4="1881", exp_year=2030, exp_month=1
    )
    cards.use_card(world.plan, new, END)
    assert is_payable(world.plan)
    assert expiry.stop(END) == 0
    assert replenishment.decide_for(world.plan.pk, NOW) == []
