"""The link of the activation mail: GET shows, POST opens the account once, and afterwards one signs in."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.test import Client

from enrollment import invitations, lifecycle
from enrollment.models import Plan, PlanEvent, User
from notifications import outbox
from tests.factories import NOW, PrinterModelFactory, UserFactory
from tests.post import latest_link


@pytest.fixture
def plan(db: None) -> Iterator[Plan]:
    """Pending, of somebody who never signed in."""
    with time_machine.travel(NOW, tick=False):
        user = UserFactory.create(email="ana@example.com", password="!")
        yield lifecycle.create_plan(user, PrinterModelFactory.create(), now=NOW, by="Shop")


@pytest.fixture
def link(plan: Plan) -> str:
    return f"/welcome/{invitations.sign(plan)}/"


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_looking_changes_nothing(client: Client, plan: Plan, link: str) -> None:
    page = client.get(link).content.decode()
    assert f"Auto replenishment for your {plan.model}" in page
    assert "ana@example.com" not in page
    assert not signed_in(client)
    assert not EmailAddress.objects.exists()


def test_the_button_opens_the_account_and_leads_to_the_plan(client: Client, plan: Plan, link: str) -> None:
    answer = client.post(link)
    assert answer["Location"] == f"/account/replenishment/{plan.pk}/set-up/"
    assert client.get(answer["Location"]).status_code == 200
    assert EmailAddress.objects.get().verified


def test_pressed_twice_it_leads_to_the_plan_twice(client: Client, plan: Plan, link: str) -> None:
    assert client.post(link)["Location"] == client.post(link)["Location"] == f"/account/replenishment/{plan.pk}/set-up/"


def test_it_signs_in_the_first_time_alone(client: Client, plan: Plan, link: str) -> None:
    client.post(link)
    later = Client()
    assert later.post(link)["Location"] == f"/accounts/login/?next=/account/replenishment/{plan.pk}/set-up/"
    assert not signed_in(later)


def test_the_mail_has_the_link(client: Client, plan: Plan) -> None:
    outbox.read_plan_events(list(PlanEvent.objects.values_list("pk", flat=True)), NOW)
    assert client.post(latest_link())["Location"] == f"/account/replenishment/{plan.pk}/set-up/"


@pytest.mark.parametrize("broken", ["old", "forged"])
def test_a_link_that_does_not_work_says_what_to_do(client: Client, plan: Plan, link: str, broken: str) -> None:
    if broken == "old":
        with time_machine.travel(NOW + timedelta(days=31), tick=False):
            answers = [client.get(link), client.post(link)]
    else:
        answers = [client.get("/welcome/forged/"), client.post("/welcome/forged/")]
    assert [answer.status_code for answer in answers] == [410, 410]
    assert "This link has run out" in answers[0].content.decode()
    assert not signed_in(client)


def test_somebody_elses_session_gives_way(client: Client, plan: Plan, link: str) -> None:
    client.force_login(UserFactory.create())
    client.post(link)
    assert client.session["_auth_user_id"] == str(plan.user.pk)


def test_a_closed_account_is_not_opened(client: Client, plan: Plan, link: str) -> None:
    User.objects.update(is_active=False)
    assert client.post(link)["Location"].startswith("/accounts/login/")
    assert not signed_in(client)
