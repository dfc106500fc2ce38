"""The overview: what needs me, what comes next, how my printers are."""

from datetime import date, timedelta

import pytest
from django.test import Client

from billing.models import Card, PlanCard
from enrollment.models import Plan, User
from orders.models import Order
from tests.ars.account.conftest import make_order, report, text_of
from tests.factories import NOW, OrderEventFactory, PlanFactory

HOME = "/account/"


def test_a_newcomer_reads_what_to_do(client: Client) -> None:
    page = text_of(client, HOME)
    said = "No printer is connected yet. Tell us which one you have; it takes about five minutes and costs nothing."
    assert f"{said} Connect a printer" in page
    assert "Needs you" not in page
    assert "Next delivery" not in page


def test_nothing_on_order_names_the_lowest(client: Client, plan: Plan) -> None:
    report(plan, level=41)
    assert "Nothing on order. Lowest is Black in Front desk, at 41" in text_of(client, HOME)


def test_nothing_on_order_and_nothing_known(client: Client, plan: Plan) -> None:
    report(plan, level=None)
    assert "Nothing on order. We order when your printer says that a cartridge is low." in text_of(client, HOME)


def test_the_next_delivery_says_when_what_for_which_how_much_and_why(client: Client, plan: Plan) -> None:
    shipped = make_order(plan, Order.Status.SHIPPED, shipped_at=NOW, priced_at=NOW, carrier="UPS")
    page = text_of(client, HOME)
    assert "Arrives Fri 27 Nov - Thu 3 Dec Black for Front desk, $24.99" in page
    assert "Black was at 9\u00a0%, below this printer's mark of 15\u00a0%." in page
    assert f"Order {shipped.display_number}" in page


def test_the_parcel_on_its_way_comes_before_the_one_that_waits(client: Client, ana: User, plan: Plan) -> None:
    waiting = PlanFactory.create(user=ana, model=plan.model, nickname="Studio")
    make_order(waiting, Order.Status.BACKORDERED, days_ago=3)
    make_order(plan, Order.Status.SHIPPED, shipped_at=NOW, priced_at=NOW)
    page = text_of(client, HOME)
    assert page.index("Arrives Fri 27 Nov") < page.index("and 1 more under way") < page.index("Recent orders")


def test_a_refused_card_is_the_first_thing_to_read(client: Client, ana: User, plan: Plan) -> None:
    PlanFactory.create(user=ana, pending=True, nickname="Warehouse")
    make_order(plan, Order.Status.PAYMENT_FAILED, priced_at=NOW)
    page = text_of(client, HOME)
    refused = "Your card did not go through: Black for Front desk is set aside until Mon 7 Dec. Use another card"
    assert page.index(refused) < page.index("4 steps left for Warehouse. Next: say where ink is to be sent. Continue")


def test_a_card_refused_again_sets_nothing_aside_for_longer(client: Client, plan: Plan) -> None:
    order = make_order(plan, Order.Status.PAYMENT_FAILED, days_ago=5, priced_at=NOW, updated_at=NOW)
    OrderEventFactory.create(order=order, at=NOW)
    assert "is set aside until Wed 2 Dec." in text_of(client, HOME)
    assert "Your ink is set aside until Wed 2 Dec." in text_of(client, f"/account/orders/{order.number}/")


def test_a_plan_without_a_card_is_told_once_with_its_order(client: Client, plan: Plan) -> None:
    Plan.objects.filter(pk=plan.pk).update(payable_since=None)
    assert "There is no card for Front desk that we can charge. Ink for it will wait." in text_of(client, HOME)
    make_order(plan, Order.Status.PAYMENT_FAILED)
    page = text_of(client, HOME)
    assert "Black for Front desk waits for a card: there is none we can charge." in page
    assert "Ink for it will wait" not in page


def test_at_most_three_things_need_me(client: Client, ana: User) -> None:
    for number in range(5):
        PlanFactory.create(user=ana, pending=True, nickname=f"Room {number}")
    assert text_of(client, HOME).count("4 steps left for Room") == 3


def test_one_button_at_most_is_filled(client: Client, ana: User, plan: Plan) -> None:
    PlanFactory.create(user=ana, pending=True)
    make_order(plan, Order.Status.PAYMENT_FAILED, priced_at=NOW)
    html = client.get(HOME).content.decode()
    assert html.count('class="button"') == 1
    assert html.count('class="button outline"') == 1


