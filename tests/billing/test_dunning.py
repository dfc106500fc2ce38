"""A refused card is asked again on days 1, 3, 5 and 7, its owner reminded on days 5 and 13, and on day 14 it ends."""

from datetime import datetime, timedelta

import pytest

from billing import cards, dunning, lifecycle
from billing.gateway import Outcome
from billing.models import Charge, Dunning
from enrollment import lifecycle as plans
from notifications import outbox
from notifications.models import Message
from orders.models import Order, OrderEvent, StockItem
from tests.billing.parcels import another_card, asked_in_our_rows, packed, refused
from tests.factories import NOW
from tests.orders.world import make_world

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def live(until: int, outcome: str = "insufficient_funds") -> dict[str, list[float]]:
    """Do each step at its time up to a day, every new attempt being refused; which days saw what."""
    seen: dict[str, list[float]] = {}
    while (step := due()) is not None and step.at <= NOW + until * DAY:
        seen.setdefault(step.what, []).append((step.at - NOW) / DAY)
        dunning.act([Dunning.objects.get().pk], step.at)
        for charge in Charge.objects.filter(status="pending"):
            lifecycle.settle(charge.pk, Outcome("declined", code=outcome, advice="try_again_later"), step.at)
    return seen


def due() -> dunning.Step | None:
    """The next step of the one order, as its row has it."""
    at = Dunning.objects.get().due_at if dunning.take_up(NOW) or Dunning.objects.exists() else None
    if at is None:
        return None
    step = dunning.next_step(Dunning.objects.get(), at)
    return step if step.at >= at else dunning.Step(at, step.what)


def mails() -> list[str]:
    outbox.read_events(list(OrderEvent.objects.filter(due_at__isnull=False).values_list("pk", flat=True)), NOW)
    return list(Message.objects.order_by("pk").values_list("subject", flat=True))


def test_a_soft_decline_is_asked_again_by_date_and_then_ends() -> None:
    refused()
    assert live(20) == {"retry": [1, 3, 5, 7], "remind": [5, 13], "end": [14]}
    order = Order.objects.get()
    assert (order.status, order.charges.count()) == ("cancelled", 5)
    assert StockItem.objects.get().reserved == 0
    assert order.plan.payable_since is None
    assert order.events.filter(status="cancelled").get().note == dunning.ENDED
    assert due() is None


@pytest.mark.parametrize(
    ("code", "advice"),
    [("stolen_card", "try_again_later"), ("insufficient_funds", "do_not_try_again"), ("expired_card", "")],
)
def test_a_hard_decline_is_never_asked_again(code: str, advice: str) -> None:
    refused(code, advice)
    assert live(20) == {"remind": [5, 13], "end": [14]}
    assert Charge.objects.count() == 1


def test_a_bank_that_asks_its_customer_is_not_asked_without_them() -> None:
    asked_in_our_rows()
    assert live(20) == {"remind": [5, 13], "end": [14]}


def test_an_order_without_a_card_ends_as_well() -> None:
    lifecycle.begin(packed().pk, NOW)
    assert live(20) == {"remind": [5, 13], "end": [14]}


def test_the_owner_hears_of_the_first_refusal_two_reminders_and_the_end() -> None:
    refused()
    live(20)
    Order.objects.update(status="payment_failed")  # as it was while the mails were due
    assert mails() == [
        "Your card did not go through: ink set aside until Mon 7 Dec",
        "Your card still does not go through: ink set aside until Mon 7 Dec",
        "One day left to pay: your ink is set aside until Mon 7 Dec",
    ]


def test_a_new_card_begins_the_dates_anew_but_not_the_fourteen_days() -> None:
    charge = refused()
    live(3)
    user = charge.order.user
    with_card(charge, user, NOW + 4 * DAY)
    assert live(20) == {"retry": [5, 7, 9, 11], "remind": [5, 13], "end": [14]}


def with_card(charge: Charge, user: object, at: datetime) -> None:
    """Its owner names another card, which is refused at once as well."""
    cards.use_card(charge.order.plan, another_card(charge.order.user), at)
    again = Charge.objects.get(status="pending")
    lifecycle.settle(again.pk, Outcome("declined", code="insufficient_funds"), at)


def test_the_networks_limit_ends_the_tries_before_their_dates_do() -> None:
    charge = refused()
    for attempt in range(2, lifecycle.MOST_TRIES):
        Charge.objects.create(
            order=charge.order, dispatch=charge.dispatch, card=charge.card, attempt=attempt, status="declined",
            amount_cents=charge.amount_cents, currency="usd", created_at=NOW, settled_at=NOW, outcome="do_not_honor",
        )  # fmt: skip
    assert live(20) == {"retry": [1], "remind": [5, 13], "end": [14]}


def test_who_comes_late_asks_once_and_not_for_every_date_that_passed() -> None:
    refused()
    dunning.take_up(NOW)
    dunning.act([Dunning.objects.get().pk], NOW + 6 * DAY)
    assert Charge.objects.count() == 2
    dunning.act([Dunning.objects.get().pk], NOW + 6 * DAY)
    assert Charge.objects.count() == 2


def test_an_order_paid_meanwhile_is_left_alone() -> None:
    refused()
    live(0)
    Order.objects.update(status="shipped")
    dunning.act([Dunning.objects.get().pk], NOW + 20 * DAY)
    assert (Dunning.objects.get().due_at, Order.objects.get().status, Charge.objects.count()) == (None, "shipped", 1)


def test_a_need_whose_order_ended_unpaid_waits_for_a_card() -> None:
    world = make_world()
    world.stock()
    order = world.order()
    Order.objects.update(status="payment_failed")
    dunning.take_up(NOW)
    for _ in range(3):  # two reminders, and the end
        dunning.act([Dunning.objects.get().pk], NOW + 15 * DAY)
    assert (world.decide(30 * 1440), world.need().decision, world.told()) == ([], "no_card", "waiting")
    plans.set_payable(world.plan.pk, NOW + 40 * DAY)
    (again,) = world.decide(40 * 1440)
    assert (again.status, world.need().decision) == ("released", "ordered")
    assert Order.objects.get(pk=order.pk).status == "cancelled"
