"""Shipping Address, Edit, Save (promise P14): what is wrong is said, and to which open orders a change applies."""

from decimal import Decimal

import pytest
from django.test import Client

from enrollment.models import Address, Plan, User
from notifications.models import Message
from notifications.tasks import sweep_plan_events
from orders.models import Order
from tests.ars.account.conftest import make_order, posted, text_of
from tests.factories import NOW, PlanFactory, TaxRateFactory

NEW = {
    "full_name": "Ana Ruiz",
    "attention": "Second floor",
    "line1": "7 Oak Avenue",
    "line2": "",
    "city": "Austin",
    "state": "TX",
    "postal_code": "78701",
}


def path(plan: Plan) -> str:
    return f"/account/replenishment/{plan.pk}/shipping-address/"


def test_the_form_begins_with_the_address_of_now(client: Client, plan: Plan) -> None:
    page = client.get(path(plan)).content.decode()
    assert 'value="12 Elm Street"' in page
    assert '<option value="OR" selected>Oregon</option>' in page


def test_the_next_order_and_those_not_packed_follow_and_the_others_do_not(client: Client, plan: Plan) -> None:
    waiting, packed = make_order(plan, "released", days_ago=1), make_order(plan, "packed", priced_at=NOW)
    page = posted(client, path(plan), NEW)
    assert "Saved. From the next order on, ink goes to 7 Oak Avenue, Austin." in page
    assert f"Order {waiting.display_number} goes to the new address." in page
    assert f"Order {packed.display_number} is packed and goes to the old one: 12 Elm Street, Portland." in page
    cities = Order.objects.order_by("pk").values_list("ship_to__city", "revision")
    assert list(cities) == [("Austin", 2), ("Portland", 1)]


def test_what_another_states_tax_makes_is_said_on_every_page_and_mailed(client: Client, plan: Plan) -> None:
    TaxRateFactory.create(state="TX", percent=Decimal("8.25"))
    order = make_order(plan, "released")
    said = "You sent it to Texas: with the sales tax of that state it costs at most $27.05."
    assert f"Order {order.display_number} goes to the new address. {said}" in posted(client, path(plan), NEW)
    page = text_of(client, f"/account/orders/{order.display_number}/")
    assert f"When we ordered it, we wrote $24.99. {said}" in page
    assert f"We wrote $24.99. {said}" in page
    assert "We wrote $24.99. You never pay more than that." not in page
    sweep_plan_events()
    mail = Message.objects.get(kind="address_changed")
    assert f"Order {order.display_number}: {said}" in mail.text
    assert said in " ".join(mail.html.split())


def test_sent_twice_it_is_done_once_and_told_again(client: Client, plan: Plan) -> None:
    order = make_order(plan, "backordered")
    first, second = posted(client, path(plan), NEW), posted(client, path(plan), NEW)
    assert first == second
    order.refresh_from_db()
    assert (order.revision, Address.objects.count(), plan.events.count()) == (2, 2, 1)


def test_the_owner_is_mailed_that_it_changed(client: Client, plan: Plan) -> None:
    client.post(path(plan), NEW)
    sweep_plan_events()
    mail = Message.objects.get(user=plan.user)
    assert (mail.kind, mail.subject) == ("address_changed", "New shipping address for Front desk")
    assert "  Second floor\n  7 Oak Avenue\n  Austin, TX 78701\n" in mail.text


