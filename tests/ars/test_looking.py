"""Staff look at a customer's own pages: shown and read-only, by the right ones, for half an hour, and nothing else."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.contrib.messages import get_messages
from django.db import DatabaseError
from django.http import HttpRequest
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone
from pytest_django import Settings

from ars import looking
from enrollment import looks
from enrollment.closing import close
from enrollment.models import Change, Look, Plan, User
from notifications.models import Message
from orders.models import Order
from tests.ars.test_access import ADDRESSES
from tests.ars.test_customer import read
from tests.billing.paid import staff
from tests.browser import scene
from tests.browser.tour import own_pages
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
HALF = timedelta(minutes=30)


@pytest.fixture
def clock(db: None) -> Iterator[time_machine.Traveller]:
    with time_machine.travel(scene.NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def ana(clock: time_machine.Traveller) -> User:
    return scene.ana()


def clerk(role: str = "Support") -> Client:
    client = Client()
    client.force_login(User.objects.filter(email="dana@ink.example").first() or staff(role, "dana@ink.example"))
    return client


def begin(client: Client, user: User) -> Any:
    return client.post(f"/admin/customers/{user.pk}/look/", {"why": "Cannot find the number."})


@pytest.fixture
def dana(ana: User) -> Client:
    """She looks at Ana's account."""
    client = clerk()
    assert begin(client, ana)["Location"] == "/account/"
    return client


def banner(page: Any) -> str:
    found = re.search(r'<aside class="look".*?</aside>', page.text, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split()) if found else ""


def test_she_sees_what_ana_sees_and_whose_it_is(ana: User, dana: Client) -> None:
    own = Client()
    own.force_login(ana)
    page = dana.get("/account/")
    assert banner(page) == "Ana Ruiz’s account, read-only. dana@ink.example looks until 18:00 UTC. Leave"
    assert "Sign out" not in page.text
    assert "no-store" in page.headers["Cache-Control"]

    def content(html: str) -> str:
        return " ".join(re.sub(r"<[^>]+>", " ", html.partition("<main")[2]).split())

    assert content(page.text) == content(own.get("/account/").text)


def test_every_page_of_hers_is_shown_with_the_banner_or_refused(ana: User, dana: Client) -> None:
    """Shown, it wrote nothing and gives no key away; of the others there is a page that says no."""
    pages = own_pages(ana)
    outcomes = {name: dana.get(address) for name, address in pages.items()}
    for name, page in outcomes.items():
        assert "Ana Ruiz’s account, read-only." in banner(page), name
        assert page.status_code in (200, 403), name
        assert not re.search(r"/(?:mail/\w+|pay|welcome|has-it-come|is-it-in)/[^/\"]+:", page.text), name
    refused = {name for name, page in outcomes.items() if page.status_code == 403}
    assert {"sign-in-settings", "password-again", "pay", "plan-studio-payment-method", "activate"} <= refused
    assert {name for name in refused if name in ("account", "orders", "mails", "replenishment")} == set()
    assert not any(name.startswith(("plan-front", "order-shipped", "mail-")) for name in refused)
    assert dana.session[looking.KEY] == Look.objects.get().pk


def test_no_card_is_typed_and_no_bank_is_asked(ana: User, dana: Client) -> None:
    order = Order.objects.get(status="payment_failed")
    address = f"/account/orders/{order}/"
    for status, outcome in (("declined", "insufficient_funds"), ("needs_authentication", "authentication_required")):
        order.charges.update(status=status, outcome=outcome)
        page = dana.get(address)
        assert page.status_code == 200
        assert "nobody does while you look" in page.text
        assert "<script" not in page.text
        assert "data-card-entry" not in page.text
        assert "data-confirm-payment" not in page.text


def test_a_mail_is_shown_without_what_acts(ana: User, dana: Client) -> None:
    mail = Message.objects.get(user=ana)
    link = f"https://ink.example/pay/{'x' * 20}:1abc:sig/"
    Message.objects.filter(pk=mail.pk).update(text=f"Pay here: {link.replace('https://ink.example', '')} Thanks.")
    page = dana.get(f"/account/notifications/{mail.pk}/")
    assert "Pay here: [link] Thanks." in page.text


