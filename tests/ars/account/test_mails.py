"""Mails we sent you: one's own, as they were sent."""

from datetime import timedelta

from django.test import Client

from enrollment.models import User
from tests.ars.account.conftest import text_of
from tests.factories import NOW, MessageFactory

LIST = "/account/notifications/"


def test_without_mails_it_says_when_the_first_comes(client: Client) -> None:
    assert "No mails yet. The first one comes when something is ordered." in text_of(client, LIST)


def test_mails_are_listed_newest_first(client: Client, ana: User) -> None:
    MessageFactory.create(user=ana, subject="First", created_at=NOW - timedelta(days=1))
    MessageFactory.create(user=ana, subject="Second")
    MessageFactory.create(subject="Somebody else's")
    page = text_of(client, LIST)
    assert page.index("Second Mon 23 Nov, 5:00 am") < page.index("First Sun 22 Nov, 5:00 am")
    assert "Somebody else's" not in page


def test_a_mail_is_shown_as_it_was_sent(client: Client, ana: User) -> None:
    mail = MessageFactory.create(user=ana, text="Hello,\n  two  lines & <b>more</b>.\n", html="<p>HTML</p>")
    page = client.get(f"{LIST}{mail.pk}/").content.decode()
    assert "Hello,\n  two  lines &amp; &lt;b&gt;more&lt;/b&gt;.\n</pre>" in page
    assert "<p>HTML</p>" not in page
    assert f"to {ana.email}" in page


def test_what_has_not_left_says_so(client: Client, ana: User) -> None:
    mail = MessageFactory.create(user=ana, sent_at=None, due_at=NOW)
    assert "It has not left yet." in text_of(client, f"{LIST}{mail.pk}/")


def test_anothers_mail_is_not_there(client: Client) -> None:
    assert client.get(f"{LIST}{MessageFactory.create().pk}/").status_code == 404


def test_twenty_a_page(client: Client, ana: User) -> None:
    MessageFactory.create_batch(21, user=ana)
    assert "Page 1 of 2 Older mails" in text_of(client, LIST)
    assert "Newer mails Page 2 of 2" in text_of(client, f"{LIST}?page=2")