@pytest.mark.parametrize(
    ("level", "days", "replenishment", "pill"),
    [
        (64, 0, "none", "All well"),
        (9, 0, "none", "Low"),
        (9, 0, "on_order", "On order"),
        (9, 5, "on_order", "Helper not running"),
    ],
)
def test_a_printer_says_how_it_is(
    client: Client, plan: Plan, level: int, days: int, replenishment: str, pill: str
) -> None:
    report(plan, level=level, at=NOW - timedelta(days=days), replenishment=replenishment)
    assert f"{pill} View Plan for Front desk" in text_of(client, HOME)


def test_a_printer_whose_ink_is_ordered_says_how_the_order_stands(client: Client, plan: Plan) -> None:
    report(plan, level=9, replenishment="on_order")
    make_order(plan, Order.Status.BACKORDERED)
    assert "Waiting for stock View Plan for Front desk" in text_of(client, HOME)


def test_a_paused_printer_says_until_when(client: Client, plan: Plan) -> None:
    Plan.objects.filter(pk=plan.pk).update(paused_at=NOW, paused_until=date(2027, 1, 4))
    page = text_of(client, HOME)
    assert "Paused until Mon 4 Jan 2027. We watch, but order nothing." in page
    assert "Paused View Plan for Front desk" in page


def test_a_silent_printer_is_no_alarm(client: Client, plan: Plan) -> None:
    report(plan, level=64, at=NOW - timedelta(days=9))
    page = text_of(client, HOME)
    assert "Last reading Sat 14 Nov. We hear neither the printer nor the helper on your computer." in page
    assert "Needs you" not in page


def test_three_recent_orders_are_shown(client: Client, plan: Plan) -> None:
    orders = [make_order(plan, Order.Status.CANCELLED, days_ago=days) for days in range(4)]
    page = text_of(client, HOME)
    assert [order.display_number in page for order in orders] == [True, True, True, False]


def test_a_parcel_of_months_ago_is_no_next_delivery(client: Client, plan: Plan) -> None:
    make_order(plan, "shipped", priced_at=NOW, shipped_at=NOW - timedelta(days=61))
    assert "Nothing on order." in text_of(client, HOME)


@pytest.mark.parametrize(
    ("year", "month", "said"),
    [
        (2026, 10, "Visa 4242, which pays for Front desk, has expired. Ink that is ordered will wait. Name a card"),
        (2026, 11, "Visa 4242, which pays for Front desk, expires at the end of November. Enter the new card"),
        (2026, 12, "Visa 4242, which pays for Front desk, expires at the end of December. Enter the new card"),
        (2027, 1, ""),
    ],
)
def test_a_card_that_runs_out_is_said_ahead(client: Client, plan: Plan, year: int, month: int, said: str) -> None:
    Card.objects.update(exp_year=year, exp_month=month)
    page = text_of(client, HOME)
    assert said in page
    assert ("which pays for" in page) == bool(said)
    expired = "Visa 4242, expired: what is ordered waits for a new one"
    assert (expired in text_of(client, f"/account/replenishment/{plan.pk}/")) == ("has expired" in said)


def test_a_card_for_several_printers_is_said_once_and_last(client: Client, plan: Plan) -> None:
    card = Card.objects.get()
    PlanCard.objects.create(plan=PlanFactory.create(user=plan.user, nickname="Attic"), card=card)
    PlanFactory.create(user=plan.user, model=plan.model, nickname="Cellar", pending=True)
    Card.objects.update(exp_year=2026, exp_month=11)
    page = text_of(client, HOME)
    said = "Visa 4242, which pays for Front desk and Attic, expires at the end of November."
    assert page.count("which pays for") == 1
    assert page.index("Continue") < page.index(said)


def test_an_expired_card_is_not_told_a_second_time_as_missing(client: Client, plan: Plan) -> None:
    Card.objects.update(exp_year=2026, exp_month=10)
    Plan.objects.update(payable_since=None)
    page = text_of(client, HOME)
    assert "has expired. Ink that is ordered will wait." in page
    assert "There is no card for" not in page