def account_of(user: User) -> list[Any]:
    rows = [Plan.objects.filter(user=user), Order.objects.filter(user=user), User.objects.filter(pk=user.pk)]
    return [list(each.order_by("pk").values()) for each in rows]


def test_no_button_of_any_page_does_anything(ana: User, dana: Client) -> None:
    before = account_of(ana)
    sent = {
        re.sub(r"<\w+:(\w+)>", lambda found: str(values(ana)[found[1]]), f"/{address}") for address in own_addresses()
    }
    assert len(sent) > 40
    for address in sorted(sent):
        for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
            answer = dana.generic(method, address)
            assert (answer.status_code, "nothing was changed" in answer.text) == (403, True), (method, address)
    assert account_of(ana) == before


def own_addresses() -> list[str]:
    return [each for each in ADDRESSES if re.match(r"(account|accounts|activate|enroll|pay|mail)/[^^]*$", each)]


def values(ana: User) -> dict[str, object]:
    plan = Plan.objects.filter(user=ana).earliest("pk")
    known = {"plan_id": plan.pk, "slot_id": plan.model.slots.all()[0].pk, "series": "pixma", "slug": "tr8620"}
    order = Order.objects.filter(user=ana).earliest("pk")
    return known | {"number": order.number, "message_id": Message.objects.get(user=ana).pk, "signed": "x", "key": "x"}


