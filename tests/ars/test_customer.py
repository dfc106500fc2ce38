"""A customer's page: everything in one look for who may read it, in as many queries for 30 orders as for 3."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ars.timeline import of_user
from billing.models import Charge, Dispute, RefundRequest
from enrollment import doubts, notes
from enrollment.models import Note, Plan, User
from enrollment.notes import Written
from notifications.models import Message
from orders import lifecycle
from orders.clock import Clock
from orders.models import Complaint, Order
from tests.billing.paid import staff
from tests.browser import scene
from tests.factories import (
    MessageFactory,
    OrderEventFactory,
    OrderFactory,
    OrderLineFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
AT_MOST = 15  # of the whole request: session, who it is, their second factor and rights included


@pytest.fixture
def ana(db: None) -> Iterator[User]:
    with time_machine.travel(scene.NOW, tick=False):
        yield scene.ana()


def dana(role: str = "Support") -> User:
    return User.objects.filter(email="dana@ink.example").first() or staff(role, "dana@ink.example")


def clerk(role: str = "Support") -> Client:
    client = Client()
    client.force_login(dana(role))
    return client


def html(client: Client, user: User, **asked: str) -> str:
    answer = client.get(f"/admin/customers/{user.pk}/", asked)
    assert answer.status_code == 200
    return answer.content.decode()


def read(client: Client, user: User, **asked: str) -> str:
    """What stands on the page, beside the frame."""
    page = html(client, user, **asked).partition("<main")[2]
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_it_says_who_they_are_and_what_is_wrong(ana: User) -> None:
    page = read(clerk(), ana)
    for said in (
        "ana.ruiz@example.com",
        "It is there now Wed 26 Nov, 9:30 am",
        "Nobody has made sure yet that the caller is Ana Ruiz.",
        "Say: Your card did not go through: Black for Accounting is set aside until Tue 9 Dec.",
        "above “Use another card”",
        "Card problem Order 5270-0188-4 payment_failed · 2 days old · $96.99 · Accounting",
        "Cyan: 9 % left. We order at 15 %.",
        "Decided last. Say: Cyan was at 9 %",
        "Charged $20.99 to Visa 4242.",
    ):
        assert said in page, said


def test_what_waits_for_staff_is_wrong_too(ana: User) -> None:
    order, paid = Order.objects.get(status="backordered"), Charge.objects.filter(status="paid").latest("pk")
    lifecycle.stop_packing(order, "The street looks odd.", scene.NOW, "sam@ink.example")
    Dispute.objects.create(
        charge=Charge.objects.filter(status="paid").earliest("pk"),
        stripe_id="dp_1",
        amount_cents=999,
        opened_at=scene.NOW,
        heard_at=scene.NOW,
    )
    _ask_a_second_person(paid)
    Complaint.objects.create(order=paid.order, kind="damaged", at=scene.NOW - DAY, value_cents=1)
    MessageFactory.create(user=ana, created_at=scene.NOW - DAY, due_at=None, sent_at=None, subject="Bounced")
    doubted = ana.plans.get(nickname="Studio").shipping_address
    assert doubted is not None
    doubts.came_back(ana.pk, doubted.as_ship_to(), scene.NOW - DAY)
    page = read(clerk(), ana)
    for said in (
        f"Say: A parcel came back from {doubted.line1}, {doubted.city}: the carrier could not deliver it.",
        "is held: The street looks odd. Look at the order",
        "Their bank asks $9.99 of order",
        "waits for a second person to agree, asked by eve@ink.example",
        "Say: You told us on Tue 25 Nov: it is damaged.",
        "A mail did not reach them: “Bounced”",
    ):
        assert said in page, said
    assert "See the dispute" not in page  # that page is finance's
    assert "See the dispute" in read(_client(staff("Finance", "fin@ink.example")), ana)


def _ask_a_second_person(charge: Charge) -> None:
    known = {"amount_cents": 900, "why": "goodwill", "note": "Sorry.", "key": uuid4(), "asked_at": scene.NOW}
    eve = staff("Support", "eve@ink.example")
    RefundRequest.objects.create(charge=charge, asked_by=eve, needs_second=True, **known)


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_customer_with_whom_all_is_well() -> None:
    ben = UserFactory.create(full_name="Ben Ode")
    notes.add(ben, Written("Asked about XL.", uuid4()), dana(), ben.date_joined)
    page = read(clerk(), ben)
    assert "Nothing is wrong here. Last note:" in page
    assert "Asked about XL." in page
    assert "No order is under way." in page
    assert "No printer is connected." in page


@pytest.mark.parametrize(
    ("role", "hidden"),
    [
        ("Finance", ("Printers", "Addresses", "Change the address", "Verify caller: send", "No printer is connected.")),
        ("Support", ()),
    ],
)
def test_a_role_reads_what_it_may(ana: User, role: str, hidden: tuple[str, ...]) -> None:
    page = read(clerk(role), ana)
    assert [text for text in hidden if text in page] == []
    assert "Charged $20.99" in page
    assert "Money so far Charged" in page
    assert ("Change the address" in page) is (role == "Support")


def test_money_is_hidden_from_who_may_not_view_charges(ana: User) -> None:
    viewer = UserFactory.create(is_staff=True, email="vic@ink.example")
    client = clerk()
    group = dana().groups.get()
    rights = group.permissions.exclude(content_type__app_label="billing")
    dana().groups.clear()
    dana().user_permissions.set(rights)
    page = read(client, ana)
    assert viewer.email not in page
    assert "Open orders" in page
    assert "Charged $" not in page
    assert "Money so far" not in page
    assert "Cards" not in page


def more_orders(ana: User, count: int) -> None:
    """Placed, with a line and two steps each."""
    plan = Plan.objects.get(nickname="Front desk")
    for n in range(count):
        order = OrderFactory.create(plan=plan, placed_at=scene.NOW - n * DAY, status="backordered")
        OrderLineFactory.create(order=order, open=False)
        for status in ("placed", "backordered"):
            OrderEventFactory.create(order=order, status=status, at=order.placed_at, due_at=None)


def queries(client: Client, ana: User) -> int:
    with CaptureQueriesContext(connection) as captured:
        html(client, ana)
    return len(captured)


def test_thirty_orders_ask_no_more_than_three(ana: User) -> None:
    client = clerk()
    few = queries(client, ana)
    more_orders(ana, 27)
    assert Order.objects.filter(user=ana, status="backordered").count() == 28
    assert queries(client, ana) == few <= AT_MOST


def test_the_story_has_everything_under_its_chips(ana: User) -> None:
    notes.add(ana, Written("Has a dog.", uuid4()), dana(), scene.NOW)
    client = clerk()
    by_chip = {
        "orders": "Left the warehouse. UPS, tracking number",
        "money": "The bank refused Visa 4242.",
        "mail": "We wrote to you:",
        "printer": "below this printer&#x27;s mark of 15 %. We ordered one on",
        "people": "dana@ink.example wrote: “Has a dog.”",
    }
    whole = read(client, ana).partition("What happened")[2]
    pages = {chip: read(client, ana, chip=chip).partition("What happened")[2] for chip in by_chip}
    for chip, said in by_chip.items():
        assert said in whole, said
        assert [each for each in pages if said in pages[each]] == [chip]


def test_mails_open_as_they_were_sent(ana: User) -> None:
    mail = Message.objects.get(user=ana)
    client = clerk()
    address = f"/admin/notifications/message/{mail.pk}/change/"
    assert address in html(client, ana, chip="mail")
    assert mail.subject in client.get(address).text


def test_a_long_story_is_turned_page_by_page_without_a_gap(ana: User) -> None:
    more_orders(ana, 120)
    boss = UserFactory.create(is_superuser=True, is_staff=True)
    seen: list[str] = []
    before, pages = None, 0
    while pages == 0 or before is not None:
        page = of_user.read(ana, boss, Clock(scene.NOW, "OR"), "orders", before)
        assert 0 < len(page.entries) <= of_user.A_PAGE
        assert [entry.at for entry in page.entries] == sorted((entry.at for entry in page.entries), reverse=True)
        seen += [entry.ref for entry in page.entries]
        before, pages = page.older, pages + 1
    steps = Order.objects.filter(user=ana).values_list("events__pk", flat=True)
    assert sorted(seen) == sorted(f"step {pk}" for pk in steps)
    assert pages == 3


def test_older_is_a_link_and_nonsense_in_it_does_no_harm(ana: User) -> None:
    more_orders(ana, 60)
    client = clerk()
    older = re.search(r'href="(\?chip=&amp;before=[^"#]+)#story"', html(client, ana))
    assert older is not None
    page = client.get(f"/admin/customers/{ana.pk}/{older[1].replace('&amp;', '&')}").text
    assert "Newest" in page
    for odd in ("yesterday", "2026-99-99T00:00:00Z", "2026-01-01T00:00:00"):
        assert client.get(f"/admin/customers/{ana.pk}/", {"before": odd, "chip": "nothing"}).status_code == 200


def write(client: Client, user: User, **typed: str) -> str:
    form = {"text": "Call back.", "key": str(uuid4()), "follow_up_on": "2025-12-01"} | typed
    return client.post(f"/admin/customers/{user.pk}/notes/", form, follow=True).content.decode()


def test_a_note_is_kept_once_and_followed_up_once(ana: User) -> None:
    client, key = clerk(), str(uuid4())
    assert "The note is kept." in write(client, ana, key=key)
    assert "That note was kept before." in write(client, ana, key=key)
    note = Note.objects.get()
    assert (note.text, note.by, note.follow_up_on) == ("Call back.", dana(), date(2025, 12, 1))
    assert "follow up on 2025-12-01" in read(client, ana)
    done = f"/admin/customers/{ana.pk}/notes/{note.pk}/done/"
    assert "That was done before." not in client.post(done, follow=True).content.decode()
    assert "That was done before." in client.post(done, follow=True).content.decode()
    other = UserFactory.create()
    assert client.post(f"/admin/customers/{other.pk}/notes/{note.pk}/done/").status_code == 404


@pytest.mark.parametrize("typed", [{"text": ""}, {"text": "x" * 2001}, {"follow_up_on": "soon"}, {"key": "none"}])
def test_what_is_no_note_is_not_kept(ana: User, typed: dict[str, str]) -> None:
    assert "The note was not kept." in write(clerk(), ana, **typed)
    assert not Note.objects.exists()


def test_an_old_follow_up_stays_in_sight(ana: User) -> None:
    notes.add(
        ana, Written("Old, and to be done.", uuid4(), follow_up_on=date(2025, 12, 1)), dana(), scene.NOW - 90 * DAY
    )
    for n in range(25):
        notes.add(ana, Written(f"Note {n}.", uuid4()), dana(), scene.NOW - n * DAY)
    assert read(clerk(), ana).index("Old, and to be done.") < read(clerk(), ana).index("Wrong right now")
