"""The search box: whatever a caller has at hand finds them, as far as the role may read, and quickly."""

import re
from urllib.parse import quote

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ars.backoffice import finding
from billing.models import Card
from enrollment.models import User
from tests.billing.paid import staff
from tests.factories import AddressFactory, OrderFactory, PlanFactory, UserFactory
from tests.staff import with_second_factor

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> User:
    """Ana with a printer, an order, a card and a phone; and somebody else with others."""
    user = UserFactory.create(email="ana.ruiz@example.com", full_name="Ana María Ruiz-O'Brien")
    home = AddressFactory.create(user=user, phone="+1 (503) 555-0142")
    plan = PlanFactory.create(
        user=user, shipping_address=home, printer__serial_number="KKAB12345", nickname="Front desk 2"
    )
    parcels = [{"carrier": "UPS", "tracking_number": "1Z999AA10123456785"}]
    OrderFactory.create(plan=plan, number="482719365", tracking_number="9400111899560", parcels=parcels)
    Card.objects.create(user=user, stripe_id="pm_1", brand="visa", last4="4242", exp_month=12, exp_year=2030)
    PlanFactory.create(user=user, pending=True, expected_serial="QQZZ98765")
    other = PlanFactory.create(user__email="ben@example.org", user__full_name="Ben Ode", nickname="Studio")
    OrderFactory.create(plan=other, number="111111110")
    return user


def client_of(role: str) -> Client:
    clerk, client = staff(role, "clerk@ink.example"), Client()
    User.objects.filter(pk=clerk.pk).update(full_name="Dana Fox")  # or they would find themselves
    client.force_login(clerk)
    return client


def sent_to(client: Client, text: str) -> str:
    return client.get(f"/admin/find/?q={quote(text)}").headers.get("Location", "")


FINDS_ANA = (
    *("ana.ruiz@example.com", "ANA.RUIZ@", "ana.ru", "ana", "Ruiz", "ru ana", "O'Brien", "maría", "  Ana   Ruiz "),
    *("482719365", "4827-1936-5", "ARS 4827-1936-5", "ars482719365", "482719", "719365", "2719 36", "#482719365"),
    *("5035550142", "+1 503-555-0142", "(503) 555 0142", "1.503.555.0142", "555-0142"),
    *("KKAB12345", "kkab123", "KKAB 123-45", "QQZZ98765", "qqzz9"),
    *("9400111899560", "9400 1118 99", "1z999aa10123456785", "1Z999AA1 0123 4567 85"),
    *("4242", "Front desk", "desk", "front desk 2"),
)
FINDS_NOBODY = (
    *("nobody@example.com", "example.com", "uiz", "ana ode", "482718", "48271", "123456789", "555-0143", "50142"),
    *("KKAC", "12345", "2345", "42", "4343", "esk", "'; drop table", "& | !", ":*", "%", "_", "", "   ", "\\", "²²²²"),
)


def test_one_hit_leads_straight_to_the_customer(ana: User) -> None:
    client = client_of("Support")
    assert {text: sent_to(client, text) for text in FINDS_ANA} == dict.fromkeys(
        FINDS_ANA, f"/admin/customers/{ana.pk}/"
    )


def test_what_finds_nobody_says_what_can_be_searched_for(ana: User) -> None:
    client = client_of("Support")
    pages = {text: client.get(f"/admin/find/?q={quote(text)}") for text in FINDS_NOBODY}
    told = [text for text, page in pages.items() if "You can search for: a name, an e-mail" in page.text]
    assert told == list(FINDS_NOBODY)


def test_several_are_listed_with_what_matched(ana: User) -> None:
    PlanFactory.create(user__full_name="Anabel Day", user__email="day@example.com", nickname="Ana's own")
    page = client_of("Support").get("/admin/find/?q=ana").text
    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "2 people for “ana”" in text
    assert "E-mail: ana.ruiz@example.com · Name: Ana María Ruiz-O&#x27;Brien" in text
    assert "Name: Anabel Day · Printer: Ana&#x27;s own" in text
    assert "ben@example.org" not in page


def test_more_than_fifty_are_not_shown_and_that_is_said() -> None:
    UserFactory.create_batch(52, full_name="Kim Lee")
    page = client_of("Support").get("/admin/find/?q=kim").text
    assert page.count("Name: Kim Lee") == 50
    assert "50 people" in page
    assert "there are more. Type more of it" in page


@pytest.mark.parametrize(
    ("role", "finds"),
    [
        ("Support", {"Ruiz", "482719365", "5550142", "KKAB12345", "4242", "desk"}),
        ("Finance", {"Ruiz", "482719365", "4242"}),
    ],
)
def test_a_role_finds_by_what_it_may_read(ana: User, role: str, finds: set[str]) -> None:
    client = client_of(role)
    tried = ("Ruiz", "482719365", "5550142", "KKAB12345", "4242", "desk")
    assert {text for text in tried if sent_to(client, text)} == finds


def test_the_box_stands_on_every_page_for_who_may_look_people_up(client: Client) -> None:
    clerk = with_second_factor(UserFactory.create(is_staff=True))
    client.force_login(clerk)
    assert 'role="search"' not in client.get("/admin/").text
    assert client.get("/admin/find/?q=ana").status_code == 403
    clerk.user_permissions.add(Permission.objects.get(codename="view_user"))
    assert 'role="search"' in client.get("/admin/").text


@pytest.mark.parametrize(
    "text", ["ana ruiz", "ana.ruiz@e", "4827193", "482719365", "KKAB123", "1Z999AA10123456785", "4242"]
)
def test_every_way_of_looking_can_read_an_index(ana: User, text: str) -> None:
    """Told to avoid reading whole tables, the database can: the index fits what is asked, however many rows."""
    boss = UserFactory.create(is_superuser=True, is_staff=True, full_name="Boss")
    with CaptureQueriesContext(connection) as captured:
        assert finding.people(text, boss).people
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for query in captured:
            cursor.execute(f"EXPLAIN {query['sql']}")
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert "Seq Scan" not in plan, f"{query['sql']}\n{plan}"
