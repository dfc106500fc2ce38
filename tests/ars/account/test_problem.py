"""Something is wrong with an order: the question, its outcome on one page, and what is done once."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import Settings

from billing.models import Refund
from enrollment import links
from enrollment.models import Plan
from orders.models import Complaint, Order, OrderLine, Question, Return
from tests.ars.account.conftest import charge, make_order, posted, report, text_of
from tests.factories import NOW, StockItemFactory

DAY = timedelta(days=1)
FREE = "We send a new one free of charge"


@pytest.fixture
def order(plan: Plan) -> Order:
    """Shipped two weeks ago, paid, and three more of it on the shelf."""
    left = NOW - 14 * DAY
    order = make_order(plan, "shipped", days_ago=14, shipped_at=left, priced_at=left)
    charge(order, "paid")
    StockItemFactory.create(sku=order.lines.get().sku, on_hand=3)
    return order


def path(order: Order, to: str = "problem/") -> str:
    return f"/account/orders/{order.display_number}/{to}"


def say(what: str, **more: Any) -> dict[str, Any]:
    return {"what": what, "seen": 0, **more}


def confirm(client: Client, order: Order, what: str, **more: Any) -> str:
    """The page that says what would come of it."""
    answer = client.get(path(order), say(what, **more))
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("what", ["not_come", "wrong", "damaged", "does_not_work"])
def test_the_outcome_stands_there_before_it_is_done(client: Client, order: Order, what: str) -> None:
    assert FREE in confirm(client, order, what)
    assert Complaint.objects.count() == 0
    page = posted(client, path(order), say(what))
    assert "We send a new one, free of charge. You find it below." in page
    new = Order.objects.get(replaces=order)
    assert f"We send a new one, free of charge: getting ready. Order {new.display_number}" in page
    assert "You told us on Mon 23 Nov" in page


def test_the_new_order_says_what_it_replaces_and_that_it_is_free(client: Client, order: Order) -> None:
    posted(client, path(order), say("damaged"))
    page = text_of(client, path(Order.objects.get(replaces=order), ""))
    assert f"It replaces what was wrong with another order, free of charge. Order {order.display_number}" in page
    assert "Total $0.00 Free of charge." in page


def test_sent_twice_it_is_done_once_and_says_the_same(client: Client, order: Order) -> None:
    for _ in range(2):
        assert "What came of it You told us on Mon 23 Nov" in posted(client, path(order), say("wrong"))
    assert (Complaint.objects.count(), Order.objects.filter(replaces=order).count()) == (1, 1)


def test_a_second_window_finds_out(client: Client, order: Order) -> None:
    OrderLine.objects.update(quantity=2)
    line = order.lines.get().pk
    for _ in range(2):
        posted(client, path(order), say("wrong", **{f"line_{line}": 1}))
    assert Complaint.objects.count() == 1


def test_too_early_it_says_from_when_on(client: Client, plan: Plan) -> None:
    order = make_order(plan, "shipped", shipped_at=NOW, priced_at=NOW)
    sentence = "It should arrive by Thu 3 Dec. If it is not there by then, tell us here, and we send a new one."
    assert sentence in text_of(client, path(order))
    page = text_of(client, f"{path(order)}?what=not_come&seen=0")
    assert page.startswith("Error: Something is wrong with order")
    assert "Continue" in page


@pytest.mark.parametrize("typed", [{}, {"what": "bored"}, {"what": ""}])
def test_without_a_reason_it_asks_again(client: Client, order: Order, typed: dict[str, str]) -> None:
    assert text_of(client, f"{path(order)}?seen=0&what={typed.get('what', '')}").startswith("Error: ")
    posted(client, path(order), typed | {"seen": "0"})
    assert Complaint.objects.count() == 0


@pytest.mark.parametrize("count", ["0", "3", "-1", "x"])
def test_no_more_than_there_is(client: Client, order: Order, count: str) -> None:
    OrderLine.objects.update(quantity=2)
    line = order.lines.get().pk
    assert posted(client, path(order), say("wrong", **{f"line_{line}": count})).startswith("Error: ")
    assert Complaint.objects.count() == 0


def test_above_the_limit_it_says_that_a_person_looks(client: Client, order: Order, settings: Settings) -> None:
    settings.REPLACEMENT_LIMIT_CENTS = 0
    assert "A person looks at it first" in confirm(client, order, "damaged")
    page = posted(client, path(order), say("damaged"))
    assert "it is damaged. A person looks at it first" in page
    assert Complaint.objects.get().sent_at is None


def test_not_needed_it_is_sent_back_with_a_slip(client: Client, order: Order) -> None:
    assert "Send it back; $24.99 returns to Visa 4242" in confirm(client, order, "not_needed")
    assert Return.objects.count() == 0
    for _ in range(2):
        page = posted(client, path(order), say("not_needed"))
        announced = Return.objects.get()
        assert f"Return {announced.display_number}" in page
        assert "Send it to ARS Returns100 Depot RoadMemphis, TN 38118" in page
        assert "Last day to send it Sat 19 Dec" in page
    assert f"Return {announced.display_number}: send it by Sat 19 Dec." in text_of(client, path(order, ""))


def test_too_late_it_is_not_sent_back(client: Client, order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(shipped_at=NOW - 60 * DAY)
    assert "It is too late to send this order back." in confirm(client, order, "not_needed")
    posted(client, path(order), say("not_needed"))
    assert Return.objects.count() == 0


def test_of_an_order_that_has_not_left_there_is_nothing(client: Client, plan: Plan) -> None:
    order = make_order(plan, "released")
    assert "There is nothing to replace or to send back of this order." in posted(client, path(order), say("wrong"))
    assert "Something is wrong" not in text_of(client, path(order, ""))


def test_somebody_elses_order_tells_nothing(order: Order) -> None:
    stranger = Client()
    stranger.force_login(type(order.user).objects.create(email="b@example.com"))
    for to in ("problem/", "return/", "receipt/", "has-it-come/", "is-it-in/"):
        assert stranger.post(path(order, to), say("wrong")).status_code in (404, 405)
    assert Complaint.objects.count() == 0


# Has it come, is it in


def test_a_late_parcel_is_asked_about_on_both_pages(client: Client, order: Order) -> None:
    for page in (text_of(client, "/account/"), text_of(client, path(order, ""))):
        assert "Yes it has come No it has not come" in page
    assert "Thank you." in posted(client, path(order, "has-it-come/"), {"answer": "yes"})
    order.refresh_from_db()
    assert (order.status, order.delivered_at) == ("delivered", NOW)


def test_no_leads_to_what_can_be_done(client: Client, order: Order) -> None:
    answer = client.post(path(order, "has-it-come/"), {"answer": "no"})
    assert answer["Location"].endswith("/problem/?what=not_come")
    assert 'value="not_come"' in (page := client.get(answer["Location"]).content.decode())
    assert "checked" in page
    order.refresh_from_db()
    assert order.status == "shipped"


@pytest.fixture
def asked(order: Order, plan: Plan) -> Question:
    """Still low, and asked about it."""
    report(plan, level=5, replenishment="on_order")
    return Question.objects.create(kind="is_it_in", order=order, line=order.lines.get(), asked_at=NOW, times=1)


def test_is_it_in_stands_on_three_pages_with_four_answers(
    client: Client, asked: Question, order: Order, plan: Plan
) -> None:
    for page in ("/account/", path(order, ""), f"/account/replenishment/{plan.pk}/"):
        text = text_of(client, page)
        assert "Is the new Black in the printer?" in text
        assert "It is in Not yet It never came It does not work" in text
        assert "Yes it has come" not in text


def test_it_is_in_arms_the_slot_and_the_question_is_gone(client: Client, asked: Question, order: Order) -> None:
    for _ in range(2):
        posted(client, path(order, "is-it-in/"), {"question": asked.pk, "answer": "yes"})
    assert "Is the new Black in the printer?" not in text_of(client, "/account/")
    line = order.lines.get()
    assert (line.open, line.replenishment is not None and line.replenishment.closed_cause) == (False, "replaced")


def test_not_yet_is_asked_again(client: Client, asked: Question, order: Order) -> None:
    assert "We ask again in two weeks." in posted(
        client, path(order, "is-it-in/"), {"question": asked.pk, "answer": "not_yet"}
    )
    asked.refresh_from_db()
    assert asked.due_at == NOW + 14 * DAY


@pytest.mark.parametrize(("answer", "what"), [("never_came", "not_come"), ("does_not_work", "does_not_work")])
def test_the_other_two_go_on_to_the_problem(
    client: Client, asked: Question, order: Order, answer: str, what: str
) -> None:
    sent = client.post(path(order, "is-it-in/"), {"question": asked.pk, "answer": answer})
    assert sent["Location"].endswith(f"/problem/?what={what}")
    asked.refresh_from_db()
    assert asked.answer == ""


@pytest.mark.parametrize("typed", [{}, {"question": "9" * 30, "answer": "yes"}, {"question": "x"}, {"answer": "yes"}])
def test_nonsense_answers_nothing(client: Client, asked: Question, order: Order, typed: dict[str, str]) -> None:
    assert client.post(path(order, "is-it-in/"), typed).status_code == 302
    asked.refresh_from_db()
    assert asked.answer == ""


# By the link of a mail, without signing in


def test_the_link_shows_on_get_and_acts_on_post(asked: Question) -> None:
    stranger, link = Client(), f"/is-it-in/{sign('is_it_in', asked)}/"
    assert "It is in Not yet It never came It does not work" in text_of(stranger, link)
    asked.refresh_from_db()
    assert asked.answer == ""
    assert "You told us that it is in." in posted(stranger, link, {"answer": "yes"})
    assert "You told us that it is in." in posted(stranger, link, {"answer": "not_yet"})


def test_the_link_for_a_late_parcel_takes_yes_and_no(order: Order) -> None:
    question = Question.objects.create(kind="has_it_come", order=order, asked_at=NOW, times=1)
    stranger, link = Client(), f"/has-it-come/{sign('has_it_come', question)}/"
    assert "Has it come?" in text_of(stranger, link)
    assert "/problem/" in stranger.post(link, {"answer": "no"})["Location"]
    assert "You told us that it has come." in posted(stranger, link, {"answer": "yes"})
    order.refresh_from_db()
    assert order.status == "delivered"


def test_a_link_is_for_its_own_purpose_and_for_thirty_days(asked: Question) -> None:
    stranger = Client()
    assert stranger.get(f"/has-it-come/{sign('is_it_in', asked)}/").status_code == 410
    link = f"/is-it-in/{sign('is_it_in', asked)}/"
    with time_machine.travel(NOW + 31 * DAY, tick=False):
        assert stranger.post(link, {"answer": "yes"}).status_code == 410
    asked.refresh_from_db()
    assert asked.answer == ""


def sign(purpose: str, question: Question) -> str:
    return links.sign(purpose, question.pk)


# Money back, and the receipt


def test_a_refund_stands_in_cost_history_and_receipt(client: Client, order: Order) -> None:
    paid = order.charges.get()
    type(paid).objects.update(refunded_cents=2499)
    Order.objects.filter(pk=order.pk).update(status="returned")
    Refund.objects.create(
        charge=paid, amount_cents=2499, status="made", stripe_id="re_1", created_at=NOW, settled_at=NOW
    )
    said = "$24.99 went back to Visa 4242 on Mon 23 Nov. Banks take up to 10 days to show it."
    assert text_of(client, path(order, "")).count(said) == 3
    assert "$24.99 went back to Visa 4242 on Mon 23 Nov 2026." in text_of(client, path(order, "receipt/"))


def test_a_page_with_all_of_it_asks_little(
    client: Client, asked: Question, order: Order, django_assert_max_num_queries: Any
) -> None:
    type(order.charges.get()).objects.update(refunded_cents=1)
    OrderLine.objects.filter(order=order).update(quantity=2)
    one = {f"line_{order.lines.get().pk}": 1}
    for what in ("damaged", "not_needed"):
        posted(client, path(order), one | {"what": what, "seen": int(what == "not_needed")})
    assert (order.complaints.count(), order.returns.count()) == (1, 1)
    client.get(path(order, ""))  # shows what was said of that, and no more of it is left
    for to, kept in (("", 0), ("receipt/", 0), ("problem/", 2)):  # which sends elsewhere, with a word for that page
        with django_assert_max_num_queries(12 + kept):
            client.get(path(order, to))


def test_a_receipt_says_that_there_was_no_tax(client: Client, order: Order) -> None:
    page = text_of(client, path(order, "receipt/"))
    assert "Black $24.99 Shipping $0.00 Sales tax $0.00 Total $24.99 Charged $24.99 to Visa 4242" in page


def test_the_price_story_has_both_prices(client: Client, plan: Plan) -> None:
    note = "You pay $2.00 less than we wrote: the price fell before shipping."
    order = make_order(plan, "shipped", shipped_at=NOW, priced_at=NOW, quoted_total_cents=2499, total_cents=2299)
    assert f"When we ordered it, we wrote $24.99. {note}" in text_of(client, path(order, ""))
