"""A mail once more: word for word, once a page, to where its owner reads mail now."""

import re
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from enrollment.models import User
from notifications.models import HIDDEN, Message
from tests.billing.paid import staff
from tests.factories import NOW, MessageFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def eve() -> Client:
    client = Client()
    client.force_login(staff("Support", "eve@example.com"))
    return client


def address(message: Message) -> str:
    return f"/admin/notifications/message/{message.pk}/again/"


def said(response: Any) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def key_of(page: Any) -> dict[str, str]:
    found = re.search(r'name="key" value="([\w-]{36})"', page.text)
    assert found is not None
    return {"key": found[1]}


def test_the_page_shows_it_and_sends_nothing(eve: Client) -> None:
    mail = MessageFactory.create()
    page = eve.get(address(mail))
    assert mail.subject in page.text
    assert mail.text.strip() in page.text
    assert f"Send it to {mail.to}" in page.text
    assert Message.objects.count() == 1
    assert address(mail) in eve.get(f"/admin/notifications/message/{mail.pk}/change/").text


def test_it_goes_once_to_where_its_owner_reads_mail_now(eve: Client) -> None:
    mail = MessageFactory.create()
    User.objects.filter(messages=mail).update(email="ana.new@example.com")
    key = key_of(eve.get(address(mail)))
    answers = [eve.post(address(mail), key) for _ in range(2)]
    copy = Message.objects.exclude(pk=mail.pk).get()
    assert (copy.to, copy.subject, copy.text, copy.html) == ("ana.new@example.com", mail.subject, mail.text, mail.html)
    assert copy.due_at is not None
    assert said(answers[0]) == "It goes to ana.new@example.com once more."


@pytest.mark.parametrize(
    ("mail", "sentence"),
    [
        ({"sent_at": None, "due_at": NOW}, "It is still to be sent: wait for that first."),
        (
            {"text": f"https://x/{HIDDEN}/"},
            "It held a link or a code that opens something, and that is forgotten by now.",
        ),
    ],
)
def test_what_cannot_go_again_says_why(eve: Client, mail: dict[str, Any], sentence: str) -> None:
    kept = MessageFactory.create(**mail)
    for answer in (eve.get(address(kept)), eve.post(address(kept), {"key": "00000000-0000-4000-8000-000000000000"})):
        assert sentence in said(answer)
    assert Message.objects.count() == 1


def test_a_page_that_was_not_ours_sends_nothing(eve: Client) -> None:
    mail = MessageFactory.create()
    assert said(eve.post(address(mail), {"key": "x"})) == "Open the page once more: it was not sent whole."
    assert Message.objects.count() == 1


@pytest.mark.parametrize("role", ["Warehouse", "Catalogue", "Finance"])
def test_others_may_not(role: str) -> None:
    mail = MessageFactory.create()
    client = Client()
    client.force_login(staff(role, "max@example.com"))
    assert client.post(address(mail), {"key": "00000000-0000-4000-8000-000000000000"}).status_code == 403
    assert Message.objects.count() == 1