def test_what_writes_is_refused_by_the_database(ana: User, dana: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Should a page that is shown write one day, it does not."""

    def writes(request: HttpRequest, *args: object, **named: object) -> Any:
        User.objects.filter(pk=ana.pk).update(full_name="Somebody else")

    monkeypatch.setattr("ars.account.views.Overview", writes)
    assert dana.get("/account/").status_code == 403
    ana.refresh_from_db()
    assert ana.full_name == "Ana Ruiz"
    User.objects.filter(pk=ana.pk).update(full_name="Ana R.")  # afterwards one may write again

    def breaks(*args: object) -> None:
        raise DatabaseError

    monkeypatch.setattr("ars.account.views.Overview", breaks)
    with pytest.raises(DatabaseError):
        dana.get("/account/")


def test_public_pages_and_the_back_office_stay_and_say_so(ana: User, dana: Client) -> None:
    for address in ("/", "/prices/", "/admin/", f"/admin/customers/{ana.pk}/"):
        page = dana.get(address)
        assert page.status_code == 200
        said = "You look at Ana Ruiz’s account" if "admin" in address else "Ana Ruiz’s account, read-only."
        assert said in banner(page), address
    assert "dana@ink.example" in dana.get("/admin/").text
    missing = dana.get("/account/replenishment/999999/")
    assert (missing.status_code, "Ana Ruiz’s account" in banner(missing)) == (404, True)


def test_she_leaves_and_both_ends_are_facts(ana: User, dana: Client, clock: time_machine.Traveller) -> None:
    clock.shift(timedelta(minutes=5))
    for where in (f"/admin/customers/{ana.pk}/", "/admin/"):
        assert dana.post("/admin/look/leave/")["Location"] == where
    look = Look.objects.get()
    assert (look.by.email, look.ended_at) == ("dana@ink.example", scene.NOW + timedelta(minutes=5))
    story = read(dana, ana)
    assert "dana@ink.example looked at their pages, read-only: “Cannot find the number.”" in story
    assert "dana@ink.example left their pages." in story
    changes = Change.objects.filter(model="enrollment.look").order_by("pk")
    assert [(change.who, change.about_id) for change in changes] == [("dana@ink.example", ana.pk)] * 2
    assert banner(dana.get("/account/")) == ""
    assert "Ana" not in dana.get("/account/").text


def test_after_half_an_hour_it_is_over(ana: User, dana: Client, clock: time_machine.Traveller) -> None:
    clock.shift(HALF - timedelta(seconds=1))
    assert dana.get("/account/").status_code == 200
    clock.shift(timedelta(seconds=1))
    answer = dana.post(f"/account/replenishment/{Plan.objects.filter(user=ana)[0].pk}/resume/")
    assert answer["Location"] == f"/admin/customers/{ana.pk}/"
    assert "is over" in str(list(get_messages(answer.wsgi_request))[-1])
    assert banner(dana.get("/account/")) == ""
    assert Look.objects.get().ended_at is None
    assert "saw their pages no more: the time was over" in read(dana, ana)


def test_signing_out_leaves_too(ana: User, dana: Client) -> None:
    dana.post("/admin/logout/")
    assert Look.objects.get().ended_at == scene.NOW
    assert dana.get("/account/")["Location"].startswith("/accounts/login/")


def test_another_window_of_hers_is_not_concerned_nor_anas_session(ana: User, dana: Client) -> None:
    own = Client()
    own.force_login(ana)
    key = own.session.session_key
    assert "Ana" not in clerk().get("/account/").text
    dana.get("/account/")
    assert banner(own.get("/account/")) == ""
    assert own.session.session_key == key
    ana.refresh_from_db()


def test_two_clicks_are_one_look_and_another_customer_ends_it(ana: User, dana: Client) -> None:
    begin(dana, ana)
    assert Look.objects.count() == 1
    ben = User.objects.get(email="ben@example.com")
    begin(dana, ben)
    assert [look.ended_at is None for look in Look.objects.order_by("pk")] == [False, True]
    assert "Ben Ode’s account" in banner(dana.get("/account/"))


def test_her_right_and_her_second_factor_are_asked_for_each_time(ana: User, dana: Client) -> None:
    person = User.objects.get(email="dana@ink.example")
    person.groups.clear()
    assert dana.get("/account/")["Location"] == f"/admin/customers/{ana.pk}/"
    assert looking.KEY not in dana.session
    lead = clerk("Support lead")
    person.groups.set([])
    assert begin(lead, ana).status_code == 403


def test_without_a_second_factor_nobody_looks(ana: User, dana: Client, settings: Settings) -> None:
    person = User.objects.get(email="dana@ink.example")
    Authenticator.objects.filter(user=person).delete()
    assert dana.get("/account/")["Location"] == f"/admin/customers/{ana.pk}/"
    assert begin(dana, ana)["Location"].startswith("/admin/login/")


@pytest.mark.parametrize("who", [{"is_staff": True}, {"is_superuser": True}, {"is_active": False}])
def test_staff_and_closed_accounts_are_not_looked_at(ana: User, who: dict[str, bool]) -> None:
    other = UserFactory.create(**who)
    client = clerk()
    page = client.get(f"/admin/customers/{other.pk}/look/")
    assert ("of staff" in page.text) is ("is_active" not in who)
    assert begin(client, other).status_code == 200
    assert not Look.objects.exists()
    begin(client, ana)
    User.objects.filter(pk=ana.pk).update(**who)  # or becomes one meanwhile
    assert client.get("/account/").status_code == 302
    assert looking.KEY not in client.session


def test_a_reason_is_asked_for(ana: User) -> None:
    page = clerk().post(f"/admin/customers/{ana.pk}/look/", {"why": " "})
    assert "This field is required." in page.text
    assert not Look.objects.exists()


@pytest.mark.parametrize("role", ["Warehouse", "Catalogue", "Finance"])
def test_others_may_not(ana: User, role: str) -> None:
    client = clerk(role)
    assert begin(client, ana).status_code == 403
    assert f"/admin/customers/{ana.pk}/look/" not in clerk(role).get(f"/admin/customers/{ana.pk}/").text


def test_somebody_elses_look_is_no_key(ana: User, dana: Client) -> None:
    """A number in a session that is not theirs opens nothing."""
    eve = Client()
    eve.force_login(staff("Support", "eve@ink.example"))
    session = eve.session
    session[looking.KEY] = Look.objects.get().pk
    session.save()
    assert eve.get("/account/").status_code == 302
    assert looks.current(Look.objects.get().pk, User.objects.get(email="eve@ink.example"), timezone.now()) is None


def test_the_pages_that_are_shown_are_there() -> None:
    named = {str(name) for name in get_resolver().reverse_dict if isinstance(name, str)}
    assert named >= looking.SHOWN
    assert reverse("account") == "/account/"


def test_what_was_written_of_a_closed_account_goes(ana: User, dana: Client) -> None:
    Plan.objects.filter(user=ana).update(status="cancelled", ended_at=scene.NOW)
    close(ana, timezone.now())
    assert Look.objects.get().why == ""