def test_a_first_address_is_no_news(client: Client, ana: User) -> None:
    plan = PlanFactory.create(user=ana, pending=True)
    client.post(path(plan), NEW)
    plan.refresh_from_db()
    assert plan.shipping_address is not None
    assert plan.shipping_address.city == "Austin"
    assert not plan.events.exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"full_name": " "}, "Full name: Type who it is for."),
        ({"line1": ""}, "Street address: Type street and number."),
        ({"city": ""}, "City: Type the city."),
        ({"state": ""}, "State: Choose a state."),
        ({"state": "PR"}, "State: We send to the 50 states and to Washington, DC: choose one of them."),
        ({"postal_code": ""}, "ZIP code: Type the ZIP code: five digits."),
        ({"postal_code": "7870"}, "ZIP code: A ZIP code is five digits, such as 97201, or nine: 97201-1234."),
        ({"postal_code": "00000"}, "ZIP code: We know no place with this ZIP code. Check its first three digits."),
        ({"postal_code": "00901"}, "ZIP code: 00901 is a ZIP code of Puerto Rico. We send to the 50 states and"),
        ({"postal_code": "09012"}, "ZIP code: 09012 is a ZIP code of Armed Forces (AE). We send to the 50 states and"),
        ({"state": "OR"}, "ZIP code: 78701 is a ZIP code of Texas, not of Oregon. Check which is right."),
        ({"line2": "x" * 121}, "Ensure this value has at most 120 characters"),
        ({"city": "Aus\0tin"}, "Null characters are not allowed."),
    ],
)
def test_each_wrong_field_gets_a_sentence_and_nothing_is_saved(
    client: Client, plan: Plan, wrong: dict[str, str], said: str
) -> None:
    page = posted(client, path(plan), NEW | wrong)
    assert page.startswith("Error: Shipping Address, Front desk")
    assert page.count(said.partition(": ")[2] or said) == 2
    assert said in page
    assert Address.objects.count() == 1


def test_what_was_typed_comes_back(client: Client, plan: Plan) -> None:
    assert 'value="7 Oak Avenue"' in client.post(path(plan), NEW | {"city": ""}).content.decode()


def test_the_order_says_that_its_address_was_changed(client: Client, plan: Plan) -> None:
    order = make_order(plan, "released")
    client.post(path(plan), NEW)
    page = text_of(client, f"/account/orders/{order.display_number}/")
    assert "You changed where it goes." in page
    assert "Second floor" in page


def test_an_ended_plan_keeps_its_address(client: Client, plan: Plan) -> None:
    Plan.objects.update(status="cancelled", ended_at=NOW)
    assert client.get(path(plan)).status_code == 302
    assert "This plan has ended, so it cannot be changed." in posted(client, path(plan), NEW)
    assert Address.objects.count() == 1


# Of a plan that is begun


@pytest.fixture
def begun(ana: User) -> Plan:
    return PlanFactory.create(user=ana, pending=True)


def where(plan: Plan) -> Address | None:
    return Plan.objects.get(pk=plan.pk).shipping_address


def test_an_address_usually_written_otherwise_is_asked_about_once(client: Client, begun: Plan) -> None:
    page = posted(client, path(begun), NEW | {"city": "AUSTIN tx", "postal_code": "78701-0000"})
    assert "Which is right? As it is usually written: 7 Oak Avenue, Austin, TX 78701" in page
    assert "As you typed it: 7 Oak Avenue, AUSTIN tx, TX 78701-0000" in page
    assert where(begun) is None


@pytest.mark.parametrize(("choice", "city"), [("usual", "Austin"), ("typed", "AUSTIN")])
def test_what_was_chosen_is_kept(client: Client, begun: Plan, choice: str, city: str) -> None:
    client.post(path(begun), NEW | {"city": "AUSTIN", "spelling": choice})
    address = where(begun)
    assert address is not None
    assert address.city == city


def test_a_nine_digit_code_needs_no_dash(client: Client, begun: Plan) -> None:
    client.post(path(begun), NEW | {"postal_code": "787011234"})
    address = where(begun)
    assert address is not None
    assert address.postal_code == "78701-1234"


def test_the_second_printer_begins_with_the_address_of_the_first(client: Client, plan: Plan, begun: Plan) -> None:
    assert 'value="12 Elm Street"' in client.get(path(begun)).content.decode()


def test_the_second_line_is_folded_while_it_is_empty(client: Client, begun: Plan) -> None:
    folded = '<details class="folded" >'
    assert folded in client.get(path(begun)).content.decode()
    wrong = client.post(path(begun), NEW | {"line2": "Unit 4", "city": ""}).content.decode()
    assert '<details class="folded" open>' in wrong
