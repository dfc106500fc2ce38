"""The mails after a parcel left or an order ended: which step makes which, and what they say."""

import re
from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client

from billing.gateway import RefundOutcome
from billing.models import Charge
from billing.refunds import lifecycle as refunds
from enrollment.models import Plan
from notifications.models import Message
from orders import lifecycle, tasks, wishes
from orders.models import Order
from tests.factories.printers import NOW
from tests.notifications import shop
from tests.orders.parcels import DAY, LATE, announce, back, complain, delivered, shipped
from tests.orders.world import World

READ_AT = LATE + DAY


def kinds() -> list[str]:
    return [mail.kind for mail in shop.read_steps(READ_AT)]


def last() -> Message:
    return shop.read_steps(READ_AT)[-1]


def ask(at: datetime) -> None:
    with time_machine.travel(at, tick=False):
        tasks.sweep_questions()


def test_a_replacement_says_that_it_is_free(world: World) -> None:
    order = delivered(world)
    complain(order)
    mail = last()
    assert (mail.kind, mail.subject) == ("replacement", "Free of charge: a new Black for Front desk")
    assert f"in place of what was wrong with order {order.display_number}. It costs you nothing" in mail.text
    assert "Total: $0.00" in mail.text
    assert "Your card" not in mail.text


def test_one_out_of_stock_is_told_once(world: World) -> None:
    world.stock("C", 1)
    complain(shipped(world, "C"))
    assert kinds().count("replacement") == 1
    assert "It is out of stock just now and has no expected date yet." in last().text


def test_late_parcels_are_asked_about_by_mail(world: World) -> None:
    shipped(world)
    ask(LATE)
    mail = last()
    assert (mail.kind, mail.subject) == ("has_it_come", "Has it come? Black for Front desk")
    assert "should have arrived by Thu 3 Dec, and nobody has told us that it did." in mail.text
    assert re.search(r"https://ink\.example/has-it-come/\S+/\n", mail.text)


def test_a_question_that_is_answered_before_it_is_sent_makes_no_mail(world: World) -> None:
    order = shipped(world)
    ask(LATE)
    lifecycle.deliver(order, LATE, LATE, "carrier")
    assert "has_it_come" not in kinds()


def test_is_it_in_has_a_link_that_works(world: World) -> None:
    delivered(world)
    ask(LATE)
    mail = last()
    assert (mail.kind, mail.subject) == ("is_it_in", "Is the new Black in the printer?")
    assert "It came on Thu 26 Nov." in mail.text
    with time_machine.travel(LATE, tick=False):
        page = Client().get(re.findall(r"https://ink\.example(/is-it-in/\S+)", mail.text)[0])
    assert b"Is the new Black in the printer?" in page.content


def test_two_cartridges_have_two_links_in_one_mail(world: World) -> None:
    world.stock("C", 5)
    world.low("C")
    delivered(world)
    ask(LATE)
    assert last().subject == "Are the new Black and Cyan in the printer?"
    assert last().text.count("/is-it-in/") == 2
    assert kinds().count("is_it_in") == 1


def test_a_return_has_its_number_address_and_last_day(world: World) -> None:
    announced = announce(delivered(world))
    mail = last()
    assert mail.subject == f"Your return {announced.display_number}: send it by Sat 26 Dec"
    assert "Send Black back by Sat 26 Dec, unopened." in mail.text
    assert "Send it to:\n  ARS Returns\n  100 Depot Road\n  Memphis, TN 38118\n" in mail.text


def test_a_refund_says_how_much_and_to_which_card(world: World) -> None:
    order = delivered(world)
    shop.charge(order, order.dispatches.get(), Charge.Status.PAID)
    refund = refunds.begin(back(world, order).pk, LATE)
    assert refund is not None
    assert "refund_made" not in kinds()
    refunds.settle(refund.pk, RefundOutcome("made", "re_1"), LATE)
    mail = last()
    assert (mail.kind, mail.subject) == ("refund_made", "Refund made: $24.99 to Visa 4242")
    receipt = order.charges.get().receipt_number
    assert (
        f"$24.99 of order {order.display_number} (Black) went back to Visa 4242. You paid it by receipt {receipt}.\n"
        in mail.text
    )
    assert "Banks take up to 10 days to show it." in mail.text


def test_cancelled_by_its_owner_says_so(world: World) -> None:
    order = world.order("C")
    shop.read_steps()
    lifecycle.cancel(order, NOW, "customer", "Cancelled by the customer.", by_customer=True)
    mail = shop.read_one()
    assert (mail.kind, mail.subject) == ("order_cancelled", "Cancelled: Cyan for Front desk")
    assert "You cancelled order" in mail.text
    assert "The reason" not in mail.text


def test_cancelled_by_staff_at_its_owners_wish_says_that_nothing_comes_instead(world: World) -> None:
    order = world.order("C")
    shop.read_steps()
    lifecycle.cancel(order, NOW, "sam@example.com", "Asked for by phone.", by_customer=True)
    text = shop.read_one().text
    assert "We cancelled order" in text
    assert "The reason: Asked for by phone. Until you say otherwise, nothing is ordered in its place." in text
    assert "we look at it again" not in text


def test_cancelled_by_us_says_why(world: World) -> None:
    order = world.order("C")
    shop.read_steps()
    lifecycle.cancel(order, NOW, "support", "It is not made any more.", by_customer=False)
    assert "We cancelled order" in (text := shop.read_one().text)
    assert "The reason: It is not made any more." in text


def test_cancelled_with_its_plan_is_told_by_the_plans_mail_alone(world: World) -> None:
    order = world.order("C")
    shop.read_steps()
    wishes.leave(Plan.objects.get(), [order.pk], "", "", NOW)
    assert [mail.kind for mail in shop.read_steps()] == ["backordered"]
    assert Order.objects.get().status == "cancelled"


@pytest.mark.parametrize("days", [3, 11])
def test_a_smooth_order_makes_no_more_than_two(world: World, days: int) -> None:
    delivered(world)
    world.say(low=False, level=100)
    ask(NOW + timedelta(days=days))
    assert kinds() == ["order_confirmation", "shipped"]
