"""An address in doubt: what its page says, who may end the doubt, and what the customer reads of it."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.test import Client

from enrollment import doubts
from enrollment.models import Address, Note, Plan
from tests.billing.paid import staff
from tests.factories import NOW, PlanFactory

pytestmark = pytest.mark.django_db
QUEUE = "/admin/queues/doubtful-addresses/"


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        yield


@pytest.fixture
def plan() -> Plan:
    """A parcel for it came back."""
    made: Plan = PlanFactory.create(nickname="Front desk")
    assert made.shipping_address is not None
    doubts.came_back(made.user_id, made.shipping_address.as_ship_to(), NOW)
    made.refresh_from_db()
    return made


def client_of(role: str) -> Client:
    client = Client()
    client.force_login(staff(role, "eve@ink.example"))
    return client


def home(plan: Plan) -> Address:
    assert plan.shipping_address is not None
    return plan.shipping_address


def page_of(plan: Plan) -> str:
    return f"/admin/customers/{plan.user_id}/addresses/{home(plan).pk}/"


def seen(plan: Plan) -> str:
    return f"{home(plan).doubt} {home(plan).doubted_at}"


def form(plan: Plan, **typed: object) -> dict[str, object]:
    return {"how": "She read it to me.", "key": uuid4(), "seen": seen(plan), **typed}


def test_the_page_says_what_happened_and_what_goes_there(plan: Plan) -> None:
    eve = client_of("Support")
    assert page_of(plan) in eve.get(QUEUE).text
    page = eve.get(page_of(plan)).text
    assert "A parcel came back from there on 23 Nov 2026: the carrier could not deliver it." in page
    assert f"/admin/customers/{plan.user_id}/plans/{plan.pk}/address/" in page
    assert "Front desk" in page


def test_who_found_out_that_it_is_right_ends_the_doubt_once_with_a_note(plan: Plan) -> None:
    eve = client_of("Support")
    sent = form(plan)
    first, again = eve.post(page_of(plan), sent), eve.post(page_of(plan), sent)
    assert (first.headers["Location"], again.headers["Location"]) == (QUEUE, QUEUE)
    assert not doubts.waiting().exists()
    note = Note.objects.get()
    address = home(plan)
    assert note.text == f"Address {address.line1}, {address.city} is right: She read it to me."
    assert (note.user, note.by.email) == (plan.user, "eve@ink.example")


def test_without_a_word_how_nothing_ends(plan: Plan) -> None:
    assert client_of("Support").post(page_of(plan), form(plan, how=" ")).status_code == 200
    assert doubts.waiting().exists()


def test_a_doubt_of_another_day_is_looked_at_once_more(plan: Plan) -> None:
    sent = form(plan)
    Address.objects.update(doubted_at=NOW + timedelta(hours=2))
    answer = client_of("Support").post(page_of(plan), sent)
    assert [str(said) for said in get_messages(answer.wsgi_request)] == [
        "What is known of this address changed meanwhile: look once more."
    ]
    assert answer.headers["Location"] == page_of(plan)
    assert doubts.waiting().exists()
    assert not Note.objects.exists()


@pytest.mark.parametrize("role", ["Warehouse", "Catalogue", "Finance"])
def test_others_may_not(plan: Plan, role: str) -> None:
    assert client_of(role).post(page_of(plan), form(plan)).status_code == 403
    assert doubts.waiting().exists()


def test_an_address_is_found_under_its_owner_alone(plan: Plan) -> None:
    other = PlanFactory.create()
    page = f"/admin/customers/{other.user_id}/addresses/{home(plan).pk}/"
    assert client_of("Support").post(page, form(plan)).status_code == 404


def test_the_customer_reads_it_where_they_change_it_and_saving_it_again_ends_it(plan: Plan) -> None:
    owner = Client()
    owner.force_login(plan.user)
    page = f"/account/replenishment/{plan.pk}/shipping-address/"
    assert "A parcel came back from this address" in owner.get(page).text
    answer = owner.post(page, home(plan).as_ship_to() | {"spelling": "typed"})
    assert answer.status_code == 302
    assert not doubts.waiting().exists()
    assert "A parcel came back" not in owner.get(page).text
